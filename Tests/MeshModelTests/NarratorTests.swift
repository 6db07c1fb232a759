import MeshModel
import TestKit
import Testing

/// The sentences that projector and linear mode tell the day in.
struct NarratorTests {
    private static let start = Timestamp(milliseconds: 1_764_000_000_000)
    private static let edge = Edge(from: "bar", to: "taps")

    /// A day whose door answers 100 requests a second.
    private struct Day {
        var narration = Narration()
        var number: UInt64 = 0
        var now = start
        var lines: [String] = []

        init() {
            let objectives = [
                Objective(name: "orders answered", service: "door", indicator: .success(target: 0.995)),
                Objective(name: "orders quick", service: "door", indicator: .latency(quantile: 0.99, limit: 300)),
            ]
            tell(
                .session(
                    Session(
                        id: "gd1", name: "the bar", mode: .live, startedAt: start, entrance: "door",
                        objectives: objectives)))
        }

        mutating func tell(_ observation: Observation) {
            number += 1
            lines += narration.tell(Event(number: number, at: now, observation: observation))
        }

        mutating func run(seconds: Int, failing: UInt64 = 0, milliseconds: Double = 10) {
            for _ in 0..<seconds {
                now = now.advanced(bySeconds: 1)
                var sample = TrafficSample(seconds: 1)
                sample.completed = 100
                sample.answers5xx = failing
                sample.answers2xx = 100 - failing
                sample.latency = LatencyHistogram([.init(lower: milliseconds, width: 1, count: 100)])
                tell(.traffic(TrafficReport(source: "door", service: "door", inbound: sample, outbound: [])))
            }
        }

        mutating func turn(_ phase: FaultPhase, why: String? = nil, isOrphan: Bool = false, id: String = "F1") {
            var fault = Fault(
                id: id, kind: .abort(status: 503), edge: edge, share: 0.3, by: "mv", requestedAt: start,
                leaseEnds: start.advanced(bySeconds: 600), phase: phase)
            fault.acceptedAt = phase == .requested ? nil : start.advanced(bySeconds: 10)
            fault.endedAt = phase.isOver ? now : nil
            fault.explanation = why
            fault.isOrphan = isOrphan
            tell(.fault(fault))
        }
    }

    @Test func `a day with a fault is told as a person would tell it`() {
        var day = Day()
        day.run(seconds: 10)
        day.turn(.requested)
        day.turn(.accepted)
        day.run(seconds: 4, failing: 30, milliseconds: 400)
        day.turn(.active)
        day.run(seconds: 3, failing: 30, milliseconds: 400)
        day.tell(.halt(Halt(isLatched: true, by: "mv", reason: "key pressed")))
        day.turn(.reverted)
        let proof = Halt.Proof(source: "bar", isClean: true)
        day.tell(.halt(Halt(isLatched: true, by: "mv", reason: "key pressed", proofs: [proof])))
        day.run(seconds: 8)
        day.tell(.halt(Halt(isLatched: false, by: "mv", reason: "")))
        day.tell(.note(Note(by: "mv", text: "a retry storm?")))
        let expected = [
            "0:00  session started: the bar: session gd1 (live).",
            "0:10  fault 1 is requested by mv: 30% of requests from bar to taps get status 503.",
            "0:10  fault 1 is configured: 30% of requests from bar to taps get status 503.",
            "0:11  door success fell below 99.5% 1.0 seconds after fault 1.",
            "0:11  door p99 rose above 300 ms 1.0 seconds after fault 1.",
            "0:14  fault 1 is active: 30% of requests from bar to taps get status 503.",
            "0:17  everything was halted by mv: key pressed.",
            "0:17  fault 1 is removed; its proxy confirms it.",
            "0:17  after the halt, 1 of 1 proxies are verified clean.",
            "0:22  door success is 99.5% or more again; it recovered 1.0 seconds after the removal of fault 1.",
            "0:22  door p99 is 300 ms or less again; it recovered 1.0 seconds after the removal of fault 1.",
            "0:25  re-armed by mv: new faults can start.",
            "0:25  note by mv: a retry storm?",
        ]
        #expect(day.lines.joined(separator: "\n") == expected.joined(separator: "\n"))
    }

