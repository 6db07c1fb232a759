import ArgumentParser
import CursesTerminal
import Dashboard
import FoundationEssentials
import TerminalCanvas

/// How a screen is to look, for every command that shows one.
struct ScreenOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The theme to start with; T selects the next. `gameday themes` shows them all.", valueName: "name"))
    var theme: String?

    @Option(
        help: ArgumentHelp(
            "Colours: auto, always, never, 16, 256 or truecolor.",
            discussion: "auto follows NO_COLOR, COLORTERM and the terminal's description.", valueName: "when"))
    var color = ColorWish.auto

    @Flag(help: "Start in the projector view: what is broken in block letters. P switches it.")
    var projector = false

    @Flag(help: "Animate traffic on the edges of the graph. M switches it.")
    var moving = false

    @Flag(help: "Select with a click and scroll with the wheel; the terminal's own text selection is then off.")
    var mouse = false

    @Flag(help: "Leave the last frame in the terminal after quitting.")
    var keepScreen = false
}

/// What a person wants of colours.
enum ColorWish: String, CaseIterable, ExpressibleByArgument {
    case auto, always, never
    case sixteen = "16"
    case indexed = "256"
    case trueColor = "truecolor"

    /// The tier for a terminal; nil leaves it to the environment and the terminal's description.
    func tier(_ environment: [String: String]) -> ColorTier? {
        switch self {
        case .auto: nil
        // A person who says always overrules a variable that says never.
        case .always: environment["NO_COLOR"].map { $0.isEmpty } ?? true ? nil : Self.most(environment)
        case .never: .mono
        case .sixteen: .sixteen
        case .indexed: .indexed
        case .trueColor: .trueColor
        }
    }

    /// The tier for text that goes to a pipe, or to a terminal line by line; mono is plain text.
    func printingTier(_ environment: [String: String], isTerminal: Bool) -> ColorTier {
        switch self {
        case .auto where !isTerminal: .mono
        case .auto: environment["NO_COLOR"].map { $0.isEmpty } ?? true ? Self.most(environment) : .mono
        case .always: Self.most(environment)
        case .never: .mono
        case .sixteen: .sixteen
        case .indexed: .indexed
        case .trueColor: .trueColor
        }
    }

    /// What the variables tell of a terminal whose description nobody reads.
    private static func most(_ environment: [String: String]) -> ColorTier {
        if ["truecolor", "24bit"].contains(environment["COLORTERM"]?.lowercased() ?? "") { return .trueColor }
        return environment["TERM"]?.contains("256color") == true ? .indexed : .sixteen
    }
}
