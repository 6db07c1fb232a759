/// What one poll asks of one sidecar: the names that its filter lets through, with their bytes, in Envoy's order.
struct StatsPage: Sendable {
    private struct Stat: Sendable {
        var head: [UInt8]
        var slot: Int
        var isAlwaysUsed: Bool
    }

    private struct Histogram: Sendable {
        var head: [UInt8]
        var place: Int
    }

    private let stats: [Stat]
    private let histograms: [Histogram]

    init(_ sidecar: SidecarStats) {
        stats = sidecar.numbers.map {
            Stat(
                head: Array("{\"name\":\(quoted($0.name)),\"value\":".utf8), slot: $0.slot,
                isAlwaysUsed: $0.isAlwaysUsed)
        }
        histograms = sidecar.histograms.map {
            Histogram(head: Array("{\"name\":\(quoted($0.name)),\"totals\":[".utf8), place: $0.place)
        }
    }

    /// The page as JSON with detailed buckets. `usedOnly` leaves out what was never touched.
    func bytes(of fleet: Fleet, usedOnly: Bool) -> [UInt8] {
        var page = PageWriter()
        page.append("{\"stats\":[")
        for stat in stats {
            let value = fleet.counts[stat.slot]
            if usedOnly, value == 0, !stat.isAlwaysUsed { continue }
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
