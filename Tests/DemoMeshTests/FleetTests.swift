import MeshModel
import Testing

@testable import DemoMesh

@Suite struct FleetTests {
    private func pages(_ plan: MeshPlan = .bar, rate: Double = 40, seed: UInt64 = 1, seconds: Int) -> AdminPages {
        var pages = AdminPages(of: Fleet(of: plan, rate: rate, seed: seed))
        pages.let(seconds: seconds)
        return pages
    }

    @Test func `the same seed and the same steps give the same bytes`() {
        var first = pages(seed: 4, seconds: 20)
        var second = pages(seed: 4, seconds: 20)
        var other = pages(seed: 5, seconds: 20)
        for service in MeshPlan.bar.services.map(\.name) {
            #expect(first.stats(service) == second.stats(service))
            #expect(first.stats(service) != other.stats(service))
        }
    }

    @Test func `customers arrive at the rate, and nobody is lost on an edge`() throws {
        let fleet = pages(seconds: 60).fleet
        let door = try #require(fleet.service("door"))
        #expect((2_250...2_550).contains(fleet.value(door.inbound, .completed)))
        for (name, service) in zip(fleet.plan.services.map(\.name), fleet.services) where name != "door" {
            let sent = fleet.edges.filter { fleet.plan.services[$0.callee].name == name }
                .reduce(0) { $0 + fleet.counts[$1.cluster + ClusterCounter.total.rawValue] }
            #expect(sent == fleet.value(service.inbound, .completed), "\(name)")
        }
    }

    @Test func `without a fault nearly everybody is served`() throws {
        let fleet = pages(seconds: 120).fleet
        let door = try #require(fleet.service("door"))
        let failed = Double(fleet.value(door.inbound, .failed)) / Double(fleet.value(door.inbound, .completed))
        #expect(failed < 0.005)
        let till = try #require(fleet.edge("tab", "till"))
        #expect(fleet.counts[till.cluster + ClusterCounter.retries.rawValue] > 0, "the till's hiccups are tried again")
    }

    @Test func `half the calls fail when an edge aborts half, the door feels it, and it ends with the fault`() throws {
        var pages = pages(seconds: 20)
        pages.modify("bar", "edge.taps.abort_pct=50&edge.taps.abort_status=503")
        let before = pages.fleet
        pages.let(seconds: 60)
        let during = pages.fleet
        pages.modify("bar", "edge.taps.abort_pct=&edge.taps.abort_status=")
        pages.let(seconds: 60)
        let after = pages.fleet

        let taps = try #require(before.edge("bar", "taps")).listener
        let door = try #require(before.service("door")).inbound
        #expect((0.45...0.55).contains(during.failedShare(taps, since: before)))
        #expect((0.2...0.45).contains(during.failedShare(door, since: before)))
        #expect(during.value(taps, .aborts) == during.value(taps, .failed) - before.value(taps, .failed))
        #expect(after.value(taps, .aborts) == during.value(taps, .aborts))
        #expect(after.failedShare(door, since: during) < 0.01)
    }

    @Test func `a failing menu is not felt at the door`() throws {
        var pages = pages(seconds: 10)
        pages.modify("bar", "edge.menu.abort_pct=100")
        let before = pages.fleet
        pages.let(seconds: 30)
        let menu = try #require(before.edge("bar", "menu")).listener
        let door = try #require(before.service("door")).inbound
        #expect(pages.fleet.failedShare(menu, since: before) == 1)
        #expect(pages.fleet.failedShare(door, since: before) < 0.01)
    }

    @Test func `a delay beyond the callers' timeouts becomes errors upstream`() throws {
        var pages = pages(seconds: 10)
        pages.modify("cellar", "in.delay_pct=100&in.delay_ms=3000")
        let before = pages.fleet
        pages.let(seconds: 30)
        let cellar = try #require(before.edge("taps", "cellar"))
        let door = try #require(before.service("door")).inbound
        // Soon nobody is let in any more, so that there is nothing left to time out.
        #expect(pages.fleet.counts[cellar.cluster + ClusterCounter.timeouts.rawValue] > 20)
        #expect(pages.fleet.failedShare(door, since: before) > 0.5)
    }

    @Test func `a slow callee makes a queue, and work that queues takes longer`() throws {
        let plan = MeshPlan(
            name: "one", entrance: "one",
            services: [ServicePlan("one", workers: 1, work: WorkTime(median: .milliseconds(10), spread: 0.2))])
        let calm = pages(plan, rate: 20, seconds: 30).fleet
        let busy = pages(plan, rate: 95, seconds: 30).fleet
        let over = pages(plan, rate: 200, seconds: 30).fleet
        #expect(try #require(calm.quantile("one", 0.95)) < 25)
        #expect(try #require(busy.quantile("one", 0.95)) > 30)
        #expect(try #require(over.quantile("one", 0.5)) > 500)
        #expect(over.value(over.services[0].inbound, .failed) > 0, "a full queue turns requests away")
    }

    @Test func `a rate limit makes answers as slow as their size asks for`() throws {
        var pages = pages(seconds: 5)
        pages.modify("bar", "edge.menu.rl_32_pct=100")
        let before = pages.fleet
        pages.let(seconds: 30)
        let menu = try #require(before.edge("bar", "menu"))
        let limits = pages.fleet.value(menu.listener, .limits)
        #expect(limits == pages.fleet.value(menu.listener, .completed) - before.value(menu.listener, .completed))
        // 6,000 bytes at 32 KiB/s are 183 ms.
        #expect(pages.fleet.histograms[menu.histogram].intervalBins.allSatisfy { $0.bin >= LatencyBins.bin(of: 183) })
    }

    @Test(arguments: [
        ("30", 0.3), ("150", 1), ("0.5", 0), ("-1", 0), ("abc", 0), ("true", 0), ("", 0),
        (#"{"numerator":5000,"denominator":"TEN_THOUSAND"}"#, 0.5), (#"{"numerator":7}"#, 0.07),
    ])
    func `reads percentages as Envoy does`(text: String, share: Double) {
        #expect(SimulatedFaults.share(text) == share)
    }

    @Test func `a plan with a circle comes to an end`() {
        let call = CallPlan("round", timeout: .seconds(1))
        let plan = MeshPlan(
            name: "circle", entrance: "round",
            services: [ServicePlan("round", workers: 2, work: WorkTime(median: .milliseconds(1)), calls: [call])])
        #expect(pages(plan, rate: 5, seconds: 2).fleet.counts.reduce(0, +) > 0)
    }
}
