import MeshModel
import TestKit
import Testing

@Suite struct EventWireTests {
    @Test(arguments: SeededGenerator.seeds(20))
    func `events are read back as they were written`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for event in generator.day(events: 100) {
            let line = EventWire.line(event)
            #expect(line.filter { $0 == 0x0A }.count == 1 && line.last == 0x0A)
            #expect(try EventWire.read(line) == .event(event))
        }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `a key frame holds the whole state`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var state = MeshState()
        for event in generator.day(events: 600) { state.apply(event) }
        let at = try #require(state.lastAt)
        let line = EventWire.line(Event(number: state.lastNumber, at: at, observation: .keyframe(state)))
        guard case .event(let event) = try EventWire.read(line) else {
            Issue.record("the key frame was not known")
            return
        }
        #expect(event.observation == .keyframe(state))
        var fresh = MeshState()
        fresh.apply(event)
        #expect(fresh == state)
    }

    @Test(arguments: SeededGenerator.seeds(10))
    func `lines cut or flipped never trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var state = MeshState()
        for event in generator.day(events: 20) {
            let whole = EventWire.line(event)
            let stride = whole.count > 400 ? generator.int(in: 5...9) : 1
            for end in Swift.stride(from: 0, to: whole.count - 1, by: stride) {
                #expect(throws: WireError.self) { try EventWire.read(Array(whole[..<end])) }
            }
            for _ in 0..<20 {
                var line = whole
                line[generator.int(in: 0...line.count - 1)] = UInt8(generator.int(in: 32...126))
                // Whatever still is an event must fold as well.
                if case .event(let event) = try? EventWire.read(line) { state.apply(event) }
            }
        }
    }

    @Test func `a kind of a later version still has its number`() throws {
        let line = #"{"n":7,"t":5,"kind":"weather","data":{"rain":true}}"#
        #expect(
            try EventWire.read(Array(line.utf8))
                == .unknown(kind: "weather", number: 7, at: Timestamp(milliseconds: 5)))
    }

    @Test func `an error says where and what`() {
        let line = #"{"n":7,"t":5,"kind":"fault","data":{"id":"F1","kind":{"abort":503},"from":7}}"#
        let error = #expect(throws: WireError.self) { try EventWire.read(Array(line.utf8)) }
        #expect(error?.summary == "bad event at data.from: expected a string")
    }

    @Test func `counts that no proxy can mean are held at the largest`() throws {
        var sample = TrafficSample(seconds: 1)
        sample.completed = .max
        sample.latency = LatencyHistogram([LatencyHistogram.Bin(lower: 1, width: 1, count: .max)])
        let report = TrafficReport(source: "a", service: "a", inbound: sample, outbound: [])
        let event = Event(number: 1, at: Timestamp(milliseconds: 0), observation: .traffic(report))
        guard case .event(let read) = try EventWire.read(EventWire.line(event)),
            case .traffic(let report) = read.observation
        else {
            Issue.record("no traffic was read")
            return
        }
        #expect(report.inbound?.completed == UInt64(Int64.max))
        #expect(report.inbound?.latency?.count == UInt64(Int64.max))
    }

    @Test func `an interval is the same after the wire`() throws {
        var sample = TrafficSample(seconds: 1.000_437)
        sample.completed = 40
        #expect(sample.milliseconds == 1000)
        #expect(sample.requestRate == 40)
        #expect(TrafficSample(seconds: .nan).requestRate == nil)
        #expect(TrafficSample(seconds: -1).milliseconds == 0)
    }
}

extension EventWireTests {
    /// They threw on a source of a kind that they did not know, and lost the whole feed.
    @Test func `versions that know Envoys only are told of other sources by another name`() throws {
        func report(_ kind: SourceKind) -> SourceReport {
            SourceReport(name: kind.rawValue, kind: kind, endpoint: "http://h", service: nil, state: .fresh)
        }
        var state = MeshState()
        for kind in [SourceKind.envoy, .prometheus] {
            state.sources[kind.rawValue] = MeshState.SourceStatus(report: report(kind), heardAt: nil)
        }
        let events = [
            Observation.source(report(.envoy)), .source(report(.prometheus)), .keyframe(state),
        ].enumerated().map { Event(number: UInt64($0 + 1), at: Timestamp(milliseconds: 5), observation: $1) }
        let lines = try events.map { try JSON(parsing: EventWire.line($0)) }
        #expect(lines.map { $0["kind"]?.string } == ["source", "other-source", "keyframe"])
        #expect(lines[2]["data"]?["sources"]?.array?.map { $0["name"]?.string } == ["envoy"])
        for (event, line) in zip(events, lines) {
            guard case .event(let read) = try EventWire.read(line.bytes) else {
                Issue.record("not read: \(line.text)")
                continue
            }
            if case .keyframe(let told) = read.observation {
                #expect(told.sources == state.sources)
            } else {
                #expect(read == event)
            }
        }
    }
}
