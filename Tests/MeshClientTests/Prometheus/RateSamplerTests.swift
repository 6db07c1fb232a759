import MeshModel
import Testing

@testable import MeshClient

struct RateSamplerTests {
    private let edge = Edge(from: "a", to: "b")

    private func reading(_ good: Double, _ bad: Double = 0, latencies: [Double?] = []) -> RateReading {
        var rates = RequestRates()
        rates.add(good, ofClass: 2)
        rates.add(bad, ofClass: 5)
        return RateReading(rates: rates, latencies: latencies)
    }

    private func mesh(_ reading: RateReading) -> RateMesh { RateMesh(services: ["b": reading], edges: [edge: reading]) }

    private func inbound(_ reports: [TrafficReport]) throws -> TrafficSample {
        try #require(reports.first { $0.service == "b" }?.inbound)
    }

    @Test(arguments: [0.001, 0.03, 0.4, 1.23, 17.7, 1234.567, 98_765.4])
    func `the rate of a sample is the rate that was told`(_ rate: Double) throws {
        var sampler = RateSampler(quantiles: [])
        for _ in 0..<20 {
            let sample = try inbound(sampler.reports(of: mesh(reading(rate)), source: "p", seconds: 15))
            let shown = try #require(sample.requestRate)
            #expect(abs(shown - rate) <= rate * 1e-3)
        }
    }

    @Test func `what a day counts is what the rates come to`() throws {
        var sampler = RateSampler(quantiles: [])
        var (requests, bad) = (UInt64(0), UInt64(0))
        for _ in 0..<1000 {
            let sample = try inbound(sampler.reports(of: mesh(reading(1.23, 0.011)), source: "p", seconds: 15))
            requests += sample.completed
            bad += sample.answers5xx
        }
        #expect(abs(Double(requests) - 1.241 * 15_000) <= 2)
        #expect(abs(Double(bad) - 0.011 * 15_000) <= 1)
    }

    @Test func `no traffic is a rate of zero, and what is not told is nothing`() throws {
        var sampler = RateSampler(quantiles: [])
        let sample = try inbound(sampler.reports(of: mesh(reading(0)), source: "p", seconds: 15))
        #expect(sample.requestRate == 0 && sample.successRatio == nil && sample.milliseconds == 15_000)
        #expect(sampler.reports(of: RateMesh(), source: "p", seconds: 15).isEmpty)
    }

    @Test(arguments: [1.0, 12, 5000])
    func `quantiles are exactly those that were told`(_ rate: Double) throws {
        var sampler = RateSampler(quantiles: [0.5, 0.95, 0.99])
        let told = [4.2, 88.5, 240.25]
        let sample = try inbound(
            sampler.reports(of: mesh(reading(rate, latencies: told)), source: "p", seconds: 15))
        let latency = try #require(sample.latency)
        for (quantile, time) in zip([0.5, 0.95, 0.99], told) {
            #expect(abs((latency.quantile(quantile) ?? 0) - time) < 1e-6)
        }
        let share = try #require(latency.share(within: 240.25))
        #expect(abs(share - 0.99) < 1e-9)
    }

    @Test func `quantiles that are the same stay the same, and one that is not known leaves no hole`() throws {
        var sampler = RateSampler(quantiles: [0.5, 0.95, 0.99, 0.999])
        let sample = try inbound(
            sampler.reports(of: mesh(reading(3, latencies: [5, 5, nil, 9])), source: "p", seconds: 15))
        let latency = try #require(sample.latency)
        #expect(abs((latency.quantile(0.5) ?? 0) - 5) < 1e-3)
        #expect(abs((latency.quantile(0.95) ?? 0) - 5) < 1e-3)
        #expect(abs((latency.quantile(0.999) ?? 0) - 9) < 1e-3)
    }

    @Test func `a service that nobody stands beside has what its callers saw`() throws {
        var sampler = RateSampler(quantiles: [])
        let edges = [edge: reading(4), Edge(from: "c", to: "b"): reading(6, 2)]
        let sample = try inbound(sampler.reports(of: RateMesh(edges: edges), source: "p", seconds: 10))
        #expect(abs((sample.requestRate ?? 0) - 12) < 0.01)
        #expect(sample.completed == 120 && sample.answers5xx == 20)
    }

    @Test(arguments: [Double.nan, .infinity, -1, 1e300])
    func `a rate that no mesh has is no rate`(_ value: Double) {
        #expect(RequestRates.usable(value) == nil)
    }
}
