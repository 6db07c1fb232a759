import Dashboard
import MeshModel
import TerminalCanvas
import TestKit
import Testing

/// The screens as a person sees them, each in a file that a person has looked at.
struct FrameTests {
    static let sizes = [Size(40, 10), Size(60, 20), Size(80, 24), Size(120, 40), Size(200, 60)]

    @Test(arguments: sizes)
    func `the overview at every size`(size: Size) {
        let day = BarDay.broken(size)
        Golden.check(CanvasText.describe(Screen.draw(day.state)), "overview-\(size.columns)x\(size.rows).frame")
    }

    @Test(arguments: sizes.dropFirst())
    func `the objectives while they burn, at every size`(size: Size) {
        var day = BarDay.broken(size)
        day.press("3")
        Golden.check(
            CanvasText.describe(Screen.draw(day.state)), "objectives-broken-\(size.columns)x\(size.rows).frame")
    }
}
