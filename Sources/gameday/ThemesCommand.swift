import ArgumentParser
import Dashboard
import FoundationEssentials
import Glibc
import TerminalCanvas

/// `gameday themes`: the themes there are, each with a glance at it.
struct ThemesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "themes", abstract: "List the themes and show how they look.",
        discussion: """
            Your own theme is a YAML file in $XDG_CONFIG_HOME/gameday/themes that inherits from one of these. A theme whose \
            text is not readable, or whose states cannot be told apart, is refused with the pair of colours and its contrast.
            """)

    @Option(help: ArgumentHelp("Colours: auto, always, never, 16, 256 or truecolor.", valueName: "when"))
    var color = ColorWish.auto

    func run() {
        let environment = ProcessInfo.processInfo.environment
        let files = ThemeFiles(environment: environment, executableFolder: Executable.directory)
        let tier = color.printingTier(environment, isTerminal: isatty(STDOUT_FILENO) == 1)
        let glyphs = Glyphs.detected(in: environment)
        for name in files.names {
            let about = files.about(name)
            Output.line("\(Text.fitted(name, to: 12)) \(about.words)" + (about.path.map { "  (\($0))" } ?? ""))
            do {
                let theme = try files.theme(name)
                if tier > .mono || name == "mono" {
                    let glance = ThemeGlance.draw(glyphs)
                    Output.painted(tier == .mono ? glance.lines : glance.painted(theme, tier))
                }
            } catch {
                for problem in error.problems { Output.line("  refused: \(problem)") }
            }
        }
    }
}

/// A few words in every meaning that a theme has a look for.
enum ThemeGlance {
    static func draw(_ glyphs: Glyphs) -> Canvas {
        var canvas = Canvas(Size(76, 4), glyphs: glyphs)
        let states: [(StyleRole, String)] = [
            (.ok, "ok"), (.warn, "warn"), (.bad, "BAD"), (.fault, "F1 ABORT 503"), (.stale, "gone"), (.fresh, "new"),
        ]
        let spans = states.flatMap { role, word -> [Span] in
            [Span(" \(glyphs.mark(role) ?? " ") \(word) ", Style(role, .bold)), Span("  ")]
        }
        canvas.put([Span(" ")] + spans, at: Point(0, 0))
        let words: [(StyleRole, String)] = [
            (.title, "title"), (.text, "text"), (.muted, "muted"), (.accent, "accent"), (.key, "key"), (.lease, "0:42"),
            (.input, " typed "), (.banner, " SIMULATED "),
        ]
        canvas.put([Span("  ")] + words.flatMap { [Span($1, Style($0)), Span("  ")] }, at: Point(0, 1))
        canvas.put("  a selected row with ok and fault marks", at: Point(0, 2))
        canvas.lay(.selected, behind: canvas.area.line(2))
        let charts: [StyleRole] = [.chart1, .chart2, .chart3, .chart4, .band, .limit, .border, .focusBorder]
        let line = String(repeating: Character(glyphs.line(.heavy, isHorizontal: true).scalar), count: 7)
        canvas.put([Span("  ")] + charts.flatMap { [Span(line, Style($0)), Span("  ")] }, at: Point(0, 3))
        return canvas
    }
}
