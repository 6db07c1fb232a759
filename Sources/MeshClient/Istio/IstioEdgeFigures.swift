internal import MeshModel

/// Adds up what one pod tells of the versions that it calls, and of how its callers prove who they are, over the last
/// seconds. A poll has too few requests to tell shares by.
struct IstioEdgeFigures {
    /// Seconds of one slice, and how many slices there are at most.
    private static let slice = 3.0
    private static let slices = 4

    /// What one poll said of a scope.
    struct Counted {
        var scope: IstioScope
        var sample: TrafficSample
        var told: UInt64 = 0
        var mutual: UInt64 = 0
    }

    fileprivate struct Slice {
        var seconds = 0.0
        var versions: [ServiceName: [String: TrafficSample]] = [:]
        var callers: [ServiceName: (told: UInt64, mutual: UInt64)] = [:]
    }

    private var open = Slice()
    private var closed: [Slice] = []
    /// The versions that ever answered: one that is not called any more has a share of nothing.
    private var known: [ServiceName: Set<String>] = [:]
    private var told: [Edge: EdgeReport] = [:]

    /// Takes a poll; once a slice is full, answers with what is new of the edges since the one before.
    mutating func take(
        _ poll: [Counted], source: String, seconds: Double, in around: IstioSampler.Surroundings
    ) -> [EdgeReport] {
        open.seconds += seconds
        for counted in poll { open.take(counted, around) }
        for (callee, versions) in open.versions { known[callee, default: []].formUnion(versions.keys) }
        guard open.seconds >= Self.slice else { return [] }
        closed.append(open)
        if closed.count > Self.slices { closed.removeFirst() }
        open = Slice()
        return reports(source, around.service)
    }

    private mutating func reports(_ source: String, _ own: ServiceName) -> [EdgeReport] {
        var reports: [Edge: EdgeReport] = [:]
        for (callee, versions) in known where versions.count > 1 {
            let edge = Edge(from: own, to: callee)
            reports[edge, default: EdgeReport(source: source, edge: edge)].parts = versions.sorted().map {
                EdgeReport.Part(version: $0, sample: sample(of: $0, callee))
            }
        }
        for caller in Set(closed.flatMap(\.callers.keys)) {
            let counts = closed.compactMap { $0.callers[caller] }
            let sum = counts.reduce((told: UInt64(0), mutual: UInt64(0))) { ($0.told + $1.told, $0.mutual + $1.mutual) }
            guard sum.told > 0 else { continue }
            let edge = Edge(from: caller, to: own)
            reports[edge, default: EdgeReport(source: source, edge: edge)].mutualShare =
                Double(sum.mutual) / Double(sum.told)
        }
        let news = reports.filter { told[$0.key] != $0.value }.map(\.value)
        // A caller that is quiet proved nothing to the contrary.
        told.merge(reports) { $1 }
        return news.sorted { $0.edge < $1.edge }
    }

    private func sample(of version: String, _ callee: ServiceName) -> TrafficSample {
        var sum = TrafficSample(seconds: closed.reduce(0) { $0 + $1.seconds })
        for part in closed.compactMap({ $0.versions[callee]?[version] }) { sum.join(part) }
        // The gauges are those of the edge.
        (sum.active, sum.healthyHosts, sum.totalHosts) = (nil, nil, nil)
        return sum
    }
}

extension IstioEdgeFigures.Slice {
    fileprivate mutating func take(_ counted: IstioEdgeFigures.Counted, _ around: IstioSampler.Surroundings) {
        switch counted.scope {
        case .sent(let to, let version?):
            versions[to, default: [:]][version, default: TrafficSample(milliseconds: 0)].join(counted.sample)
        case .received(let caller):
            guard counted.told > 0, let from = around.name(caller), from != around.service else { return }
            let sum = callers[from, default: (0, 0)]
            callers[from] = (sum.told &+ counted.told, sum.mutual &+ counted.mutual)
        case .sent, .passed: break
        }
    }
}
