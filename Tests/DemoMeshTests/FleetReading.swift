import MeshModel

@testable import DemoMesh

extension AdminPages {
    mutating func `let`(seconds: Int) {
        for _ in 0..<seconds * 10 { advance() }
    }

    mutating func ask(_ method: String, _ target: String) -> PageAnswer {
        answer(PageRequest(method: method, target: Array(target.utf8)[...]))
    }

    mutating func stats(_ service: String, _ more: String = "&usedonly") -> [UInt8] {
        ask("GET", "/proxies/\(service)/stats?format=json&histogram_buckets=detailed\(more)").body
    }

    mutating func modify(_ service: String, _ query: String) {
        _ = ask("POST", "/proxies/\(service)/runtime_modify?\(query)")
    }
}

extension Fleet {
    func service(_ name: String) -> SimulatedService? {
        plan.services.firstIndex { $0.name == name }.map { services[$0] }
    }

    func edge(_ from: String, _ to: String) -> SimulatedEdge? {
        service(from)?.edges.map { edges[$0] }.first { $0.to == to }
    }

    func value(_ listener: Int, _ counter: ListenerCounter) -> UInt64 {
        counts[listener + counter.rawValue]
    }

    /// The share of 5xx among the answers of a listener since an earlier state.
    func failedShare(_ listener: Int, since earlier: Fleet) -> Double {
        let failed = value(listener, .failed) - earlier.value(listener, .failed)
        return Double(failed) / Double(value(listener, .completed) - earlier.value(listener, .completed))
    }

    func quantile(_ service: String, _ q: Double) -> Double? {
        guard let service = self.service(service) else { return nil }
        let bins = histograms[service.histogram].totalBins.map { one in
            let (lower, width) = LatencyBins.bounds(of: one.bin)
            return LatencyHistogram.Bin(lower: lower, width: width, count: UInt64(one.count))
        }
        return LatencyHistogram(bins).quantile(q)
    }
}
