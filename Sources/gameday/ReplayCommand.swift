import ArgumentParser
import Glibc
import Recording

/// `gameday replay FILE`: the dashboard on a recorded day.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Play a recording on the dashboard.",
        discussion: """
            The same screens and keys as live, and these: space plays and pauses, , and . go back and forward by five \
            seconds (by one poll while paused), Shift with an arrow by 10% of the recording, [ and ] to the previous \
            and next event, < and > change the speed, m marks a moment and ' goes to the next mark. / searches for text, or \
            for a condition such as "p99 of taps > 300ms"; } and { go to the next and the previous match. No key changes a \
            mesh, except that ! still halts a control plane that runs at the socket.
            """)

    @OptionGroup var recording: RecordingFile
    @OptionGroup var location: ControlPlaneLocation

    @Option(help: ArgumentHelp("Speed, from 0.25 to 64.", valueName: "times"))
    var speed = 1.0

    @Option(help: ArgumentHelp("Where to start, such as 90s, 2m30s or 50%.", valueName: "time"))
    var at: RecordingMoment?

    @Flag(help: "Start paused.")
    var paused = false

    @Flag(help: "Print the whole recording at once, one sentence per event, instead of a screen.")
    var linear = false

    @OptionGroup var screen: ScreenOptions

    mutating func validate() throws {
        guard (0.25...64).contains(speed) else { throw ValidationError("--speed must be between 0.25 and 64.") }
    }

    mutating func run() async throws {
        let reader = try recording.open()
        if linear { return LinearReplay.tell(reader) }
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw ExitCode.unavailable(
                "gameday: a replay needs a terminal. Without one, run `gameday replay --linear` or `gameday export`."
            )
        }
        DashCommand.restartWithQuietCrashes()
        var replay = Replay(reader)
        replay.setSpeed(speed)
        if let at { _ = replay.seek(to: at.timestamp(in: reader)) }
        if paused { replay.pause() }
        let session = ReplaySession(
            client: try location.client(), screen: screen, log: location.dashboardLog, story: reader.story())
        try await session.run(replay)
    }
}
