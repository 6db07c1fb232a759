// A key frame is the whole state, so that a reader can begin anywhere: series of charts as lists of numbers by place
// [t, rate, success ratio, p50, p99, t, …], samples of the short window as in TrafficWire with their time as `t`, and
// with the name of their source as `of` where that is not the scope's `source`.

extension MeshState {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.name("session")
            $0.write(session?.json ?? .null)
            $0.name("sources")
            let known = sorted(sources)
            $0.array { list in for status in known where status.report.kind.isEverKnown { list.write(status.json) } }
            let strange = known.filter { !$0.report.kind.isEverKnown }
            if !strange.isEmpty {
                $0.name("otherSources")
                $0.array { list in for status in strange { list.write(status.json) } }
            }
            $0.name("services")
            $0.array { list in
                for name in services.keys.sorted() { services[name]?.write(as: [("service", name)], to: &list) }
            }
            $0.name("edges")
            $0.array { list in
                for edge in edges.keys.sorted() {
                    edges[edge]?.write(as: [("from", edge.from), ("to", edge.to)], to: &list)
                }
            }
            writeKnowledge(to: &$0)
            $0.name("faults")
            $0.array { list in for fault in faults where fault.kind.isEverKnown { list.write(fault.json) } }
            let others = faults.enumerated().filter { !$0.element.kind.isEverKnown }
            if !others.isEmpty {
                $0.name("otherFaults")
                $0.array { list in
                    for (place, fault) in others { list.write(["place": JSON(place), "fault": fault.json]) }
                }
            }
            $0.name("halt")
            $0.write(halt?.json ?? .null)
            $0.name("experiments")
            $0.array { list in for report in experiments { list.write(report.json) } }
            if older != Older() {
                $0.name("older")
                $0.write(older.json)
            }
            $0.name("catalogue")
            $0.array { list in for plan in catalogue { list.write(plan.json) } }
            if let recording {
                $0.name("recording")
                $0.write(recording.json)
            }
            if let cost {
                $0.name("cost")
                $0.write(cost.json)
            }
            $0.name("told")
            $0.write(told)
            $0.name("timeline")
            $0.array { list in for entry in timeline { list.write(entry.json) } }
            $0.name("verdicts")
            $0.array { list in
                for (objective, isMet) in verdicts.sorted(by: { $0.key.name < $1.key.name }) {
                    list.write(["slo": objective.json, "met": .bool(isMet)])
                }
            }
            $0.name("watch")
            $0.write(watch.json)
        }
    }

    private func sorted(_ sources: [String: SourceStatus]) -> [SourceStatus] {
        sources.values.sorted { $0.report.name < $1.report.name }
    }

    /// Reads the `data` of a key frame.
    public init(_ fields: WireFields) throws(WireError) {
        self.init()
        session = try fields.known(member: "session") { item throws(WireError) in try Session(item) }
        for name in ["sources", "otherSources"] {
            for item in try fields.objects(name) {
                let status = try SourceStatus(item)
                sources[status.report.name] = status
            }
        }
        for item in try fields.objects("services") {
            services[ServiceName(try item.string("service"))] = try ScopeState(item)
        }
        for item in try fields.objects("edges") {
            let edge = Edge(from: ServiceName(try item.string("from")), to: ServiceName(try item.string("to")))
            edges[edge] = try ScopeState(item)
        }
        try readKnowledge(fields)
        for item in try fields.objects("faults") { faults.append(try Fault(item)) }
        for item in try fields.objects("otherFaults") {
            let place = max(0, min(faults.count, try item.integer("place")))
            faults.insert(try Fault(try item.object("fault")), at: place)
        }
        if fields.value("halt") != nil { halt = try Halt(try fields.object("halt")) }
        experiments = try fields.known("experiments") { item throws(WireError) in try ExperimentReport(item) }
        if fields.value("older") != nil { older = try Older(try fields.object("older")) }
        catalogue = try fields.plans("catalogue")
        recording = try fields.known(member: "recording") { item throws(WireError) in try RecordingStatus(item) }
        if fields.value("cost") != nil { cost = try OwnCost(try fields.object("cost")) }
        for item in try fields.objects("timeline") { timeline.append(try TimelineEntry(item)) }
        told = fields.value("told") == nil ? timeline.count : try fields.integer("told")
        for item in try fields.objects("verdicts") {
            verdicts[try Objective(try item.object("slo"))] = try item.bool("met")
        }
        if fields.value("watch") != nil { watch = try Watch(try fields.object("watch")) }
    }
}

