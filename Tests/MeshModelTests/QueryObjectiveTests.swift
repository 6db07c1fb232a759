import Testing

@testable import MeshModel

/// Objectives whose values come from a query.
struct QueryObjectiveTests {
    private let success = Objective(
        name: "paid", service: "shop", indicator: .success(target: 0.999), query: .init("good / all"))
    private let latency = Objective(
        name: "fast", service: "shop", indicator: .latency(quantile: 0.99, limit: 300),
        query: .init("histogram_quantile(0.99, x)", factor: 1000))

    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_764_000_000_000 + seconds * 1000) }

    /// A day of one answer every fifteen seconds; nil is a gap.
    private func day(_ objective: Objective, _ answers: [Double?]) -> MeshState {
        var state = MeshState()
        let session = Session(
            id: "s", name: "mesh", mode: .live, startedAt: at(0), pollInterval: 15, objectives: [objective],
            guards: [.broken(objective: objective.name, seconds: 20)])
        var events: [Observation] = [.session(session)]
        for answer in answers {
            guard let answer, let sample = objective.sample(ofAnswer: answer, milliseconds: 15_000) else {
                events.append(.beat(nil))
                continue
            }
            events.append(
                .traffic(
                    TrafficReport(source: "prometheus", service: objective.scope, inbound: sample, outbound: [])))
        }
        for (place, event) in events.enumerated() {
            state.apply(Event(number: UInt64(place + 1), at: at(Int64(place) * 15), observation: event))
        }
        return state
    }

    @Test func `the value is exactly the answer, and so is the verdict`() throws {
        let state = day(success, [0.999_5])
        let reading = state.reading(of: success, at: at(16))
        #expect(reading.value == 0.999_5 && reading.isMet == true)
        #expect(reading.burnRate.map { abs($0 - 0.5) < 1e-6 } == true)
        let broken = day(latency, [0.25, 0.312])
        #expect(broken.reading(of: latency, at: at(31)).value == 312)
        #expect(broken.verdicts[latency] == false)
        #expect(broken.timeline.contains { $0.text == "fast: BROKEN" })
    }

    @Test func `guards and budgets take it as any other`() throws {
        let state = day(success, [1, 0.9, 0.9, 0.9])
        let guardRail = try #require(state.session?.guards.first)
        let reading = state.reading(of: guardRail, at: at(61))
        #expect(reading.isMet && (reading.value ?? 0) >= 30)
        let budget = state.budget(of: success, at: at(61))
        #expect(budget.burns[1].rate.map { abs($0 - 75) < 30 } == true)
        #expect(budget.left.map { $0 < 1 } == true)
    }

    @Test func `an answer that is missing is a gap, and one that is no number is none`() {
        #expect(success.sample(ofAnswer: .nan, milliseconds: 1) == nil)
        #expect(success.sample(ofAnswer: .infinity, milliseconds: 1) == nil)
        let state = day(success, [0.9, nil, nil, nil, nil])
        #expect(state.reading(of: success, at: at(76)).value == nil)
    }

    @Test func `it is no service, and shows its service as unwell`() {
        let state = day(success, [0.5])
        #expect(state.session?.queryScopes == [success.scope])
        #expect(Objective.name(ofScope: success.scope) == "paid")
        #expect(Objective.name(ofScope: "shop") == nil)
        #expect(success.scope != "shop")
    }

    @Test func `query and factor cross the wire, and an objective without them is written as before`() throws {
        for objective in [success, latency] {
            let again = try Objective(WireFields(objective.json, page: "test"))
            #expect(again == objective)
        }
        let plain = Objective(name: "a", service: "b", indicator: .success(target: 0.9))
        #expect(plain.json["query"] == nil)
    }
}
