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
        return Self.image(of: Screen.draw(dashboard), theme)
    }

    /// A canvas as a picture.
    static func image(of canvas: Canvas, _ theme: Theme) -> ScreenImage {
        let plain = theme.paint(.plain, .trueColor)
        return ScreenImage(
            columns: canvas.size.columns, foreground: value(plain.foreground) ?? 0xDDDDDD,
            background: value(plain.background) ?? (theme.background == .dark ? 0x101010 : 0xFFFFFF),
            rows: (0..<canvas.size.rows).map { row(canvas, $0, theme) })
    }

    /// Neighbouring cells of one style as one run.
    private static func row(_ canvas: Canvas, _ row: Int, _ theme: Theme) -> [ScreenImage.Run] {
        var runs: [ScreenImage.Run] = []
        var before: Style?
        for column in 0..<canvas.size.columns {
            let cell = canvas[column, row]
            if cell.style != before || runs.isEmpty { runs.append(run(cell.style, theme)) }
            before = cell.style
            let last = runs.count - 1
            runs[last].columns += 1
            guard cell.glyph != .continuation else { continue }
            runs[last].text.unicodeScalars.append(cell.glyph.scalar)
            if let mark = cell.glyph.mark { runs[last].text.unicodeScalars.append(mark) }
        }
        return runs
    }

    private static func run(_ style: Style, _ theme: Theme) -> ScreenImage.Run {
        let paint = theme.paint(style, .trueColor)
        let isReversed = paint.emphasis.contains(.reverse)
        let (front, back) = (value(paint.foreground), value(paint.background))
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