    @Test(arguments: FaultPhase.known)
    func `every turn of a fault has a sentence of its own`(phase: FaultPhase) throws {
        var day = Day()
        day.turn(phase, why: "because")
        let entry = try #require(day.narration.mesh.timeline.last)
        #expect(Narrator.sentence(of: entry, in: day.narration.mesh) != entry.text)
        #expect(day.lines.last?.contains("fault 1 ") == true)
        let steps: [FaultPhase] = [.requested, .accepted, .reverting]
        #expect(Narrator.isStep(entry) == steps.contains(phase))
    }

    @Test func `an orphan is told as one`() {
        var day = Day()
        day.turn(.active, isOrphan: true, id: "X1")
        #expect(
            day.lines.last
                == "0:00  orphan found, a fault not started here: 30% of requests from bar to taps get status 503.")
    }

    @Test func `a key frame tells how things stand, and a later one only what is new`() {
        var day = Day()
        day.run(seconds: 12, failing: 30)
        day.turn(.active)
        var reader = Narration()
        let first = reader.tell(
            Event(number: day.number, at: day.now, observation: .keyframe(day.narration.mesh)))
        #expect(first.contains("0:12  fault 1 is active: 30% of requests from bar to taps get status 503."))
        #expect(
            first.contains(
                "0:12  orders answered is BROKEN: door success is 70%, target: 99.5% or more."))
        day.turn(.reverted)
        let again = reader.tell(
            Event(number: day.number, at: day.now, observation: .keyframe(day.narration.mesh)))
        #expect(again == ["0:12  fault 1 is removed; its proxy confirms it."])
    }

    @Test func `a sentence that has its full stop gets no second one`() {
        var day = Day()
        day.tell(.note(Note(by: "anna", text: "The tap is mended.")))
        #expect(day.lines.last == "0:00  note by anna: The tap is mended.", "\(day.lines)")
    }

    @Test(arguments: [0, 1])
    func `who comes before or among the first polls is told how things stand once all are heard`(seconds: Int) {
        var day = Day()
        day.run(seconds: seconds)
        var reader = Narration()
        let first = reader.tell(Event(number: day.number, at: day.now, observation: .keyframe(day.narration.mesh)))
        #expect(first.count == 1 && first[0].hasSuffix(": no proxy has been polled yet."))
        var told: [String] = []
        for _ in 0..<6 {
            day.run(seconds: 1)
            let state = Observation.keyframe(day.narration.mesh)
            told += reader.tell(Event(number: day.number, at: day.now, observation: state))
        }
        #expect(told.count { $0.contains("proxies are fresh") } == 1, "\(told)")
        #expect(told.contains { $0.hasSuffix("no active faults.") })
    }

    @Test(arguments: SeededGenerator.seeds(5))
    func `whatever a day brings, it can be told`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var narration = Narration()
        var told = 0
        for event in generator.day(events: 600) { told += narration.tell(event).count }
        #expect(told > 0)
        #expect(!narration.standing(at: Self.start).isEmpty)
    }

    @Test func `numbers are said as people say them`() {
        #expect(
            [0, 1, 41, 65, 120, 3600, 3700].map(PlainWords.time) == [
                "0 seconds", "1 second", "41 seconds", "1 minute 5 seconds", "2 minutes", "1 hour", "1 hour 1 minute",
            ])
        #expect(
            [0.3, 0.5, 1].map { PlainWords.share($0, of: "requests") }
                == ["30% of requests", "half of the requests", "all requests"])
        #expect([0.25, 88, 300, 1200].map(PlainWords.latency) == ["0.3 ms", "88 ms", "300 ms", "1.2 s"])
        #expect([0, 41.9, 872, 3731].map(PlainWords.clock) == ["0:00", "0:41", "14:32", "1:02:11"])
    }
}
