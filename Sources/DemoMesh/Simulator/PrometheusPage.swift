/// What one Prometheus scrape asks of one sidecar, in the bytes of Envoy 1.40's `/stats/prometheus`: families of
/// counters, of gauges, of histograms, each kind in the order of their names.
struct PrometheusPage: Sendable {
    private struct Sample: Sendable {
        var head: [UInt8]
        var slot: Int
        var isAlwaysUsed: Bool
    }

    private struct Family: Sendable {
        var head: [UInt8]
        var samples: [Sample]
    }

    private struct Histogram: Sendable {
        /// The bytes before each bucket's value, and before those of the sum and of the count.
        var buckets: [[UInt8]]
        var sum: [UInt8]
        var count: [UInt8]
        var place: Int
    }

    private let families: [Family]
    private let histograms: [Histogram]

    init(_ sidecar: SidecarStats) {
        families =
            Self.families(sidecar.numbers.filter { !$0.isGauge }, type: "counter")
            + Self.families(sidecar.numbers.filter(\.isGauge), type: "gauge")
        histograms = sidecar.histograms.map { histogram in
            let label = MetricName(.listener(histogram.listener), SidecarStats.Histogram.stat)
            func head(_ suffix: String, _ more: String = "") -> [UInt8] {
                Array("\(label.family)_\(suffix){\(label.labels)\(more)} ".utf8)
            }
            return Histogram(
                buckets: (LatencyBins.configuredBounds.map { $0.description } + ["+Inf"]).map {
                    head("bucket", ",le=\"\($0.hasSuffix(".0") ? String($0.dropLast(2)) : $0)\"")
                }, sum: head("sum"), count: head("count"), place: histogram.place)
        }
    }

    private static func families(_ numbers: [SidecarStats.Number], type: String) -> [Family] {
        var samples: [String: [Sample]] = [:]
        for number in numbers {
            let name = MetricName(number.owner, number.stat)
            samples[name.family, default: []].append(
                Sample(
                    head: Array("\(name.family){\(name.labels)} ".utf8), slot: number.slot,
                    isAlwaysUsed: number.isAlwaysUsed))
        }
        return samples.sorted { $0.key < $1.key }.map {
            Family(head: Array("# TYPE \($0.key) \(type)\n".utf8), samples: $0.value)
        }
    }

    /// The page as text. `usedOnly` leaves out what was never touched.
    func bytes(of fleet: Fleet, usedOnly: Bool) -> [UInt8] {
        var page = PageWriter()
        for family in families {
            var isFirst = true
            for sample in family.samples {
                let value = fleet.counts[sample.slot]
                if usedOnly, value == 0, !sample.isAlwaysUsed { continue }
                if isFirst { page.append(family.head) }
                isFirst = false
                page.append(sample.head)
                page.append(value)
                page.append("\n")
            }
        }
        var isFirst = true
        for histogram in histograms {
            let bins = fleet.histograms[histogram.place]
            if usedOnly, bins.totals.isEmpty { continue }
            if isFirst { page.append("# TYPE envoy_http_downstream_rq_time histogram\n") }
            isFirst = false
            append(histogram, bins, to: &page)
        }
        return page.bytes
    }

    private func append(_ histogram: Histogram, _ bins: LatencyBins, to page: inout PageWriter) {
        let totals = bins.totalBins
        for (head, count) in zip(histogram.buckets, LatencyBins.cumulativeCounts(of: totals)) {
            page.append(head)
            page.append(count)
            page.append("\n")
        }
        page.append(histogram.sum)
        page.append(LatencyBins.sum(of: totals))
        page.append("\n")
        page.append(histogram.count)
        page.append(totals.reduce(UInt64(0)) { $0 + UInt64($1.count) })
        page.append("\n")
    }
}

/// What Envoy makes of a stat for Prometheus: parts of its name become labels, and the rest is the family.
private struct MetricName {
    var family: String
    var labels: String

    init(_ owner: SidecarStats.Owner, _ stat: String) {
        var rest = stat.replacing(".", with: "_")
        var parts: [String] = []
        // downstream_rq_5xx is one of the family downstream_rq_xx.
        if rest.hasSuffix("xx"), let digit = rest.dropLast(2).last, digit.isNumber {
            rest = rest.dropLast(3) + "xx"
            parts.append("envoy_response_code_class=\"\(digit)\"")
        }
        switch owner {
        case .listener(let name):
            family = "envoy_http_" + rest
            parts.append("envoy_http_conn_manager_prefix=\"\(Self.escaped(name))\"")
        case .cluster(let name):
            family = "envoy_cluster_" + rest
            parts.append("envoy_cluster_name=\"\(Self.escaped(name))\"")
        case .server:
            family = "envoy_server_" + rest
        }
        labels = parts.joined(separator: ",")
    }

    /// As the text format asks of a label's value.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
