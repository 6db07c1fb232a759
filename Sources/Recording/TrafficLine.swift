import MeshModel

/// Writes a poll as a line of numbers; the grammar stands in `RecordingFormat`.
enum TrafficLine {
    /// Appends the elements after `dt`, of a report that the shape names.
    static func write(_ report: TrafficReport, shape: TrafficShape, id: Int, to writer: inout JSONWriter) {
        writer.write(id)
        let late = late(of: report, shape: shape)
        writer.write(late)
        let interval = shape.every + late
        write(report.inbound, shape.rest[0], interval: interval, to: &writer)
        let told = toldEdges(of: report, shape: shape, interval: interval)
        for (outbound, rest) in zip(report.outbound.prefix(told), shape.rest.dropFirst()) {
            write(outbound.sample, rest, interval: interval, to: &writer)
        }
        if report.restarted { writer.write(true) }
    }

    private static func late(of report: TrafficReport, shape: TrafficShape) -> Int64 {
        let first = report.inbound ?? report.outbound.lazy.compactMap(\.sample).first
        // Far off its rhythm the difference could overflow; the sample then tells its interval itself.
        return first.map { min($0.milliseconds, 1 << 40) - shape.every } ?? 0
    }

    /// All but those at the end that are at rest.
    private static func toldEdges(of report: TrafficReport, shape: TrafficShape, interval: Int64) -> Int {
        var told = report.outbound.count
        while told > 0, report.outbound[told - 1].sample?.rests(as: shape.rest[told], interval: interval) == true {
            told -= 1
        }
        return told
    }

    /// How late a poll was of which there is nothing else to tell; nil when there is.
    static func lateAtRest(_ report: TrafficReport, shape: TrafficShape) -> Int64? {
        guard !report.restarted, let inbound = report.inbound else { return nil }
        let late = late(of: report, shape: shape)
        let interval = shape.every + late
        let isAtRest =
            inbound.rests(as: shape.rest[0], interval: interval)
            && toldEdges(of: report, shape: shape, interval: interval) == 0
        return isAtRest ? late : nil
    }

    private static func write(
        _ sample: TrafficSample?, _ rest: TrafficShape.Rest, interval: Int64, to writer: inout JSONWriter
    ) {
        guard let sample else {
            writer.writeNull()
            return
        }
        if sample.rests(as: rest, interval: interval) { return writer.write(0) }
        writer.array {
            if let bins = sample.latency.flatMap({ BinText($0) }) {
                // Most often all that was completed is in the bins, and then this is zero.
                $0.write(Int64(clamping: sample.completed) &- bins.count)
                $0.write(bins.text)
            } else {
                $0.write(Int64(clamping: sample.completed))
                write(sample.latency, to: &$0)
            }
            tell(0, UInt64(max(0, sample.milliseconds)), UInt64(max(0, interval)), &$0)
            tell(2, sample.answers2xx, sample.unclassed, &$0)
            tell(3, sample.answers3xx, 0, &$0)
            tell(4, sample.answers4xx, 0, &$0)
            tell(5, sample.answers5xx, 0, &$0)
            tell(6, sample.resets, 0, &$0)
            tell(7, sample.active, rest.active, &$0)
            tell(8, sample.retries, 0, &$0)
            tell(9, sample.timeouts, 0, &$0)
            tell(10, sample.overflows, 0, &$0)
            tell(11, sample.connectFailures, 0, &$0)
            tell(12, sample.abortsInjected, 0, &$0)
            tell(13, sample.delaysInjected, 0, &$0)
            tell(14, sample.rateLimitsInjected, 0, &$0)
            tell(15, sample.healthyHosts, rest.hosts, &$0)
            tell(16, sample.totalHosts, rest.hosts, &$0)
            tell(17, sample.connections, 0, &$0)
            tell(18, sample.bytesReceived, 0, &$0)
            tell(19, sample.bytesSent, 0, &$0)
            tell(20, sample.ejectedHosts, 0, &$0)
        }
    }

    /// Appends a value after its place, if it is away from its rest.
    private static func tell(_ place: Int, _ value: UInt64?, _ rest: UInt64?, _ writer: inout JSONWriter) {
        guard value != rest else { return }
        writer.write(place)
        if let value { writer.write(Int64(clamping: value)) } else { writer.writeNull() }
    }

    /// Bins that the scale has not, in full.
    private static func write(_ latency: LatencyHistogram?, to writer: inout JSONWriter) {
        guard let latency else {
            writer.writeNull()
            return
        }
        writer.array {
            for bin in latency.bins {
                $0.array {
                    $0.write(bin.lower)
                    $0.write(bin.width)
                    $0.write(Int64(clamping: bin.count))
                }
            }
        }
    }
}

extension TrafficSample {
    /// What 2xx is when the other classes and nothing else are told.
    var unclassed: UInt64 {
        [answers3xx, answers4xx, answers5xx].reduce(completed) { $0 > $1 ? $0 - $1 : 0 }
    }

    /// The sample of a scope in which nothing happened.
    init(resting rest: TrafficShape.Rest, interval: Int64) {
        self.init(milliseconds: interval)
        latency = LatencyHistogram()
        active = rest.active
        healthyHosts = rest.hosts
        totalHosts = rest.hosts
    }

    /// Is there nothing to tell of it? Asked of each sample, so that most are sorted out at once.
    func rests(as rest: TrafficShape.Rest, interval: Int64) -> Bool {
        completed == 0 && latency?.isEmpty == true && self == TrafficSample(resting: rest, interval: interval)
    }
}
