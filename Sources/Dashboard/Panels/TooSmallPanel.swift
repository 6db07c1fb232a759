import MeshModel
import TerminalCanvas

/// What is said where nothing can be drawn: one sentence, and that the halt still works.
struct TooSmallPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let active = state.mesh.activeFaults.count
        let halt = state.whyNot(.halt) == nil ? ": \(state.keys(of: .halt)) halts" : ""
        let faults = active == 0 ? "" : " \(active) fault\(active == 1 ? " is" : "s are") active\(halt)."
        let smallest = Regions.smallest
        let words =
            "Window too small: gameday needs \(smallest.columns)x\(smallest.rows),"
            + " this is \(state.size.columns)x\(state.size.rows).\(faults)"
        let lines = Text.wrapped(words, to: area.columns)
        let top = max(0, (area.rows - lines.count) / 2)
        for (index, line) in lines.enumerated() {
            let shift = (area.columns - Text.width(line)) / 2
            canvas.put(line, Style(.text), at: Point(area.column + shift, area.row + top + index), in: area)
        }
    }
}
