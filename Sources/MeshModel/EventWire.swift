/// An event as one line of JSON: `{"n":12,"t":1764000000123,"kind":"traffic","data":{…}}`, `t` in milliseconds since 1970.
/// The same line travels on the control plane's feed and stands in a recording. Readers skip a kind they do not know.
public enum EventWire {
    /// What a reader makes of a line.
    public enum Reading: Equatable, Sendable {
        case event(Event)
        /// A line of a later version of gameday: its number still counts.
        case unknown(kind: String, number: UInt64, at: Timestamp)
    }

    /// Appends the event's line, newline included.
    public static func write(_ event: Event, to writer: inout JSONWriter) {
        writer.object {
            $0.name("n")
            $0.write(event.number)
            $0.name("t")
            $0.write(event.at.milliseconds)
            $0.name("kind")
            $0.write(event.observation.kind)
            $0.name("data")
            event.observation.write(to: &$0)
        }
        writer.newline()
    }

    public static func line(_ event: Event) -> [UInt8] {
        var writer = JSONWriter()
        write(event, to: &writer)
        return writer.bytes
    }

    /// Reads one line, its newline or not.
    public static func read(_ line: [UInt8]) throws(WireError) -> Reading {
        let json: JSON
        do { json = try JSON(parsing: line) } catch { throw WireError(page: "event", path: "", found: error.message) }
        let fields = WireFields(json, page: "event")
        let number = try fields.unsigned("n")
        let at = try fields.timestamp("t")
        let kind = try fields.string("kind")
        let data = try fields.object("data")
        let known: Observation?
        do {
            known = try Observation(kind: kind, data)
        } catch {
            guard error.isWordOfLater else { throw error }
            known = nil
        }
        guard let observation = known else { return .unknown(kind: kind, number: number, at: at) }
        guard case .keyframe(var state) = observation else {
            return .event(Event(number: number, at: at, observation: observation))
        }
        state.lastNumber = number
        state.lastAt = at
        return .event(Event(number: number, at: at, observation: .keyframe(state)))
    }
}

/// Why a text from outside is not what its page says it is.
public struct WireError: Explained, Equatable {
    /// Which page or format it was read as.
    public var page: String
    /// The path to the field, like `data.edges[3].to`.
    public var path: String
    /// What stood there instead.
    public var found: String
    /// All is well but for a word that is not known here, as a later version may have made up.
    public var isWordOfLater = false

    public init(page: String, path: String, found: String) {
        self.page = page
        self.path = path
        self.found = found
    }

    public var summary: String { "bad \(page)\(path.isEmpty ? "" : " at \(path)"): \(found)" }
    public var remedy: String? { nil }
}

extension Observation {
    /// The word that an event of this kind bears on the wire.
    public var kind: String {
        switch self {
        case .session: "session"
        case .source(let report): report.kind.isEverKnown ? "source" : "other-source"
        case .traffic: "traffic"
        case .edge: "edge"
        case .fault(let fault): fault.kind.isEverKnown ? "fault" : "other-fault"
        case .halt: "halt"
        case .note: "note"
        case .experiment: "experiment"
        case .catalogue: "catalogue"
        case .recording: "recording"
        case .beat: "beat"
        case .keyframe: "keyframe"
        }
    }

    /// Appends the event's `data`.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .session(let session): writer.write(session.json)
        case .source(let report): writer.write(report.json)
        case .traffic(let report): report.write(to: &writer)
        case .edge(let report): report.write(to: &writer)
        case .fault(let fault): writer.write(fault.json)
        case .halt(let halt): writer.write(halt.json)
        case .note(let note): writer.write(note.json)
        case .experiment(let report): writer.write(report.json)
        case .catalogue(let plans): writer.write(["experiments": .array(plans.map(\.json))])
        case .recording(let status): writer.write(status.json)
        case .beat(let cost): writer.write(cost?.json ?? [:])
        case .keyframe(let state): state.write(to: &writer)
        }
    }

    /// Reads an event's `data`; nil for a kind that this version does not know.
    public init?(kind: String, _ data: WireFields) throws(WireError) {
        switch kind {
        case "session": self = .session(try Session(data))
        case "source", "other-source": self = .source(try SourceReport(data))
        case "traffic": self = .traffic(try TrafficReport(data))
        case "edge": self = .edge(try EdgeReport(data))
        case "fault", "other-fault": self = .fault(try Fault(data))
        case "halt": self = .halt(try Halt(data))
        case "note":
            // A kind of tomorrow is still words on the timeline.
            let kind = data.value("kind")?.string.flatMap(Note.Kind.init) ?? .note
            self = .note(Note(by: try data.string("by"), text: try data.string("text"), kind: kind))
        case "experiment": self = .experiment(try ExperimentReport(data))
        case "catalogue": self = .catalogue(try data.plans("experiments"))
        case "recording": self = .recording(try RecordingStatus(data))
        case "beat": self = .beat(data.value("polls") == nil ? nil : try OwnCost(data))
        case "keyframe": self = .keyframe(try MeshState(data))
        default: return nil
        }
    }
}
