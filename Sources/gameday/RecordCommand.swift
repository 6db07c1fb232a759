import ArgumentParser
import Glibc
import MeshClient
import MeshModel
import Recording

/// `gameday record FILE`: writes what the control plane sees into a file, without a screen.
struct RecordCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record what a control plane observes, until interrupted.",
        discussion: """
            It records data, not pixels: `gameday replay FILE` shows it in any size and theme, `gameday export` turns it into \
            a report. It starts with the whole current state and ends with the control plane, or with Ctrl-C.

              gameday record monday.jsonl
              gameday record monday.jsonl.bz3      (packed when it ends)
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Argument(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"), completion: .file())
    var file: String

    mutating func run() async throws {
        let isPacked = file.hasSuffix(RecordingFormat.packedSuffix)
        // Lines are only ever added to a file: one that is to be packed is written beside it first.
        let plain = isPacked ? String(file.dropLast(RecordingFormat.packedSuffix.count)) : file
        for file in Set([file, plain]) where Self.exists(file) {
            throw ExitCode.failure.telling("gameday: \(file) already exists; recordings are never overwritten.")
        }
        let client = try location.client()
        _ = try await asking { () async throws(ControlPlaneError) in try await client.health() }
        let interruptions = Interruptions()
        let signals = interruptions.signals
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await Self.record(client, to: plain, isPacked: isPacked) }
            group.addTask { for await _ in signals { return } }
            await group.next()
            group.cancelAll()
        }
        withExtendedLifetime(interruptions) {}
        if isPacked, Self.exists(plain) { try Self.pack(plain) }
    }

    private static func pack(_ file: String) throws {
        do throws(RecordingTrouble) {
            if try RecordingPacker.pack(file) == nil {
                Output.error("gameday: \(file) is left unpacked: it is large, or another program has it open")
            }
        } catch {
            throw ExitCode.failure.telling(
                "gameday: \(file) is left unpacked: \(String(cString: strerror(error.code)))")
        }
    }

    /// Returns at the end of the day, or when its task is cancelled.
    private static func record(_ client: ControlPlaneClient, to file: String, isPacked: Bool) async {
        var state = MeshState()
        var writer: RecordingWriter?
        var flushed = ContinuousClock.now
        feed: for await element in client.feed() {
            switch element {
            case .event(let event):
                state.apply(event)
                let writing =
                    writer
                    ?? RecordingWriter(
                        path: file,
                        header: RecordingHeader(
                            program: "gameday \(Gameday.version)", created: .now, session: state.session),
                        segment: isPacked ? RecordingWriter.segment : nil)
                writer = writing
                writing.append(event, state: state)
                if ContinuousClock.now - flushed >= .seconds(1) {
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
        case .resumed(let lost): Output.error("gameday: recording again; \(lost) events missing")
        case nil: break
        }
    }

    private static func exists(_ file: String) -> Bool { access(file, F_OK) == 0 }
}
