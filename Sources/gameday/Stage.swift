import ArgumentParser
import CursesTerminal
import Dashboard
import FoundationEssentials
import TerminalCanvas

/// What a dashboard needs before its first frame: the theme, the keys, and the terminal. Whatever is wrong with one of
/// them is told before the screen is taken.
struct Stage {
    let terminal: CursesTerminal
    var shelf: ThemeShelf
    let keymap: Keymap
    /// The terminal was asked what lies behind its text.
    let asksBackground: Bool
    private let options: ScreenOptions

    /// How long the first frame waits for the answer: longer than a terminal takes, shorter than a person notices.
    static let backgroundTime = Duration.milliseconds(40)

    init(_ options: ScreenOptions) throws {
        let environment = ProcessInfo.processInfo.environment
        keymap = try KeyFile.keymap(environment)
        asksBackground = options.theme == nil && Background.canBeAsked(environment)
        do {
            let files = ThemeFiles(environment: environment, executableFolder: Executable.directory)
            shelf = try ThemeShelf(files, first: options.theme ?? Background.theme(environment))
            if options.projector { try shelf.open(DashboardState.projectorTheme) }
        } catch {
            throw ExitCode.badDocument("gameday: \(error)")
        }
        do {
            terminal = try CursesTerminal(
                CursesTerminal.Options(
                    environment: environment, colors: options.color.tier(environment), hasMouse: options.mouse,
                    asksBackground: asksBackground))
        } catch {
            throw ExitCode.unavailable("gameday: \(error)")
        }
        self.options = options
    }

    /// How a dashboard on this stage begins.
    func settings(user: String, isObserver: Bool = false) -> DashboardState.Options {
        DashboardState.Options(
            user: user, isObserver: isObserver, themes: shelf.names, keymap: keymap, isProjecting: options.projector,
            followsBackground: options.theme == nil, isTrafficMoving: options.moving)
    }

    /// Gives the terminal back; the last picture stays in it when that was wished for.
    func close(leaving last: Canvas?, _ theme: Theme) async {
        let colors = terminal.colors
        await terminal.close()
        guard options.keepScreen, let last else { return }
        Output.painted(colors == .mono ? last.lines : last.painted(theme, colors))
    }
}
