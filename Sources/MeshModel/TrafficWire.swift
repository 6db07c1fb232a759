// A sample is the most frequent thing on the wire, so it is a list of numbers by place, zeros at its end left off:
// [milliseconds, completed, 2xx, 3xx, 4xx, 5xx, resets, active, retries, timeouts, overflows, connect failures,
//  aborts, delays, rate limits, healthy hosts, hosts, connections, bytes received, bytes sent, ejected hosts]. Its histogram stands beside it as [lower, width, count, lower, …].

extension TrafficReport {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.name("source")
            $0.write(source)
            if source != service.text {
                $0.name("service")
                $0.write(service.text)
            }
            if restarted {
                $0.name("restarted")
                $0.write(true)
            }
            if let inbound {
                $0.name("in")
                $0.object { inbound.write(to: &$0) }
            }
            $0.name("out")
            $0.array { list in
                for outbound in outbound {
                    list.object {
                        $0.name("to")
                        $0.write(outbound.to.text)
                        outbound.sample?.write(to: &$0)
                    }
                }
            }
        }
    }

    init(_ fields: WireFields) throws(WireError) {
        let source = try fields.string("source")
        let service = fields.value("service")?.string ?? source
        var outbound: [Outbound] = []
        for edge in try fields.objects("out") {
            outbound.append(Outbound(to: ServiceName(try edge.string("to")), sample: try TrafficSample(edge)))
        }
        var inbound: TrafficSample?
        if fields.value("in") != nil { inbound = try TrafficSample(try fields.object("in")) }
        self.init(
            source: source, service: ServiceName(service), inbound: inbound, outbound: outbound,
            restarted: fields.value("restarted")?.bool ?? false)
    }
}

extension TrafficSample {
    /// Writes the members `n` and, where there is a histogram, `h` into an open object.
    func write(to writer: inout JSONWriter) {
        writer.name("n")
        writer.array {
            $0.write(milliseconds)
            var zeros = 0
            for count in counts {
                if count == 0 {
                    zeros += 1
                    continue
                }
                for _ in 0..<zeros { $0.write(UInt64(0)) }
                zeros = 0
                // What the wire can't hold as a whole number is not read back as the same one.
                if let count { $0.write(min(count, .largestCount)) } else { $0.writeNull() }
            }
        }
        guard let latency else { return }
        writer.name("h")
        writer.array {
            for bin in latency.bins {
                $0.write(bin.lower)
                $0.write(bin.width)
                $0.write(bin.count)
            }
        }
    }

    private var counts: [UInt64?] {
        [
            completed, answers2xx, answers3xx, answers4xx, answers5xx, resets, active, retries, timeouts, overflows,
            connectFailures, abortsInjected, delaysInjected, rateLimitsInjected, healthyHosts, totalHosts, connections,
            bytesReceived,
            bytesSent, ejectedHosts,
        ]
    }

    /// Nil when the object holds no sample, which is the first poll of a proxy.
    init?(_ fields: WireFields) throws(WireError) {
        guard let numbers = try fields.list("n") else { return nil }
        guard let milliseconds = numbers.first?.double, milliseconds >= 0 else {
            throw fields.wrong("n", "no interval")
        }
        func count(_ place: Int) -> UInt64? {
            guard place < numbers.count else { return 0 }
            return numbers[place].count
        }
        self.init(milliseconds: Int64(clamping: milliseconds))
        completed = count(1) ?? 0
        answers2xx = count(2) ?? 0
        answers3xx = count(3) ?? 0
        answers4xx = count(4) ?? 0
        answers5xx = count(5) ?? 0
        resets = count(6) ?? 0
        active = count(7)
        retries = count(8) ?? 0
        timeouts = count(9) ?? 0
        overflows = count(10) ?? 0
        connectFailures = count(11) ?? 0
        abortsInjected = count(12) ?? 0
        delaysInjected = count(13) ?? 0
        rateLimitsInjected = count(14) ?? 0
        healthyHosts = count(15)
        totalHosts = count(16)
        connections = count(17) ?? 0
        bytesReceived = count(18) ?? 0
        bytesSent = count(19) ?? 0
        ejectedHosts = count(20) ?? 0
        if let bins = try fields.list("h") { latency = try Self.histogram(bins, fields) }
    }

    private static func histogram(_ numbers: [JSON], _ fields: WireFields) throws(WireError) -> LatencyHistogram {
        guard numbers.count.isMultiple(of: 3) else { throw fields.wrong("h", "bins are not groups of three") }
        var bins: [LatencyHistogram.Bin] = []
        bins.reserveCapacity(numbers.count / 3)
        for place in stride(from: 0, to: numbers.count, by: 3) {
            guard let lower = numbers[place].double, let width = numbers[place + 1].double,
                let count = numbers[place + 2].count, width >= 0
            else { throw fields.wrong("h", "bin \(place / 3) is invalid") }
            bins.append(LatencyHistogram.Bin(lower: lower, width: width, count: count))
        }
        return LatencyHistogram(bins)
    }
}
