public import MeshModel

/// What an export is told before the first event.
public struct ExportOptions: Sendable {
    /// Draws the screen of a moment, as the program would have shown it; the pictures need it.
    public var screen: (@Sendable (MeshState, Timestamp) -> ScreenImage)?
    /// Replaces names by others, so that a recording can be shown to strangers.
    public var hidesNames = false
    /// The moment of a picture; nil is the end of the day.
    public var moment: Timestamp?
    /// The run of an experiment that a journal is of, by its id; nil is the last.
    public var experiment: String?
    /// Seconds between two frames of a screen recording.
    public var frameInterval = 1.0
    /// The older form of a screen recording, which some players still need.
    public var prefersOldCast = false

    public init() {}
}

/// The day that is exported, as a whole.
public struct ExportedDay: Sendable {
    public var header: RecordingHeader
    public var start: Timestamp
    public var end: Timestamp
    /// What was wrong with the file.
    public var findings: [String]
    public var options: ExportOptions

    public var duration: Double { max(0, end.seconds(since: start)) }
}

/// One way to tell a day to others: events go in, bytes of a file come out.
public protocol Export {
    mutating func begin(_ day: ExportedDay) -> [UInt8]
    /// Takes an event; `state` is the fold with it.
    mutating func event(_ event: Event, state: MeshState) -> [UInt8]
    mutating func end(_ state: MeshState) -> [UInt8]
}

/// A format that a recording can be exported to.
public struct ExportFormat: Sendable {
    /// The word on the command line.
    public var name: String
    /// One line for the help.
    public var summary: String
    public var suffix: String
    /// Does it need `ExportOptions.screen`?
    public var needsScreen = false
    public var make: @Sendable () -> any Export
}

/// The formats, and the way through all events of a recording.
public enum Exporter {
    public static let formats = [
        ExportFormat(name: "html", summary: "a report for a browser, in one file", suffix: "html") { HTMLExport() },
        ExportFormat(name: "markdown", summary: "the report as Markdown", suffix: "md") { MarkdownExport() },
        ExportFormat(name: "csv", summary: "one line per service, edge and poll", suffix: "csv") {
            CSVExport()
        },
        ExportFormat(name: "openmetrics", summary: "the time series, for Prometheus", suffix: "om") {
            OpenMetricsExport()
        },
        ExportFormat(name: "journal", summary: "a Chaos Toolkit journal per experiment", suffix: "json") {
            JournalExport()
        },
        ExportFormat(
            name: "asciicast", summary: "the screen as a screencast, for asciinema", suffix: "cast", needsScreen: true
        ) {
            AsciicastExport()
        },
        ExportFormat(name: "svg", summary: "the screen at one moment", suffix: "svg", needsScreen: true) {
            SVGExport()
        },
        ExportFormat(name: "recording", summary: "the recording rewritten, complete and sealed", suffix: "jsonl") {
            RecordingExport()
        },
    ]

    public static func format(named name: String) -> ExportFormat? { formats.first { $0.name == name } }

    /// Goes through the whole recording; what comes out is handed to `write` piece by piece. Answers how many lines could
    /// not be read.
    @discardableResult
    public static func export(
        _ reader: RecordingReader, to format: ExportFormat, options: ExportOptions,
        write: ([UInt8]) throws -> Void
    ) throws -> Int {
        var export = format.make()
        var aliases = NameAliases()
        var header = reader.header
        if options.hidesNames { header.session = header.session.map { aliases.alias($0) } }
        let day = ExportedDay(
            header: header, start: reader.start, end: reader.end, findings: reader.findings, options: options)
        var state = MeshState()
        try hand(export.begin(day), to: write)
        var cursor = reader.events()
        while var event = cursor.next() {
            if options.hidesNames { event.observation = aliases.alias(event.observation) }
            state.apply(event)
            try hand(export.event(event, state: state), to: write)
        }
        try hand(export.end(state), to: write)
        return cursor.unreadable
    }

    private static func hand(_ bytes: [UInt8], to write: ([UInt8]) throws -> Void) rethrows {
        if !bytes.isEmpty { try write(bytes) }
    }
}
