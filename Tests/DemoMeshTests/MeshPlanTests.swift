import Testing

@testable import DemoMesh

@Suite(.timeLimit(.minutes(5))) struct MeshPlanTests {
    @Test(arguments: [nil, 2, 700])
    func `every call goes to a service of the plan, and every service can be reached`(services: Int?) {
        let plan = MeshPlan.simulated(services: services, seed: 3)
        let names = Set(plan.services.map(\.name))
        var reached: Set<String> = [plan.entrance]
        var next = [plan.entrance]
        while let name = next.popLast() {
            for call in plan.service(name)?.calls ?? [] where reached.insert(call.to).inserted { next.append(call.to) }
        }
        #expect(names.count == plan.services.count)
        #expect(reached == names)
    }

    @Test func `a generated mesh has as many services as asked, and the same seed gives the same`() {
        let mesh = MeshPlan.layered(services: 5_000, seed: 7)
        #expect(mesh.services.count == 5_000)
        #expect(mesh.edgeCount >= 4_999)
        let again = MeshPlan.layered(services: 5_000, seed: 7)
        #expect(mesh.services.map(\.work) == again.services.map(\.work))
        #expect(mesh.services.map(\.work) != MeshPlan.layered(services: 5_000, seed: 8).services.map(\.work))
    }

    @Test func `the cellar is shared, the till is tried again, the meal is a fan-out`() throws {
        let bar = MeshPlan.bar
        #expect(bar.services.filter { $0.call(to: "cellar") != nil }.map(\.name) == ["taps", "kitchen", "bathroom"])
        #expect(try #require(bar.service("tab")?.call(to: "till")).retries == 2)
        #expect(try #require(bar.service("bar")?.call(to: "kitchen")).isTogether)
        #expect(bar.services.filter { $0.instances.count > 1 }.map(\.name) == ["taps", "kitchen", "cellar"])
    }

    @Test func `customers come for every journey, by its weight`() {
        var random = SeededRandom(seed: 5)
        var counts: [String: Int] = [:]
        for _ in 0..<10_000 { counts[Journey.next(with: &random).name, default: 0] += 1 }
        for journey in Journey.all {
            let share = Double(counts[journey.name] ?? 0) / 10_000
            #expect(abs(share - Double(journey.weight) / 100) < 0.02, "\(journey.name)")
        }
    }

    @Test func `customers come at the rate that was asked for`() {
        var random = SeededRandom(seed: 5)
        let time = (0..<10_000).reduce(0.0) { sum, _ in sum + TrafficSource.pause(at: 40, with: &random).inSeconds }
        #expect(abs(time - 250) < 5)
    }

    @Test func `work takes the median as often more as less, and has a tail`() {
        var random = SeededRandom(seed: 9)
        let work = WorkTime(median: .milliseconds(10), spread: 0.5)
        let times = (0..<10_000).map { _ in work.sample(with: &random).inSeconds * 1_000 }.sorted()
        #expect(abs(times[5_000] - 10) < 0.5)
        #expect((28...36).contains(times[9_900]))
    }

    @Test func `a queue that is full turns the next one away, and workers are given on in order`() async {
        let workers = Workers(count: 1, longestQueue: 1)
        #expect(await workers.take())
        async let second = workers.take()
        while await workers.queueLength == 0, !Task.isCancelled { await Task.yield() }
        #expect(await workers.take() == false)
        await workers.giveBack()
        #expect(await second)
        await workers.giveBack()
        #expect(await workers.take())
    }
}
