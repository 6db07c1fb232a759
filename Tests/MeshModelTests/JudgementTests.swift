import MeshModel
import TestKit
import Testing

@Suite struct JudgementTests {
    private func sample(completed: UInt64, failed: UInt64, latency: LatencyHistogram? = nil) -> TrafficSample {
        var sample = TrafficSample(seconds: 1)
        sample.completed = completed
        sample.answers5xx = failed
        sample.latency = latency
        return sample
    }

    @Test func `an objective without traffic is neither met nor broken`() {
        let success = Objective(name: "s", service: "door", indicator: .success(target: 0.99))
        let latency = Objective(name: "l", service: "door", indicator: .latency(quantile: 0.99, limit: 300))
        for objective in [success, latency] {
            for silent in [sample(completed: 0, failed: 0), sample(completed: 0, failed: 0, latency: .init())] {
                let reading = objective.reading(of: silent)
                #expect(reading.isMet == nil && reading.value == nil && reading.burnRate == nil)
            }
            #expect(MeshState().reading(of: objective, at: Timestamp(milliseconds: 0)).isMet == nil)
        }
    }

    @Test func `a burn rate of one spends the budget exactly`() throws {
        let objective = Objective(name: "s", service: "door", indicator: .success(target: 0.99))
        let exact = objective.reading(of: sample(completed: 100, failed: 1))
        #expect(exact.isMet == true)
        #expect(abs(try #require(exact.burnRate) - 1) < 1e-9)
        let broken = objective.reading(of: sample(completed: 100, failed: 2))
        #expect(broken.isMet == false)
        #expect(abs(try #require(broken.burnRate) - 2) < 1e-9)
        let impossible = Objective(name: "s", service: "door", indicator: .success(target: 1))
        #expect(impossible.reading(of: sample(completed: 100, failed: 2)).burnRate == nil)
    }

    @Test func `a latency objective is judged by its quantile`() {
        let slow = LatencyHistogram([
            LatencyHistogram.Bin(lower: 10, width: 1, count: 90),
            LatencyHistogram.Bin(lower: 400, width: 10, count: 10),
        ])
        let objective = Objective(name: "l", service: "door", indicator: .latency(quantile: 0.99, limit: 300))
        let lax = Objective(name: "l", service: "door", indicator: .latency(quantile: 0.9, limit: 300))
        #expect(objective.reading(of: sample(completed: 100, failed: 0, latency: slow)).isMet == false)
        #expect(lax.reading(of: sample(completed: 100, failed: 0, latency: slow)).isMet == true)
    }

    @Test func `more failures than answers are no negative success`() {
        #expect(sample(completed: 3, failed: 9).successRatio == 0)
    }

    @Test(arguments: SeededGenerator.seeds(300))
    func `the interval of a seen share holds the share and narrows with requests`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let requests = UInt64(generator.int(in: 1...10_000))
        let seen = SeenShare(hit: UInt64(generator.int(in: 0...Int(requests))), requests: requests)
        let interval = try #require(seen.interval)
        #expect(interval.contains(try #require(seen.ratio)))
        #expect(interval.lowerBound >= 0 && interval.upperBound <= 1)
        let more = try #require(SeenShare(hit: seen.hit * 100, requests: requests * 100).interval)
        #expect(more.upperBound - more.lowerBound < interval.upperBound - interval.lowerBound)
    }

    @Test func `a seen share of no requests is unknown`() throws {
        #expect(SeenShare(hit: 0, requests: 0).interval == nil)
        #expect(SeenShare(hit: 9, requests: 3).ratio == 1)
        // Wilson's interval for 50 of 100 is 40.4 % to 59.6 %.
        let interval = try #require(SeenShare(hit: 50, requests: 100).interval)
        #expect(abs(interval.lowerBound - 0.4038) < 0.0005 && abs(interval.upperBound - 0.5962) < 0.0005)
        #expect(SeenShare(hit: .max, requests: .max).interval?.contains(1) == true)
    }

    @Test func `a service is judged by errors, hosts and silence`() {
        #expect(Health(of: nil) == .unknown)
        #expect(Health(of: sample(completed: 0, failed: 0)) == .unknown)
        #expect(Health(of: sample(completed: 1000, failed: 10)) == .ok)
        #expect(Health(of: sample(completed: 1000, failed: 20)) == .warn)
        #expect(Health(of: sample(completed: 1000, failed: 60)) == .bad)
        #expect(Health(of: sample(completed: 19, failed: 1)) == .ok)
        #expect(Health(of: sample(completed: 19, failed: 3)) == .bad)
        #expect(Health(of: sample(completed: 1, failed: 1)) == .bad)
        var alone = sample(completed: 1000, failed: 0)
        alone.totalHosts = 1
        alone.healthyHosts = 0
        #expect(Health(of: alone) == .bad)
        alone.totalHosts = 0
        #expect(Health(of: alone) == .ok)
    }

    @Test func `amounts are read with their unit and nothing else`() throws {
        let expected = ["200ms": 0.2, "2s": 2, "1.5m": 90, "1h": 3600, "1m30s": 90, "0s": 0]
        for (text, seconds) in expected { #expect(abs(try #require(Quantity.seconds(text)) - seconds) < 1e-9) }
        for text in ["", "5", "s", "1.2.3s", "1 s", "-1s", "1e3s", "٣s", "1s\n", "0x5s", ".", "5sm", "1ß"] {
            #expect(Quantity.seconds(text) == nil, "\(text)")
        }
        #expect(Quantity.seconds(String(repeating: "9", count: 400) + "h") == nil)
        #expect(Quantity.share(percent: "99.5%") == 0.995)
        #expect(Quantity.share(percent: "0") == 0)
        for text in ["", "%", "101", "-1", "0x10", "1e1", "nan", "inf", "5%%", "+5"] {
            #expect(Quantity.share(percent: text) == nil, "\(text)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(50))
    func `the nearest word never traps on strange words`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let known = ["success", "latency", "stale"]
        _ = Quantity.nearest(to: generator.hostileText(upTo: 300), among: known)
        #expect(Quantity.nearest(to: "sucess", among: known) == "success")
        #expect(Quantity.nearest(to: "zzzzzzz", among: known) == nil)
        #expect(Quantity.nearest(to: "", among: known) == nil)
        #expect(Quantity.nearest(to: "a", among: []) == nil)
    }
}
