internal import Glibc

/// What a run did, as Chaos Toolkit's journal tells it.
struct Journal: Sendable {
    /// One activity that was played. Its activity is looked up when the journal is written, since a tolerance that is a
    /// probe leaves its last value in it.
    struct Entry: Sendable {
        var place: ActivityPlace
        var output: Value = .null
        var start: WallTime
        var status: String?
        var end: WallTime?
        var exception: [String] = []
        var isWithinTolerance: Bool?
        /// What a control added or changed.
        var overlay = Fields()

        init(_ place: ActivityPlace, start: WallTime) {
            self.place = place
            self.start = start
        }

        func value(activity: Value) -> Value {
            var fields = Fields([("activity", activity), ("output", output), ("start", .text(start.text))])
            if let status { fields["status"] = .text(status) }
            if !exception.isEmpty { fields["exception"] = .list(exception.map { .text($0) }) }
            if let end {
                fields["end"] = .text(end.text)
                fields["duration"] = .number(end.seconds(since: start))
            }
            if let isWithinTolerance { fields["tolerance_met"] = .bool(isWithinTolerance) }
            for (name, value) in overlay.entries { fields[name] = value }
            return .mapping(fields)
        }
    }

    /// One check of the hypothesis.
    struct State: Sendable {
        var isMet: Bool?
        var probes: [Entry] = []
        var overlay = Fields()
    }

    let start: WallTime
    var status: RunStatus?
    var hasDeviated = false
    var before: State?
    var after: State?
    var during: [State] = []
    var run: [Entry] = []
    var rollbacks: [Entry] = []
    /// What controls put behind the entries.
    var addedToRun: [Value] = []
    var addedToRollbacks: [Value] = []
    var end: WallTime?
    var overlay = Fields()

    init(start: WallTime) {
        self.start = start
    }

    /// The journal of this moment; `notes` are our own words about the run, which other readers ignore.
    func value(experiment: ExperimentState, notes: Value?) -> Value {
        var fields = Fields([
            ("chaoslib-version", .text(RunOptions.libraryVersion)), ("platform", .text(Self.platform)),
            ("node", .text(Self.machine.node)), ("experiment", experiment.value), ("start", .text(start.text)),
            ("status", status.map { .text($0.rawValue) } ?? .null), ("deviated", .bool(hasDeviated)),
            (
                "steady_states",
                [
                    "before": before.map { Self.value($0, experiment) } ?? .null,
                    "after": after.map { Self.value($0, experiment) } ?? .null,
                    "during": .list(during.map { Self.value($0, experiment) }),
                ]
            ),
            ("run", .list(run.map { $0.value(activity: experiment[$0.place]) } + addedToRun)),
            ("rollbacks", .list(rollbacks.map { $0.value(activity: experiment[$0.place]) } + addedToRollbacks)),
        ])
        if let end {
            fields["end"] = .text(end.text)
            fields["duration"] = .number(end.seconds(since: start))
        }
        if let notes { fields["gameday"] = notes }
        for (name, value) in overlay.entries { fields[name] = value }
        return .mapping(fields)
    }

    static func value(_ state: State, _ experiment: ExperimentState) -> Value {
        var fields = Fields([
            ("steady_state_met", state.isMet.map { .bool($0) } ?? .null),
            ("probes", .list(state.probes.map { $0.value(activity: experiment[$0.place]) })),
        ])
        for (name, value) in state.overlay.entries { fields[name] = value }
        return .mapping(fields)
    }

    /// What the kernel says of this machine.
    static let machine: (node: String, system: String, release: String, machine: String) = {
        var names = utsname()
        uname(&names)
        func text<Tuple>(_ tuple: Tuple) -> String {
            withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        let node = text(names.nodename)
        return (node.isEmpty ? "unknown" : node, text(names.sysname), text(names.release), text(names.machine))
    }()

    private static let platform = "\(machine.system)-\(machine.release)-\(machine.machine)"
}

/// The experiment of a run. It is the document's, but for what the run itself changes in it.
struct ExperimentState: Sendable {
    private(set) var value: Value
    private var index: ActivityIndex

    init(_ value: Value) {
        self.value = value
        index = ActivityIndex(value)
    }

    /// The activity at a place.
    subscript(_ place: ActivityPlace) -> Value {
        get {
            let items = list(of: place.section)
            return items.indices.contains(place.index) ? items[place.index] : .null
        }
        set {
            var items = list(of: place.section)
            guard items.indices.contains(place.index) else { return }
            items[place.index] = newValue
            if place.section == .hypothesis {
                guard var hypothesis = value["steady-state-hypothesis"]?.fields else { return }
                hypothesis["probes"] = .list(items)
                set("steady-state-hypothesis", .mapping(hypothesis))
            } else {
                set(place.section.rawValue, .list(items))
            }
        }
    }

    func list(of section: ActivityPlace.Section) -> [Value] {
        switch section {
        case .hypothesis: value["steady-state-hypothesis"]?["probes"]?.list ?? []
        case .method, .rollbacks: value[section.rawValue]?.list ?? []
        }
    }

    /// The place that a reference leads to; itself for what is none, nil when it leads nowhere.
    func resolved(_ place: ActivityPlace) -> ActivityPlace? {
        guard let reference = self[place]["ref"], reference.isTruthy else { return place }
        return reference.text.flatMap { index[$0] }
    }

    mutating func set(_ name: String, _ item: Value) {
        guard var fields = value.fields else { return }
        fields[name] = item
        value = .mapping(fields)
    }

    mutating func replace(with other: Value) {
        value = other
        index = ActivityIndex(other)
    }
}