extension MeshState.SourceStatus {
    public var json: JSON {
        guard case .object(var members) = report.json else { return .null }
        members.append(JSON.Member("heard", heardAt.map { .integer($0.milliseconds) } ?? .null))
        return .object(members)
    }

    public init(_ fields: WireFields) throws(WireError) {
        let heardAt = fields.value("heard") == nil ? nil : try fields.timestamp("heard")
        self.init(report: try SourceReport(fields), heardAt: heardAt)
    }
}

extension ScopeState {
    /// Appends an object with the names of the scope, as members of its own, and all that is kept.
    public func write(as names: [(String, ServiceName)], to writer: inout JSONWriter) {
        writer.object {
            for (name, service) in names {
                $0.name(name)
                $0.write(service.text)
            }
            if let heardAt {
                $0.name("heard")
                $0.write(heardAt.milliseconds)
            }
            $0.name("polls")
            $0.write(polls)
            if pace != 1 {
                $0.name("pace")
                $0.write(pace)
            }
            let first = recent.first?.source ?? ""
            if !first.isEmpty {
                $0.name("source")
                $0.write(first)
            }
            $0.name("recent")
            $0.array { list in
                for timed in recent {
                    list.object {
                        $0.name("t")
                        $0.write(timed.at.milliseconds)
                        if timed.source != first {
                            $0.name("of")
                            $0.write(timed.source)
                        }
                        timed.sample.write(to: &$0)
                    }
                }
            }
            if let packed = Array(series).packed {
                $0.name("chart")
                $0.array { list in
                    for number in packed { if let number { list.write(number) } else { list.writeNull() } }
                }
            } else {
                writeSeries(to: &$0)
            }
        }
    }

    private func writeSeries(to writer: inout JSONWriter) {
        writer.name("series")
        writer.array { list in
            for point in series {
                list.write(point.at.milliseconds)
                for value in [point.rate, point.successRatio, point.p50, point.p99] {
                    if let value { list.write(value) } else { list.writeNull() }
                }
            }
        }
    }

    public init(_ fields: WireFields) throws(WireError) {
        var recent: [TimedSample] = []
        let first = fields.value("source")?.string ?? ""
        for item in try fields.objects("recent") {
            guard let sample = try TrafficSample(item) else { continue }
            let source = item.value("of")?.string ?? first
            recent.append(TimedSample(at: try item.timestamp("t"), sample: sample, source: source))
        }
        var series: [Point] = []
        if let numbers = try fields.list("chart") { series = try [Point](packed: numbers, fields) }
        let numbers = try fields.list("series") ?? []
        guard numbers.count.isMultiple(of: 5) else { throw fields.wrong("series", "points are not groups of five") }
        for place in stride(from: 0, to: numbers.count, by: 5) {
            guard let at = numbers[place].integer else { throw fields.wrong("series", "a point has no time") }
            series.append(
                Point(
                    at: Timestamp(milliseconds: at), rate: numbers[place + 1].double,
                    successRatio: numbers[place + 2].double, p50: numbers[place + 3].double,
                    p99: numbers[place + 4].double))
        }
        let heardAt = fields.value("heard") == nil ? nil : try fields.timestamp("heard")
        let polls = fields.value("polls") == nil ? series.count : try fields.integer("polls")
        let pace = fields.value("pace")?.double ?? 1
        self.init(recent: recent, series: series, heardAt: heardAt, polls: polls, pace: max(0.001, min(pace, 86_400)))
    }
}

extension MeshState.Older {
    public var json: JSON { ["faults": JSON(faults), "experiments": JSON(experiments)] }

    init(_ fields: WireFields) throws(WireError) {
        faults = max(0, try fields.integer("faults"))
        experiments = max(0, try fields.integer("experiments"))
    }
}
