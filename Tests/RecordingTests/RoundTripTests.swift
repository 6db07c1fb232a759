import MeshModel
import TestKit
import Testing

@testable import Recording

@Suite struct RoundTripTests {
    @Test(arguments: SeededGenerator.seeds(20))
    func `events are read as they were written`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var day = generator.day(events: 300)
        day[0].number = 1
        let recorded = Recorded(day)
        var cursor = try RecordingReader(bytes: recorded.bytes).events()
        for event in day { #expect(cursor.next() == event) }
        #expect(cursor.next() == nil)
        #expect(cursor.unreadable == 0 && cursor.hasEnded)
    }

    @Test func `a day of the bar is read as it was written`() throws {
        var script = DayScript(seed: 1)
        let day = script.events(seconds: 90)
        let reader = try RecordingReader(bytes: Recorded(day).bytes)
        var cursor = reader.events()
        for event in day { #expect(cursor.next() == event) }
        #expect(reader.isComplete && reader.findings == [])
        #expect(reader.lastNumber == UInt64(day.count))
        #expect(reader.start == day.first?.at && reader.end == day.last?.at)
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `at any moment the replayed state is the live one`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var script = DayScript(seed: seed)
        let recorded = Recorded(script.events(seconds: 700), fullInterval: seed.isMultiple(of: 2) ? nil : 20_000)
        let reader = try RecordingReader(bytes: recorded.bytes)
        #expect(reader.index.checkpoints.count > 4)
        let counts = (0..<8).map { _ in generator.int(in: 1...recorded.events.count) }
        for (count, live) in recorded.states(after: counts) {
            let event = recorded.events[count - 1]
            var (state, cursor) = reader.state(after: event.number)
            #expect(state == live, "after event \(event.number)")
            #expect(cursor.next() == (count < recorded.events.count ? recorded.events[count] : nil))
            (state, cursor) = reader.state(at: event.at)
            #expect(state.lastAt == event.at)
            if state.lastNumber == event.number { #expect(state == live, "at event \(event.number)") }
        }
    }

    @Test(arguments: SeededGenerator.seeds(8))
    func `hostile days with clocks that jump are sought as exactly`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let recorded = Recorded(generator.day(events: 900), fullInterval: seed.isMultiple(of: 2) ? nil : 5000)
        let reader = try RecordingReader(bytes: recorded.bytes)
        let counts = (0..<10).map { _ in generator.int(in: 1...recorded.events.count) }
        for (count, live) in recorded.states(after: counts) {
            let isSame = reader.state(after: recorded.events[count - 1].number).state == live
            #expect(isSame, "after \(count) events")
        }
    }

    @Test func `scopes that fell silent or answer rarely keep their charts`() throws {
        var script = DayScript(seed: 7)
        var index = 0
        let day = script.events(seconds: 600).filter { event in
            guard case .traffic(let report) = event.observation else { return true }
            index += 1
            if report.source == "menu" { return event.number < 2000 }
            return report.source == "till" ? index.isMultiple(of: 9) : true
        }
        var numbered = day
        for place in numbered.indices { numbered[place].number = UInt64(place + 1) }
        let recorded = Recorded(numbered)
        #expect(recorded.lines().contains { $0.contains("#series") })
        let reader = try RecordingReader(bytes: recorded.bytes)
        for (count, live) in recorded.states(after: [2100, 3300, 4200, numbered.count]) {
            let isSame = reader.state(after: UInt64(count)).state == live
            #expect(isSame, "after \(count) events")
        }
    }

    @Test func `a recording that begins in the middle of a day has the whole state`() throws {
        var script = DayScript(seed: 3)
        let day = script.events(seconds: 200)
        let cut = 1000
        var state = MeshState()
        var encoder = RecordingEncoder(header: RecordingHeader(program: "test", created: day[cut].at, session: nil))
        for (place, event) in day.enumerated() {
            state.apply(event)
            if place >= cut { encoder.append(event, state: state) }
        }
        let reader = try RecordingReader(bytes: encoder.drain())
        let recorded = Recorded(day)
        for (count, live) in recorded.states(after: [cut + 1, cut + 2, cut + 400, day.count]) {
            #expect(reader.state(after: UInt64(count)).state == live)
        }
        #expect(!reader.isComplete)
        var cursor = reader.events()
        guard case .keyframe(let first)? = cursor.next()?.observation else {
            Issue.record("the first event is no key frame")
            return
        }
        #expect(recorded.states(after: [cut + 1]).map(\.state) == [first])
    }

    @Test func `ten minutes of the bar stay under a megabyte`() {
        var script = DayScript(seed: 5)
        let recorded = Recorded(script.events(seconds: 600))
        #expect(recorded.bytes.count < 700_000)
    }

    @Test func `every bin of Envoy's scale is one step, and comes back exactly`() throws {
        for step in 1..<BinScale.last {
            let bounds = try #require(BinScale.bounds(of: step))
            #expect(BinScale.step(lower: bounds.lower, width: bounds.width) == step)
        }
        #expect(BinScale.bounds(of: 0) == nil && BinScale.bounds(of: BinScale.last) == nil)
        for (lower, width) in [(0.25, 0.1), (12, 10), (-1, 1), (0, 1), (1e12, 1e11), (.nan, 1), (5, 0)] {
            #expect(BinScale.step(lower: lower, width: width) == nil)
        }
    }

    @Test func `a poll of format 1 is still read`() throws {
        let lines = [
            ##"{"gameday":1,"program":"gameday 0.1.0","created":0,"session":null}"##,
            ##"[0,"#shape",0,{"source":"a","service":"a","to":[],"every":1000,"rest":[[0,null]]}]"##,
            "[1000,0,0,[6,[92,10,-3,[7,0.5,2]],5,1]]",
        ]
        let reader = try RecordingReader(bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
        var cursor = reader.events()
        guard case .traffic(let report)? = cursor.next()?.observation else {
            Issue.record("it is no poll")
            return
        }
        #expect(report.inbound?.completed == 6 && report.inbound?.answers5xx == 1)
        let bins = [(1.0, 0.1, 1), (2, 0.1, 3), (7, 0.5, 2)].map {
            LatencyHistogram.Bin(lower: $0.0, width: $0.1, count: UInt64($0.2))
        }
        #expect(report.inbound?.latency == LatencyHistogram(bins))
    }

    @Test(arguments: SeededGenerator.seeds(50))
    func `bins are text when they are on the scale, and come back exactly`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bins = (0..<generator.int(in: 0...30)).map { _ in
            let (lower, width) = BinScale.table[generator.int(in: 1...BinScale.last - 1)]
            return LatencyHistogram.Bin(
                lower: lower, width: width, count: UInt64(generator.chance(0.1) ? 1 << 39 : generator.int(in: 1...12)))
        }
        let histogram = LatencyHistogram(bins)
        let text = try #require(BinText(histogram))
        #expect(text.count == Int64(histogram.count))
        var read: [LatencyHistogram.Bin] = []
        let bytes = Array((text.text + "\"").utf8)
        let count = bytes.withUnsafeBufferPointer { buffer in
            var scanner = LineScanner(buffer, from: 0, to: buffer.count)
            return BinText.read(&scanner, scale: BinScale.table, into: &read)
        }
        #expect(count == text.count && read == histogram.bins)
        #expect(BinText(LatencyHistogram(bins + [.init(lower: 7, width: 0.5, count: 1)])) == nil)
    }
}
