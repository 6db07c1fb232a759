import ArgumentParser
import Glibc
import MeshModel
import Recording
import TerminalCanvas

/// A recording on the command line.
struct RecordingFile: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The recording; `last` is the newest that a control plane made.", valueName: "file"),
        completion: .file(extensions: ["jsonl", "bz3"]))
    var name: String

    /// The path of the file.
    var file: String {
        // Its name while it was written; by now it may be packed.
        let packed = name + RecordingFormat.packedSuffix
        if name != "last" { return access(name, F_OK) != 0 && access(packed, F_OK) == 0 ? packed : name }
        return Environment.recordings.items().max { ($0.changed, $0.path) < ($1.changed, $1.path) }?.path ?? name
    }

    /// Opens it, and tells what is wrong with it.
    func open() throws -> RecordingReader { try Self.open(file) }

    static func open(_ file: String) throws -> RecordingReader {
        do throws(RecordingError) {
            let reader = try RecordingReader(path: file)
            for finding in reader.findings { Output.error("\(file): \(finding)") }
            return reader
        } catch {
            throw ExitCode.badDocument.telling(Text.sanitised(error.summary) + (error.remedy.map { "\n\($0)" } ?? ""))
        }
    }
}

/// A moment of a recording as a person writes it: `90s` or `1m30s` from its beginning, `50%` of it.
struct RecordingMoment: ExpressibleByArgument {
    private var seconds: Double?
    private var share: Double?

    init?(argument: String) {
        if argument.hasSuffix("%") {
            guard let share = Quantity.share(percent: argument) else { return nil }
            self.share = share
        } else {
            guard let seconds = Quantity.seconds(argument) else { return nil }
            self.seconds = seconds
        }
    }

    func timestamp(in reader: RecordingReader) -> Timestamp {
        reader.start.advanced(bySeconds: seconds ?? (share ?? 0) * reader.duration)
    }
}
