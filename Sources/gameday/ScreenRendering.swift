import Dashboard
import MeshModel
import Recording
import TerminalCanvas

/// Draws the dashboard of a recorded moment without a terminal, for films and pictures.
struct ScreenRendering: Sendable {
    let theme: Theme
    let size: Size

    @Sendable func image(_ state: MeshState, _ at: Timestamp) -> ScreenImage {
        var shown = state
        shown.session?.mode = .replay
        var dashboard = DashboardState(DashboardState.Options(user: "replay", isObserver: true), size: size, now: at)
        _ = dashboard.update(.connection(.connected))
        _ = dashboard.update(.event(Event(number: state.lastNumber, at: at, observation: .keyframe(shown))))
        _ = dashboard.update(.tick(at))
        let canvas = Screen.draw(dashboard)
        let plain = theme.paint(.plain, .trueColor)
        return ScreenImage(
            columns: size.columns, foreground: Self.value(plain.foreground) ?? 0xDDDDDD,
            background: Self.value(plain.background) ?? (theme.background == .dark ? 0x101010 : 0xFFFFFF),
            rows: (0..<size.rows).map { row(canvas, $0) })
    }

    /// Neighbouring cells of one style as one run.
    private func row(_ canvas: Canvas, _ row: Int) -> [ScreenImage.Run] {
        var runs: [ScreenImage.Run] = []
        var before: Style?
        for column in 0..<size.columns {
            let cell = canvas[column, row]
            if cell.style != before || runs.isEmpty { runs.append(run(cell.style)) }
            before = cell.style
            let last = runs.count - 1
            runs[last].columns += 1
            guard cell.glyph != .continuation else { continue }
            runs[last].text.unicodeScalars.append(cell.glyph.scalar)
            if let mark = cell.glyph.mark { runs[last].text.unicodeScalars.append(mark) }
        }
        return runs
    }

    private func run(_ style: Style) -> ScreenImage.Run {
        let paint = theme.paint(style, .trueColor)
        let isReversed = paint.emphasis.contains(.reverse)
        let (front, back) = (Self.value(paint.foreground), Self.value(paint.background))
        var run = ScreenImage.Run(
            "", columns: 0, foreground: isReversed ? back : front, background: isReversed ? front : back)
        run.isBold = paint.emphasis.contains(.bold)
        run.isDim = paint.emphasis.contains(.dim)
        run.isUnderlined = paint.emphasis.contains(.underline)
        return run
    }

    private static func value(_ ink: Ink) -> UInt32? {
        ink.color.map { UInt32($0.red) << 16 | UInt32($0.green) << 8 | UInt32($0.blue) }
    }
}
