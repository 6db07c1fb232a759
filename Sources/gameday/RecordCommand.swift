import ArgumentParser
import Glibc
import MeshClient
import MeshModel
import Recording

/// `gameday record FILE`: writes what the control plane sees into a file, without a screen.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record the day that a control plane sees, until interrupted.",
        discussion: """
            Data, not pixels: `gameday replay FILE` shows it again in any size and theme, `gameday export` tells it to \
            others. It begins with all that is known and ends with the control plane, or with Ctrl-C.

              gameday record monday.jsonl
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Argument(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"), completion: .file())
    var file: String

    mutating func run() async throws {
        if Self.exists(file) {
            throw ExitCode.failure.telling("gameday: \(file) exists already; a recording is never written over.")
        }
        let client = try location.client()
        _ = try await asking { () async throws(ControlPlaneError) in try await client.health() }
        let interruptions = Interruptions()
        let signals = interruptions.signals
        await withTaskGroup(of: Void.self) { [file] group in
            group.addTask { await Self.record(client, to: file) }
            group.addTask { for await _ in signals { return } }
            await group.next()
            group.cancelAll()
        }
        withExtendedLifetime(interruptions) {}
    }

    /// Returns at the end of the day, or when its task is cancelled.
    private static func record(_ client: ControlPlaneClient, to file: String) async {
        var state = MeshState()
        var writer: RecordingWriter?
        var flushed = Timestamp.now
        feed: for await element in client.feed() {
            switch element {
            case .event(let event):
                state.apply(event)
                let writing =
                    writer
                    ?? RecordingWriter(
                        path: file,
                        header: RecordingHeader(
                            program: "gameday \(Gameday.version)", created: .now, session: state.session))
                writer = writing
                writing.append(event, state: state)
                if Timestamp.now.seconds(since: flushed) >= 1 {
                    flushed = .now
                    tell(writing.flush())
                }
            case .lost(let error): Output.error("gameday: \(error.summary)")
            case .anew, .ended: break feed
            }
        }
        tell(writer?.close())
    }

    private static func tell(_ report: RecordingWriter.Report?) {
        switch report {
        case .stopped(let trouble):
            Output.error("gameday: \(trouble.summary)" + (trouble.remedy.map { "\n\($0)" } ?? ""))
        case .resumed(let lost): Output.error("gameday: recording again; \(lost) events are missing")
        case nil: break
        }
    }

    private static func exists(_ file: String) -> Bool { access(file, F_OK) == 0 }
}
