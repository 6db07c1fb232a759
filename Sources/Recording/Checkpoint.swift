import MeshModel

/// A checkpoint as a reader finds it: where it stands, and what the day told since the one before.
struct Checkpoint: Sendable {
    var place: Int
    /// Where the line after it begins, which is its state.
    var next: Int
    var at: Timestamp
    var number: UInt64
    /// Where the checkpoint before it stands, as the writer says.
    var previous: Int?
    /// Nothing before it in the file is needed to know the state here.
    var isWhole: Bool
    /// No checkpoint before it is needed for what checkpoints tell.
    var isFull: Bool
    /// Lines of the story in all, how many of them are kept, and those that are new.
    var told: Int
    var kept: Int
    var timeline: [TimelineEntry] = []
    var faults: [(place: Int, fault: Fault)] = []
    var sources: [SourceReport] = []
    var experiments: [(place: Int, report: ExperimentReport)] = []
    /// The places of those that the state keeps no more.
    var goneFaults: [Int] = []
    var goneExperiments: [Int] = []
    var goneSources: [String] = []
    /// Everything else of the state that changed.
    var particulars: [JSON.Member] = []
    var names: [(id: Int, name: String)] = []
    var shapes: [(id: Int, shape: TrafficShape)] = []

    /// Reads the line at a place; nil when no checkpoint stands there. What a later version says in words unknown here
    /// is left out, piece by piece.
    init?(line: [UInt8], place: Int) {
        guard let items = (try? JSON(parsing: line))?.array, items.count >= 3,
            items[1].string == RecordingFormat.checkpoint
        else { return nil }
        let fields = WireFields(items[2], page: "recording")
        guard let at = try? fields.timestamp("t"), let number = try? fields.unsigned("n") else { return nil }
        self.place = place
        next = place + line.count + 1
        self.at = at
        self.number = number
        previous = fields.value("prev")?.integer.map { Int($0) }
        isWhole = fields.value("whole")?.bool ?? false
        isFull = isWhole || fields.value("full")?.bool ?? false
        told = (try? fields.integer("told")) ?? 0
        kept = (try? fields.integer("kept")) ?? 0
        particulars = Particulars.told(in: items[2])
        readNews(fields)
    }

    private mutating func readNews(_ fields: WireFields) {
        timeline = objects("timeline", fields).compactMap { try? TimelineEntry($0) }
        faults = pairs("faults", fields).compactMap { place, json in
            (try? Fault(WireFields(json, page: "recording"))).map { (place, $0) }
        }
        sources = objects("sources", fields).compactMap { try? SourceReport($0) }
        experiments = pairs("experiments", fields).compactMap { place, json in
            (try? ExperimentReport(WireFields(json, page: "recording"))).map { (place, $0) }
        }
        goneFaults = places("goneFaults", fields)
        goneExperiments = places("goneExperiments", fields)
        goneSources = ((try? fields.items("goneSources")) ?? []).compactMap(\.string)
        names = pairs("names", fields).compactMap { id, json in json.string.map { (id, $0) } }
        shapes = pairs("shapes", fields).compactMap { id, json in
            (try? TrafficShape(WireFields(json, page: "recording"))).map { (id, $0) }
        }
    }

    private func objects(_ name: String, _ fields: WireFields) -> [WireFields] { (try? fields.objects(name)) ?? [] }

    private func places(_ name: String, _ fields: WireFields) -> [Int] {
        ((try? fields.items(name)) ?? []).compactMap { $0.integer.flatMap { Int(exactly: $0) } }
    }

    private func pairs(_ name: String, _ fields: WireFields) -> [(Int, JSON)] {
        ((try? fields.items(name)) ?? []).compactMap { item in
            guard let pair = item.array, pair.count == 2, let id = pair[0].integer, (0..<1 << 24).contains(id) else {
                return nil
            }
            return (Int(id), pair[1])
        }
    }
}
