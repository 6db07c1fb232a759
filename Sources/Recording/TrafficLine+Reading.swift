import MeshModel

/// One sample on its way from a line; its bins keep their memory from sample to sample.
struct SampleReading {
    var sample = TrafficSample(milliseconds: 0)
    var hasLatency = false
    var bins: [LatencyHistogram.Bin] = []
    private let scale = BinScale.table

    /// The sample in full.
    var whole: TrafficSample {
        var whole = sample
        whole.latency = hasLatency ? LatencyHistogram(bins) : nil
        return whole
    }

    /// What a chart shows of it, without building its histogram.
    func point(at: Timestamp) -> ScopeState.Point {
        let (p50, p99) = hasLatency ? quantiles : (nil, nil)
        return ScopeState.Point(
            at: at, rate: sample.requestRate, successRatio: sample.successRatio, p50: p50, p99: p99)
    }

    /// As `LatencyHistogram.quantile` has it for 0.5 and 0.99, in one pass.
    private var quantiles: (p50: Double?, p99: Double?) {
        let total = bins.reduce(0) { $0 + Double($1.count) }
        guard total > 0 else { return (nil, nil) }
        var p50: Double?
        var below = 0.0
        for bin in bins {
            let here = Double(bin.count)
            if p50 == nil, below + here >= 0.5 * total {
                p50 = bin.lower + bin.width * max(0, (0.5 * total - below) / here)
            }
            if below + here >= 0.99 * total {
                return (p50, bin.lower + bin.width * max(0, (0.99 * total - below) / here))
            }
            below += here
        }
        return (p50, bins.last.map { $0.lower + $0.width })
    }

    /// Takes the sample of a scope in which nothing happened.
    mutating func rest(_ rest: TrafficShape.Rest, interval: Int64) {
        bins.removeAll(keepingCapacity: true)
        hasLatency = true
        sample = TrafficSample(milliseconds: interval)
        sample.active = rest.active
        sample.healthyHosts = rest.hosts
        sample.totalHosts = rest.hosts
    }

    /// Reads `[completed, bins, place, value, …]`, where `completed` is told without what a text of bins counts; false
    /// when it is not that.
    mutating func read(
        _ scanner: inout LineScanner, rest: TrafficShape.Rest, interval: Int64
    ) -> Bool {
        guard scanner.take(UInt8(ascii: "[")), let uncounted = scanner.integer(),
            scanner.take(UInt8(ascii: ",")), let counted = readBins(&scanner)
        else { return false }
        let (completed, isTooLarge) = uncounted.addingReportingOverflow(counted)
        guard completed >= 0, !isTooLarge else { return false }
        var interval = interval
        var classed = false
        sample = TrafficSample(milliseconds: interval)
        sample.completed = UInt64(completed)
        sample.active = rest.active
        sample.healthyHosts = rest.hosts
        sample.totalHosts = rest.hosts
        while scanner.take(UInt8(ascii: ",")) {
            guard let place = scanner.integer(), scanner.take(UInt8(ascii: ",")) else { return false }
            let value = scanner.integer()
            guard value != nil || scanner.take(word: "null") else { return false }
            if place == 0 { interval = value ?? interval }
            if place == 2 { classed = true }
            set(place, value.flatMap { UInt64(exactly: $0) })
        }
        if !classed { sample.answers2xx = sample.unclassed }
        sample.milliseconds = max(0, interval)
        return scanner.take(UInt8(ascii: "]"))
    }

    private mutating func set(_ place: Int64, _ value: UInt64?) {
        switch place {
        case 2: sample.answers2xx = value ?? 0
        case 3: sample.answers3xx = value ?? 0
        case 4: sample.answers4xx = value ?? 0
        case 5: sample.answers5xx = value ?? 0
        case 6: sample.resets = value ?? 0
        case 7: sample.active = value
        case 8: sample.retries = value ?? 0
        case 9: sample.timeouts = value ?? 0
        case 10: sample.overflows = value ?? 0
        case 11: sample.connectFailures = value ?? 0
        case 12: sample.abortsInjected = value ?? 0
        case 13: sample.delaysInjected = value ?? 0
        case 14: sample.rateLimitsInjected = value ?? 0
        case 15: sample.healthyHosts = value
        case 16: sample.totalHosts = value
        case 17: sample.connections = value ?? 0
        case 18: sample.bytesReceived = value ?? 0
        case 19: sample.bytesSent = value ?? 0
        case 20: sample.ejectedHosts = value ?? 0
        default: break
        }
    }

