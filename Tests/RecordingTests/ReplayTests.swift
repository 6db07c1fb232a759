import MeshModel
import TestKit
import Testing

@testable import Recording

@Suite struct ReplayTests {
    private func reader(_ seconds: Int = 130) throws -> (RecordingReader, Recorded) {
        var script = DayScript(seed: 11, services: 4)
        script.rate = 8
        let recorded = Recorded(script.events(seconds: seconds))
        return (try RecordingReader(bytes: recorded.bytes), recorded)
    }

    @Test(arguments: SeededGenerator.seeds(6))
    func `what a player has shown is always what the day was at that moment`(seed: UInt64) throws {
        let (reader, _) = try reader()
        var generator = SeededGenerator(seed: seed)
        var replay = Replay(reader)
        var shown = replay.state
        for _ in 0..<60 {
            let change: Replay.Change
            switch generator.int(in: 0...6) {
            case 0: change = replay.seek(to: reader.start.advanced(bySeconds: generator.double(in: -5...140)))
            case 1: change = replay.skip(Double(generator.int(in: -20...20)))
            case 2:
                replay.changeSpeed(faster: generator.bool())
                continue
            case 3: change = replay.step()
            default: change = replay.advance(generator.double(in: 0...0.5))
            }
            switch change {
            case .state(let state): shown = state
            case .events(let events): for event in events { shown.apply(event) }
            }
            var expected = reader.state(after: shown.lastNumber).state
            expected.session?.mode = .replay
            #expect(shown == expected && replay.state == expected)
            #expect(shown.lastAt.map { $0 <= replay.clock.now } ?? true)
        }
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `what objectives keep of their own quantile comes back whole`(seed: UInt64) throws {
        var script = DayScript(seed: seed, services: 3)
        script.moreObjectives = [0.95, 0.5].map {
            Objective(name: "p\($0)", service: "service-0", indicator: .latency(quantile: $0, limit: 40))
        }
        let recorded = Recorded(script.events(seconds: 200))
        let reader = try RecordingReader(bytes: recorded.bytes)
        var generator = SeededGenerator(seed: seed)
        let counts = (0..<12).map { _ in generator.int(in: 10...recorded.events.count) }
        for (count, live) in recorded.states(after: counts) {
            let read = reader.state(after: recorded.events[count - 1].number).state
            #expect(read.watch == live.watch)
            if count > recorded.events.count / 2 { #expect(live.watch.tracks.values.contains { $0.values.count > 50 }) }
        }
    }

    @Test(arguments: SeededGenerator.seeds(8))
    func `a fleet of replicas is sought as it was folded`(seed: UInt64) throws {
        let fleet = ReplicaFleet(seed: seed, seconds: 420, pace: seed.isMultiple(of: 2) ? 1 : 0.5)
        let recorded = Recorded(fleet.events)
        let reader = try RecordingReader(bytes: recorded.bytes)
        var generator = SeededGenerator(seed: seed)
        let counts = (0..<8).map { _ in generator.int(in: 10...recorded.events.count) }
        for (count, live) in recorded.states(after: counts) {
            let read = reader.state(after: recorded.events[count - 1].number).state
            let (found, folded) = (try #require(read.services["front"]), try #require(live.services["front"]))
            // A fleet has thousands of samples: what differs is not printed whole.
            #expect(zip(found.series, folded.series).first { $0 != $1 }.map { "\($0)" } == nil)
            #expect(found.series.count == folded.series.count)
            let isSame = (found.recent == folded.recent, read.edges == live.edges, read == live)
            #expect(isSame == (true, true, true), "after \(count) of \(recorded.events.count)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(8))
    func `a mesh that two kinds of sources tell of is sought as it was folded`(seed: UInt64) throws {
        let recorded = Recorded(MixedFleet(seed: seed, seconds: 400).events)
        let reader = try RecordingReader(bytes: recorded.bytes)
        var generator = SeededGenerator(seed: seed)
        let counts = (0..<8).map { _ in generator.int(in: 10...recorded.events.count) }
        for (count, live) in recorded.states(after: counts) {
            let read = reader.state(after: recorded.events[count - 1].number).state
            #expect(read.services == live.services, "after \(count) of \(recorded.events.count)")
            #expect(read.edges == live.edges && read.sources == live.sources)
        }
        // A source that tells of two services is not told anew with each of them.
        let shapes = recorded.lines().count { $0.contains("#shape") }
        #expect(shapes < 20, "\(shapes) shapes")
    }

    @Test func `a replay says that it is one, and tells every event once`() throws {
        let (reader, recorded) = try reader()
        var replay = Replay(reader)
        replay.setSpeed(64)
        var numbers: [UInt64] = []
        for _ in 0..<30 {
            guard case .events(let events) = replay.advance(0.1) else { continue }
            numbers += events.map(\.number)
        }
        let first = replay.reader.state(at: reader.start).state.lastNumber
        #expect(numbers == Array(first + 1...UInt64(recorded.events.count)))
        #expect(replay.clock.isAtEnd && replay.clock.progress == 1)
        #expect(replay.state.session?.mode == .replay)
    }

    @Test func `time stands still while paused, and a step goes on by one event`() throws {
        let (reader, _) = try reader()
        var replay = Replay(reader)
        replay.pause()
        let before = replay.state
        #expect(replay.advance(60) == .events([]))
        #expect(replay.state == before)
        guard case .events(let events) = replay.step() else {
            Issue.record("a step is an event")
            return
        }
        #expect(events.map(\.number) == [before.lastNumber + 1])
        #expect(replay.clock.now == events.first?.at)
    }

    @Test func `the clock keeps to its speeds and loses no time to rounding`() {
        let start = Timestamp(milliseconds: 0)
        var clock = ReplayClock(start: start, end: start.advanced(bySeconds: 100))
        for _ in 0..<10_000 { clock.advance(0.000_3) }
        #expect(abs(clock.now.seconds(since: start) - 3) <= 0.001)
        for _ in 0..<20 { clock.changeSpeed(faster: true) }
        #expect(clock.speed == 64)
        for _ in 0..<20 { clock.changeSpeed(faster: false) }
        #expect(clock.speed == 0.25)
        clock.setSpeed(.nan)
        clock.setSpeed(1000)
        #expect(clock.speed == 64)
        clock.advance(1e300)
        #expect(clock.isAtEnd && clock.progress == 1)
        clock.seek(to: Timestamp(milliseconds: -50))
        #expect(clock.now == start && clock.progress == 0)
    }

    @Test func `the story has every line, in order, however it was told`() throws {
        let (reader, recorded) = try reader()
        let story = reader.story()
        let live = try #require(recorded.states(after: [recorded.events.count]).first).state
        #expect(story.timeline == live.timeline && story.faults == live.faults)
        #expect(!story.timeline.isEmpty && !story.faults.isEmpty)
        let first = try #require(story.timeline.first { $0.kind == .fault })
        #expect(story.entry(after: reader.start) != nil)
        let beforeFirst = first.at.advanced(bySeconds: -0.001)
        #expect(story.entry(after: beforeFirst)?.kind == .fault)
        #expect(story.entry(after: reader.start, backwards: true) == nil)
    }

    @Test func `a long story is told in full though a state keeps its end only`() throws {
        var day: [Event] = []
        let start = Timestamp(milliseconds: 1_764_000_000_000)
        for number in 1...1500 {
            let note = Note(by: "a", text: "\(number)")
            let at = start.advanced(bySeconds: Double(number))
            day.append(Event(number: UInt64(number), at: at, observation: .note(note)))
        }
        let story = try RecordingReader(bytes: Recorded(day).bytes).story()
        #expect(story.timeline.map(\.text) == (1...1500).map { "a: \($0)" })
    }

    @Test func `breaches are read from the story`() {
        let start = Timestamp(milliseconds: 0)
        func entry(_ second: Double, _ name: String, _ isMet: Bool) -> TimelineEntry {
            TimelineEntry(
                at: start.advanced(bySeconds: second), kind: .objective, tone: .bad,
                turn: .objective(name, isMet: isMet))
        }
        let entries = [entry(1, "a", false), entry(2, "b", false), entry(3, "a", true), entry(4, "c", true)]
        let end = start.advanced(bySeconds: 9)
        let breaches = Story(timeline: entries, faults: [], last: MeshState()).breaches(until: end)
        #expect(breaches.map(\.objective) == ["a", "b"])
        #expect(breaches.map(\.isOver) == [true, false])
        #expect(breaches.map { $0.to.seconds(since: $0.from) } == [2, 7])
    }
}
