import MeshModel
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct EventLogTests {
    private func note(_ number: Int) -> Observation {
        .note(Note(by: "test", text: String(repeating: "x", count: number % 40) + " \(number)"))
    }

    private func numbers(_ bytes: [UInt8]) -> [UInt64] {
        bytes.split(separator: 0x0A).compactMap { line in
            guard case .event(let event)? = try? EventWire.read(Array(line)) else { return nil }
            return event.number
        }
    }

    /// Everything after a number, in as many readings as it takes; nil when some of it is no longer held.
    private func all(after start: UInt64, in ring: EventRing, _ random: inout SeededGenerator) -> [UInt64]? {
        var position = start
        var got: [UInt64] = []
        while true {
            switch ring.lines(after: position, limit: random.int(in: 1...3000)) {
            case .lines(let bytes, let last):
                got += numbers(bytes)
                position = last
            case .nothing: return got
            case .gap: return nil
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(10))
    func `From any number that is held a reader gets every later event, once and in order`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ring = EventRing(capacity: 2000)
        var last: UInt64 = 0
        for _ in 0..<200 {
            var bytes: [UInt8] = []
            var starts: [UInt32] = []
            for _ in 0...random.int(in: 0...4) {
                last += 1
                starts.append(UInt32(bytes.count))
                let event = Event(number: last, at: Timestamp(milliseconds: 0), observation: note(Int(last)))
                bytes += EventWire.line(event)
            }
            ring.append(bytes, starts: starts, at: .zero)
        }
        let readings = (0...last).map { all(after: $0, in: ring, &random) }
        let firstHeld = readings.firstIndex { $0 != nil } ?? 0
        #expect(firstHeld > 0, "the oldest are dropped")
        #expect(firstHeld < last, "the newest are held")
        for start in firstHeld...Int(last) { #expect(readings[start] == Array(UInt64(start + 1)..<last + 1)) }
        #expect(ring.lines(after: last + 1, limit: 10) == .gap)
    }

    @Test func `The ring takes no more memory than its bound, whatever was written before`() {
        let log = EventLog(clock: FakeMesh([]).clock, capacity: 64 << 10)
        log.append([.note(Note(by: "test", text: String(repeating: "x", count: 1 << 20)))])
        for number in 0..<1000 { log.append([note(number)]) }
        let footprint = log.footprint
        #expect(footprint <= 64 << 10, "\(footprint) bytes")
        guard case .lines(let bytes, _) = log.lines(after: 990, limit: 1 << 20) else {
            Issue.record("the newest are not held")
            return
        }
        #expect(bytes.capacity < 64 << 10, "a reader's copy has the room of the largest: \(bytes.capacity)")
    }

    @Test func `What is older than the ring's age is dropped, and the newest stays`() {
        var ring = EventRing(capacity: 1 << 20, age: .seconds(10))
        for second in 0..<30 { ring.append([0x0A], starts: [0], at: .seconds(second)) }
        #expect(ring.lines(after: 18, limit: 10) == .gap)
        #expect(ring.lines(after: 29, limit: 10) == .lines([0x0A], last: 30))
        ring.append([0x0A], starts: [0], at: .seconds(1000))
        #expect(ring.lines(after: 29, limit: 10) == .gap)
        #expect(ring.lines(after: 30, limit: 10) == .lines([0x0A], last: 31))
    }

    @Test func `Events are numbered from one, stamped, folded and written alike`() throws {
        let mesh = FakeMesh([])
        let log = EventLog(clock: mesh.clock)
        log.append([note(1), note(2)])
        log.append([.beat(nil)])
        guard case .lines(let bytes, let last) = log.lines(after: 0, limit: 1 << 20) else {
            Issue.record("nothing is there")
            return
        }
        #expect(numbers(bytes) == [1, 2, 3])
        #expect(last == 3)
        #expect(log.read { $0.lastNumber } == 3)
        #expect(log.read { $0.timeline.count } == 2)
        #expect(log.read { $0.lastAt } == mesh.clock.now())
    }

    @Test func `Who waits is woken by the next event and by the end`() async {
        let log = EventLog(clock: FakeMesh([]).clock)
        let waiting = Task { await log.wait(after: 0) }
        log.append([.beat(nil)])
        await waiting.value
        let last = Task { await log.wait(after: 1) }
        log.close()
        await last.value
        let cancelled = Task { await EventLog(clock: FakeMesh([]).clock).wait(after: 0) }
        cancelled.cancel()
        await cancelled.value
    }

    @Test func `A reader whose place is gone gets a key frame and goes on after it`() throws {
        let log = EventLog(clock: FakeMesh([]).clock, capacity: 500)
        for number in 1...100 { log.append([note(number)]) }
        var feed = EventFeed(log: log, after: 3, watch: nil)
        guard case .bytes(let first) = feed.next(), case .event(let event) = try EventWire.read(first),
            case .keyframe(let state) = event.observation
        else {
            Issue.record("no key frame")
            return
        }
        #expect(event.number == 100)
        #expect(state.timeline.count == log.read { $0.timeline.count })
        #expect(feed.next() == .nothing)
        log.append([note(101)])
        guard case .bytes(let next) = feed.next() else {
            Issue.record("no event")
            return
        }
        #expect(numbers(next) == [101])
        log.close()
        #expect(feed.next() == .over)
    }
}
