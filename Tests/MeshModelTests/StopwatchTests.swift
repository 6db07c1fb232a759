import MeshModel
import TestKit
import Testing

/// Time to detect and time to recover: from which moment to which, and how they are written.
@Suite struct StopwatchTests {
    private static let start = Timestamp(milliseconds: 1_764_000_000_000)
    private static let objective = Objective(
        name: "answered", service: "door", indicator: .success(target: 0.99), window: 86_400)

    /// A day at one door, told second by second.
    private struct Day {
        var narration = Narration()
        var lines: [String] = []
        var second = 0.0
        var number: UInt64 = 0

        init() {
            let session = Session(id: "1", name: "m", mode: .live, startedAt: start, objectives: [objective])
            tell(.session(session))
        }

        var now: Timestamp { start.advanced(bySeconds: second) }
        var stopwatch: Stopwatch? { narration.mesh.stopwatch(of: objective, at: now) }
        var lags: [TimelineEntry.Lag?] {
            narration.mesh.timeline.compactMap { entry in
                if case .objective(_, _, let lag) = entry.turn { .some(lag) } else { nil }
            }
        }

        mutating func tell(_ observation: Observation) {
            number += 1
            lines += narration.tell(Event(number: number, at: now, observation: observation))
        }

        mutating func run(_ seconds: Int, failed: UInt64 = 0) {
            for _ in 0..<seconds {
                second += 1
                var sample = TrafficSample(seconds: 1)
                sample.completed = 100
                sample.answers5xx = failed
                tell(.traffic(TrafficReport(source: "door", service: "door", inbound: sample, outbound: [])))
            }
        }

        mutating func fault(_ id: String, _ phase: FaultPhase, accepted: Timestamp? = nil) {
            var fault = Fault(
                id: id, kind: .abort(status: 503), edge: Edge(from: "door", to: "bar"), share: 0.5, by: "ann",
                requestedAt: now, leaseEnds: now.advanced(bySeconds: 600), phase: phase, sources: ["door"])
            fault.acceptedAt = accepted ?? now
            tell(.fault(fault))
        }
    }

    @Test func `detect is from the confirmation to the crossing, recover from the removal to the baseline`() throws {
        var day = Day()
        day.run(70)
        #expect(day.stopwatch == nil)
        day.fault("F1", .accepted)
        let accepted = day.now
        day.second += 0.4
        day.run(2)
        #expect(day.stopwatch?.detection == .awaited(seconds: 2.4) && day.stopwatch?.recovery == .nothing)
        day.run(10, failed: 50)
        #expect(day.stopwatch?.detection == .found(fault: "F1", seconds: 3.4))
        #expect(day.stopwatch?.recovery == .nothing)
        day.fault("F1", .reverting, accepted: accepted)
        day.run(4, failed: 20)
        #expect(day.stopwatch?.recovery == .awaited(seconds: 4))
        day.fault("F1", .reverted, accepted: accepted)
        day.run(12)
        #expect(day.stopwatch?.recovery == .done(seconds: 5))
        #expect(day.stopwatch?.secondsToDetect == 3.4 && day.stopwatch?.secondsToRecover == 5)
        #expect(day.lags == [.init(fault: "F1", milliseconds: 3400), .init(fault: "F1", milliseconds: 5000)])
        #expect(day.lines.contains { $0.hasSuffix("door success fell below 99% 3.4 seconds after fault 1.") })
        #expect(
            day.lines.contains {
                $0.hasSuffix(
                    "door success is 99% or more again; it recovered 5.0 seconds after the removal of fault 1.")
            })
    }

    @Test func `where nothing broke there is nothing to detect and nothing to recover`() {
        var day = Day()
        day.run(70)
        day.fault("F1", .accepted)
        day.run(5)
        day.fault("F1", .reverted)
        day.run(10)
        #expect(day.stopwatch?.detection == .nothing && day.stopwatch?.recovery == .nothing)
        #expect(day.stopwatch?.secondsToDetect == nil && day.stopwatch?.secondsToRecover == nil)
        // What breaks afterwards is laid to no fault.
        day.run(5, failed: 50)
        day.run(10)
        #expect(day.stopwatch?.detection == .nothing && day.lags == [nil, nil])
    }

    @Test func `what was broken before is laid to no fault`() {
        var day = Day()
        day.run(70)
        day.run(5, failed: 50)
        day.fault("F1", .accepted)
        day.run(5, failed: 50)
        day.fault("F1", .reverted)
        day.run(12)
        #expect(day.stopwatch?.detection == .alreadyBroken && day.stopwatch?.recovery == .nothing)
        #expect(day.lags == [nil, nil])
    }

    @Test func `several faults are told together, and a breach after the recovery is another's`() {
        var day = Day()
        day.run(70)
        day.fault("F1", .accepted)
        day.run(1)
        day.fault("F2", .accepted)
        day.run(4, failed: 50)
        day.fault("F1", .reverted)
        day.fault("F2", .reverted)
        day.run(12)
        day.run(5, failed: 50)
        day.run(12)
        let expected: [TimelineEntry.Lag?] = [
            .init(fault: "F2", milliseconds: 1000), .init(fault: nil, milliseconds: 1000), nil, nil,
        ]
        #expect(day.lags == expected)
        #expect(day.lines.contains { $0.hasSuffix("it recovered 1.0 seconds after the removal of the faults.") })
    }

    @Test func `a lag goes over the wire and back`() throws {
        for lag in [nil, TimelineEntry.Lag(fault: "F1", milliseconds: 900), .init(fault: nil, milliseconds: 0)] {
            let turn = TimelineEntry.Turn.objective("orders", isMet: false, lag: lag)
            let entry = TimelineEntry(at: Self.start, kind: .objective, tone: .bad, turn: turn)
            let wire = try JSON(parsing: entry.json.bytes)
            #expect(try TimelineEntry(WireFields(wire, page: "test")) == entry)
            #expect(entry.text == "orders: BROKEN")
        }
    }

    @Test(arguments: [
        (0.0, "0.0"), (-1, "0.0"), (0.94, "0.9"), (9.94, "9.9"), (9.96, "10"), (119, "119"), (119.6, "1"),
        (7100, "118"),
        (7300, "2"),
    ])
    func `a time has one figure in every style`(seconds: Double, figure: String) {
        for style in [PlainWords.WaitStyle.cell, .text, .sentence] {
            let words = PlainWords.wait(seconds, style)
            #expect(words.prefix { $0.isNumber || $0 == "." } == figure)
        }
        #expect(PlainWords.wait(7300, .cell) == "2h" && PlainWords.wait(90, .text) == "90 s")
        #expect(PlainWords.wait(119.6, .sentence) == "1 minute" && PlainWords.wait(300, .text) == "5 min")
    }
}
