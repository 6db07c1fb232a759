import ArgumentParser
import Dashboard
import FoundationEssentials
import Glibc
import MeshClient
import MeshModel
import TerminalCanvas

/// One picture of the dashboard on standard output.
struct OnePicture {
    let screen: ScreenOptions
    let size: ScreenSize?
    var isObserver = false

    /// A control plane that was just started knows nothing for a moment.
    private static let patience = Duration.seconds(3)

    func show(_ client: ControlPlaneClient) async throws {
        let environment = ProcessInfo.processInfo.environment
        let theme: Theme
        do {
            let files = ThemeFiles(environment: environment, executableFolder: Executable.directory)
            theme = try files.theme(
                screen.projector ? DashboardState.projectorTheme : screen.theme ?? Background.theme(environment))
        } catch {
            throw ExitCode.badDocument("gameday: \(error)")
        }
        let options = DashboardState.Options(
            user: Environment.user, isObserver: isObserver, keymap: try KeyFile.keymap(environment),
            isProjecting: screen.projector)
        let size = size?.size ?? ScreenSize.ofTerminal(environment)
        var (state, clock) = await Self.observed(client, DashboardState(options, size: size, now: .now))
        _ = state.update(.tick(clock.now))
        let canvas = Screen.draw(state, glyphs: .detected(in: environment))
        let tier = screen.color.printingTier(environment, isTerminal: isatty(STDOUT_FILENO) == 1)
        Output.painted(tier == .mono ? canvas.lines : canvas.painted(theme, tier))
        if Output.hasLostWords { throw ExitCode.failure }
    }

    /// The state once every proxy was heard, or as it is when patience ends, and what time it is there.
    private static func observed(
        _ client: ControlPlaneClient, _ start: DashboardState
    ) async -> (DashboardState, FeedClock) {
        let (states, sender) = AsyncStream.makeStream(
            of: (DashboardState, FeedClock).self, bufferingPolicy: .bufferingNewest(1))
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var (state, clock) = (start, FeedClock())
                for await element in client.feed() {
                    guard case .event(let event) = element else { continue }
                    _ = state.update(.connection(.connected))
                    _ = state.update(.event(event))
                    clock.hear(event.at)
                    sender.yield((state, clock))
                    if state.hasHeardAll { break }
                }
                sender.finish()
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                sender.finish()
            }
            var last = (start, FeedClock())
            for await state in states { last = state }
            group.cancelAll()
            return last
        }
    }
}

/// A size as people write it: `120x40`.
struct ScreenSize: ExpressibleByArgument, Equatable {
    let size: Size

    init?(argument: String) {
        let sides = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let columns = sides[0], let rows = sides[1], (1...1000).contains(columns),
            (1...500).contains(rows)
        else { return nil }
        size = Size(columns, rows)
    }

    var defaultValueDescription: String { "\(size.columns)x\(size.rows)" }

    /// The terminal's size without the row that the shell's next prompt takes; elsewhere what the variables say, or 80x24.
    static func ofTerminal(_ environment: [String: String]) -> Size {
        var window = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 1 {
            return Size(min(Int(window.ws_col), 1000), min(Int(window.ws_row), 500) - 1)
        }
        let told = ["COLUMNS", "LINES"].map { environment[$0].flatMap { Int($0) } }
        guard let columns = told[0], let rows = told[1], (20...1000).contains(columns), (5...500).contains(rows) else {
            return Size(80, 24)
        }
        return Size(columns, rows)
    }
}