    /// Answers how many requests a text of bins counts, 0 when they are told in another way, nil when they are not
    /// told at all.
    private mutating func readBins(_ scanner: inout LineScanner) -> Int64? {
        bins.removeAll(keepingCapacity: true)
        hasLatency = true
        if scanner.take(UInt8(ascii: "\"")) { return BinText.read(&scanner, scale: scale, into: &bins) }
        hasLatency = scanner.take(UInt8(ascii: "["))
        if hasLatency { return readList(&scanner) ? 0 : nil }
        return scanner.take(word: "null") ? 0 : nil
    }

    /// Bins as a list: `[lower, width, count]` each, or in format 1 steps up the scale.
    private mutating func readList(_ scanner: inout LineScanner) -> Bool {
        if scanner.take(UInt8(ascii: "]")) { return true }
        var step = 0
        repeat {
            if let number = scanner.integer() {
                if number < 0 {
                    guard let last = bins.indices.last else { return false }
                    bins[last].count = number.magnitude
                } else {
                    guard number > 0, number < scale.count - step else { return false }
                    step += Int(number)
                    bins.append(LatencyHistogram.Bin(lower: scale[step].lower, width: scale[step].width, count: 1))
                }
            } else {
                guard scanner.take(UInt8(ascii: "[")), let lower = scanner.double(), scanner.take(UInt8(ascii: ",")),
                    let width = scanner.double(), scanner.take(UInt8(ascii: ",")), let count = scanner.integer(),
                    count > 0, scanner.take(UInt8(ascii: "]"))
                else { return false }
                bins.append(LatencyHistogram.Bin(lower: lower, width: width, count: UInt64(count)))
            }
        } while scanner.take(UInt8(ascii: ","))
        return scanner.take(UInt8(ascii: "]"))
    }
}

extension TrafficLine {
    /// Reads the elements after `dt` and the shape's number; nil when they are no poll of this shape.
    static func read(_ scanner: inout LineScanner, shape: TrafficShape) -> TrafficReport? {
        var reading = SampleReading()
        var samples: [TrafficSample?] = []
        samples.reserveCapacity(shape.rest.count)
        let restarted = eachSample(&scanner, shape: shape, &reading) { _, isThere, reading in
            samples.append(isThere ? reading.whole : nil)
        }
        guard let restarted else { return nil }
        return TrafficReport(
            source: shape.source, service: shape.service, inbound: samples[0],
            outbound: zip(shape.to, samples.dropFirst()).map { TrafficReport.Outbound(to: $0, sample: $1) },
            restarted: restarted)
    }

    /// Shows each place of the shape, whether it has a sample and which, and answers whether the proxy had restarted;
    /// nil when the line is no poll of this shape.
    static func eachSample(
        _ scanner: inout LineScanner, shape: TrafficShape, _ reading: inout SampleReading,
        _ body: (Int, Bool, SampleReading) -> Void
    ) -> Bool? {
        guard scanner.take(UInt8(ascii: ",")), let late = scanner.integer() else { return nil }
        let (interval, isTooLong) = shape.every.addingReportingOverflow(late)
        guard !isTooLong else { return nil }
        var restarted = false
        var isOver = false
        for place in shape.rest.indices {
            // Those at the end that are left out are at rest.
            isOver = isOver || !scanner.take(UInt8(ascii: ","))
            if !isOver, scanner.take(word: "true") { (restarted, isOver) = (true, true) }
            if isOver || scanner.takeZero() {
                reading.rest(shape.rest[place], interval: interval)
                body(place, true, reading)
                continue
            }
            let isThere = !scanner.take(word: "null")
            if isThere, !reading.read(&scanner, rest: shape.rest[place], interval: interval) { return nil }
            body(place, isThere, reading)
        }
        if !isOver, scanner.take(UInt8(ascii: ",")) {
            guard scanner.take(word: "true") else { return nil }
            restarted = true
        }
        return scanner.take(UInt8(ascii: "]")) ? restarted : nil
    }

    /// Shows each place of a shape that is at rest, as `eachSample` does.
    static func eachRest(
        of shape: TrafficShape, late: Int64, _ reading: inout SampleReading, _ body: (Int, Bool, SampleReading) -> Void
    ) {
        for place in shape.rest.indices {
            reading.rest(shape.rest[place], interval: shape.every.addingReportingOverflow(late).partialValue)
            body(place, true, reading)
        }
    }

    /// A poll of which there is nothing to tell.
    static func rest(of shape: TrafficShape, late: Int64) -> TrafficReport {
        let interval = shape.every.addingReportingOverflow(late).partialValue
        let samples = shape.rest.map { TrafficSample(resting: $0, interval: interval) }
        return TrafficReport(
            source: shape.source, service: shape.service, inbound: samples[0],
            outbound: zip(shape.to, samples.dropFirst()).map { TrafficReport.Outbound(to: $0, sample: $1) })
    }
}
