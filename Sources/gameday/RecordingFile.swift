import ArgumentParser
import Glibc
import MeshModel
import Recording
import TerminalCanvas

/// A recording on the command line.
struct RecordingFile: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The recording; `last` is the newest one of a control plane.", valueName: "file"),
        completion: .file(extensions: ["jsonl", "bz3"]))
    var name: String

    /// The path of the file.
    var file: String { Self.path(of: name) }

    /// Opens it, and tells what is wrong with it.
    func open() throws -> RecordingReader { try Self.open(name) }

    /// The path that a person means: `last` is the newest recording, unless there is a file of that name.
    static func path(of name: String) -> String {
        guard access(name, F_OK) != 0 else { return name }
        // Its name while it was written; by now it may be packed.
        let packed = name + RecordingFormat.packedSuffix
        guard name == "last" else { return access(packed, F_OK) == 0 ? packed : name }
        return Environment.recordings.items().max { ($0.changed, $0.path) < ($1.changed, $1.path) }?.path ?? name
    }

    static func open(_ name: String) throws -> RecordingReader {
        let file = path(of: name)
        do throws(RecordingError) {
            let reader = try RecordingReader(path: file)
            for finding in reader.findings { Output.error("\(file): \(finding)") }
            return reader
        } catch {
            let isMissing = access(file, F_OK) != 0 && errno == ENOENT
            let remedy = isMissing ? missing(name) : error.remedy
            let summary = "gameday: " + Text.sanitised(error.summary)
            throw ExitCode.badDocument.telling(summary + (remedy.map { "\n\($0)" } ?? ""))
        }
    }

    private static func missing(_ name: String) -> String {
        let folder = Environment.recordings
        guard !folder.items().isEmpty else {
            return "No recordings yet. They will be in \(Text.sanitised(folder.path))."
        }
        return "Recordings are in \(Text.sanitised(folder.path)); `last` is the newest."
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

    /// The same, unless the day was over by then: a picture of a moment that never was would show an old one.
    func moment(in reader: RecordingReader) throws -> Timestamp {
        let moment = timestamp(in: reader)
        guard moment <= reader.end else {
            let length = (reader.duration * 10).rounded() / 10
            throw ValidationError("--at is after the end of the recording, which is \(length) s long.")
        }
        return moment
    }
}
