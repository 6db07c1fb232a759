/// What one poll asks of one sidecar: the names that its filter lets through, with their bytes, in Envoy's order.
struct StatsPage: Sendable {
    private struct Stat: Sendable {
        var head: [UInt8]
        var slot: Int
        var isGauge: Bool
    }

    private struct Histogram: Sendable {
        var head: [UInt8]
        var place: Int
    }

    private var stats: [Stat] = []
    private var histograms: [Histogram] = []

    init(of service: Int, in fleet: Fleet, passes: (String) -> Bool) {
        var named = Self.counters(of: service, in: fleet).filter { passes($0.name) }
        named.sort { $0.name < $1.name }
        stats = named.map {
            Stat(head: Array("{\"name\":\(quoted($0.name)),\"value\":".utf8), slot: $0.slot, isGauge: $0.isGauge)
        }
        let state = fleet.services[service]
        let listeners = [("in", state.histogram)] + fleet.edges[state.edges].map { ("to_" + $0.to, $0.histogram) }
        histograms = listeners.map { ("http.\($0).downstream_rq_time", $1) }.filter { passes($0.0) }
            .sorted { $0.0 < $1.0 }
            .map { Histogram(head: Array("{\"name\":\(quoted($0)),\"totals\":[".utf8), place: $1) }
    }

    private static func counters(
        of service: Int, in fleet: Fleet
    ) -> [(name: String, slot: Int, isGauge: Bool)] {
        var all: [(name: String, slot: Int, isGauge: Bool)] = []
        func addListener(_ name: String, at base: Int) {
            for one in ListenerCounter.allCases {
                all.append(("http.\(name).\(one.name)", base + one.rawValue, one.isGauge))
            }
        }
        func addCluster(_ name: String, at base: Int) {
            for one in ClusterCounter.allCases {
                all.append(("cluster.\(name).\(one.name)", base + one.rawValue, one.isGauge))
            }
        }
        let state = fleet.services[service]
        addListener("in", at: state.inbound)
        addCluster("local_app", at: state.localCluster)
        for edge in fleet.edges[state.edges] {
            addListener("to_" + edge.to, at: edge.listener)
            addCluster(edge.to, at: edge.cluster)
        }
        for one in ServerCounter.allCases { all.append(("server." + one.name, state.server + one.rawValue, true)) }
        return all
    }

    /// The page as JSON with detailed buckets. `usedOnly` leaves out what was never touched.
    func bytes(of fleet: Fleet, usedOnly: Bool) -> [UInt8] {
        var page = PageWriter()
        page.append("{\"stats\":[")
        for stat in stats {
            let value = fleet.counts[stat.slot]
            if usedOnly, value == 0, !stat.isGauge { continue }
            page.separate()
            page.append(stat.head)
            page.append(value)
            page.append("}")
        }
        append(histogramsOf: fleet, usedOnly: usedOnly, to: &page)
        page.append("]}")
        return page.bytes
    }

    private func append(histogramsOf fleet: Fleet, usedOnly: Bool, to page: inout PageWriter) {
        var isFirst = true
        for histogram in histograms {
            let bins = fleet.histograms[histogram.place]
            if usedOnly, bins.totals.isEmpty { continue }
            if isFirst {
                page.separate()
                page.append(
                    "{\"histograms\":{\"supported_percentiles\":[0,25,50,75,90,95,99,99.5,99.9,100],\"details\":[")
            } else {
                page.append(",")
            }
            isFirst = false
            page.append(histogram.head)
            let (totals, interval) = (bins.totalBins, bins.intervalBins)
            page.append(bins: totals)
            page.append("],\"intervals\":[")
            page.append(bins: interval)
            page.append("],\"percentiles\":[")
            page.append(
                cumulative: LatencyBins.quantiles(of: totals), interval: LatencyBins.quantiles(of: interval))
            page.append("]}")
        }
        if !isFirst { page.append("]}}") }
    }
}
