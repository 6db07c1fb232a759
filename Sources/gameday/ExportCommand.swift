import ArgumentParser
import FileWriting
import FoundationEssentials
import Glibc
import MeshModel
import Recording
import TerminalCanvas

/// `gameday export FILE --to FORMAT`: tells a recorded day to those who were not there.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export a recording as a report, a screencast or a table.",
        discussion: """
            Formats:
            \(Exporter.formats.map { "  \(Text.fitted($0.name, to: 12)) \($0.summary)" }.joined(separator: "\n"))

            Without --output it is written beside the recording, under its name; `-o -` prints it.
              gameday export day.jsonl --to html
              gameday export day.jsonl --to asciicast --columns 120 --rows 40 && asciinema play day.cast
              gameday export day.jsonl --to svg --at 2m30s
              gameday export day.jsonl.bz3 --to recording --output day.jsonl    (.bz3: packed)
            """)

    @OptionGroup var recording: RecordingFile

    @Option(help: ArgumentHelp("The format.", valueName: "format"), completion: .list(Exporter.formats.map(\.name)))
    var to: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output: String?

    @Flag(help: "Replace every name by an alias, and leave out notes.")
    var alias = false

    @Option(
        help: ArgumentHelp("The moment of a frame, such as 90s, 2m30s or 50%; default: the end.", valueName: "time"))
    var at: RecordingMoment?

    @Option(help: "The width of a screencast or frame.")
    var columns = 120

    @Option(help: "The height of a screencast or frame.")
    var rows = 40

    @Option(help: ArgumentHelp("The theme of a screencast or frame.", valueName: "name"))
    var theme = "midnight"

    @Option(help: ArgumentHelp("The run of a journal, such as E2; default: one journal per run.", valueName: "id"))
    var experiment: String?

    @Flag(help: "Write asciicast format 2 instead of 3.")
    var v2 = false

    mutating func validate() throws {
        guard Exporter.format(named: to) != nil else {
            throw ValidationError(
                "invalid format '\(to)'; use one of \(Exporter.formats.map(\.name).joined(separator: ", ")).")
        }
        guard (20...500).contains(columns), (5...200).contains(rows) else {
            throw ValidationError("--columns must be between 20 and 500, and --rows between 5 and 200.")
        }
    }

    mutating func run() async throws {
        guard let format = Exporter.format(named: to) else { return }
        let reader = try recording.open()
        var options = ExportOptions()
        options.hidesNames = alias
        options.moment = try at?.moment(in: reader)
        options.prefersOldCast = v2
        if format.needsScreen {
            options.screen = ScreenRendering(theme: try chosenTheme(), size: Size(columns, rows)).image
        }
        let runs = format.name == "journal" ? reader.story().last.experiments.map(\.id) : []
        if let experiment, !runs.contains(experiment) {
            let known = runs.isEmpty ? "it has no runs" : "use one of \(runs.joined(separator: ", "))"
            throw ExitCode.failure.telling(Text.sanitised("gameday: unknown run '\(experiment)'; \(known)"))
        }
        options.experiment = experiment
        guard experiment == nil, output == nil, runs.count > 1 else { return try export(reader, format, options) }
        for run in runs {
            options.experiment = run
            try export(reader, format, options, named: ".\(run)")
        }
    }

    private func export(
        _ reader: RecordingReader, _ format: ExportFormat, _ options: ExportOptions, named part: String = ""
    ) throws {
        let path = output ?? Self.path(beside: recording.file, format, part)
        let sink = try ExportSink(path: path, isOurChoice: output == nil)
        let unreadable: Int
        if format.name == "recording", path.hasSuffix(RecordingFormat.packedSuffix) {
            var bytes: [UInt8] = []
            unreadable = try Exporter.export(reader, to: format, options: options) { bytes += $0 }
            guard let packed = RecordingPacker.packed(bytes) else {
                throw ExitCode.failure.telling("gameday: \(path): not enough memory to pack it")
            }
            try sink.write(packed)
        } else {
            unreadable = try Exporter.export(reader, to: format, options: options) { try sink.write($0) }
        }
        try sink.close()
        if unreadable > 0 {
            Output.error("\(recording.file): \(unreadable) lines cannot be read; their events are missing")
        }
        if path != "-" { Output.error("\(path): \(format.summary)") }
    }

    private func chosenTheme() throws -> Theme {
        let files = ThemeFiles(environment: ProcessInfo.processInfo.environment, executableFolder: Executable.directory)
        do { return try files.theme(theme) } catch { throw ExitCode.badDocument("gameday: \(error)") }
    }

    private static func path(beside file: String, _ format: ExportFormat, _ part: String) -> String {
        let stem = RecordingFormat.stem(of: file)
        return format.name == "recording" ? "\(stem).anew.\(format.suffix)" : "\(stem)\(part).\(format.suffix)"
    }
}

/// Where an export goes: a file, or standard output.
private final class ExportSink {
    private let file: FileInWriting?

    /// A file whose name was not chosen by a person is never written over, and is its owner's alone.
    init(path: String, isOurChoice: Bool) throws {
        guard path != "-" else {
            file = nil
            return
        }
        do throws(FileTrouble) {
            if isOurChoice, access(path, F_OK) == 0 { throw FileTrouble(path: path, code: EEXIST) }
            let mask = umask(0)
            umask(mask)
            file = try FileInWriting(WritingPlace(path, mode: isOurChoice ? 0o600 : 0o666 & ~mask))
        } catch {
            throw error.told
        }
    }

    func write(_ bytes: [UInt8]) throws {
        if let file {
            do { try file.write(bytes) } catch { throw error.told }
        } else if !Output.bytes(bytes) {
            // A reader who has enough is no failure.
            throw Output.hasLostWords ? ExitCode.failure : ExitCode.success
        }
    }

    func close() throws {
        do { try file?.finish() } catch { throw error.told }
    }
}

extension FileTrouble {
    /// Tells it on standard error, with what to do, and gives the exit code for it.
    var told: ExitCode {
        let remedy = code == EEXIST ? "Choose another file with --output." : remedy
        return ExitCode.failure.telling("gameday: \(path): \(cause)" + (remedy.map { "\n\($0)" } ?? ""))
    }
}
