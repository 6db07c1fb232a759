internal import MeshModel

extension EnvoyStatsWire {
    mutating func readHistograms(
        _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ count: inout Int
    ) throws(WireError) {
        scanner.skipSpace()
        // Envoys that know no details list their histograms, with the bounds of their configuration.
        if scanner.next == 0x5B { return try readDetails(&scanner, &result, &count) }
        try scanner.expect(0x7B, "histograms")
        while !scanner.take(0x7D) {
            let member = try scanner.text("histograms")
            try scanner.expect(0x3A, "histograms")
            if member == "details" {
                try readDetails(&scanner, &result, &count)
            } else {
                try scanner.skipValue("histograms")
            }
            if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error("histograms") }
        }
    }

    private mutating func readDetails(
        _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ count: inout Int
    ) throws(WireError) {
        try scanner.expect(0x5B, "histograms.details")
        if scanner.take(0x5D) { return }
        repeat {
            scanner.detail = count
            try readHistogram(&scanner, &result, count)
            scanner.detail = -1
            count += 1
        } while scanner.take(0x2C)
        try scanner.expect(0x5D, "histograms.details")
    }

    private mutating func readHistogram(
        _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ place: Int
    ) throws(WireError) {
        var scope: Int?
        var hasTotals = false
        try scanner.expect(0x7B, "")
        while !scanner.take(0x7D) {
            if scanner.take("\"name\":") {
                scope = try histogramScope(&scanner, &result, place)
            } else if scanner.take("\"totals\":") {
                try readBins(&scanner)
                hasTotals = true
            } else if scanner.take("\"buckets\":") {
                try readBuckets(&scanner)
                hasTotals = true
            } else {
                _ = try scanner.rawText("")
                try scanner.expect(0x3A, "")
                try scanner.skipValue("")
            }
            if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error("") }
        }
        if let scope, hasTotals { result.swapLatency(scope, with: &bins) }
    }

    private mutating func histogramScope(
        _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ place: Int
    ) throws(WireError) -> Int? {
        let start = scanner.at
        let raw = try scanner.rawText("")
        if place < knownHistograms.count {
            let isSame = histogramBytes.withUnsafeBufferPointer { old in
                let name = knownHistograms[place].name
                return name.count == raw.count
                    && UnsafeBufferPointer(rebasing: old[name])
                        .elementsEqual(UnsafeBufferPointer(rebasing: scanner.bytes[raw]))
            }
            if isSame { return knownHistograms[place].scope }
            knownHistograms.removeSubrange(place...)
        }
        scanner.at = start
        let name = try scanner.text("")
        var scope: Int?
        if let names {
            scope = part(ofHistogram: name, names, &result)
        } else if let (listener, rest) = Self.split(name, after: "http.", before: [".downstream_rq_"]),
            rest == "downstream_rq_time"
        {
            scope = self.scope(listener: listener, &result)
        }
        if place == knownHistograms.count {
            let start = knownHistograms.last?.name.upperBound ?? 0
            histogramBytes.removeSubrange(start...)
            histogramBytes.append(contentsOf: scanner.bytes[raw])
            knownHistograms.append((start..<histogramBytes.count, scope))
        }
        return scope
    }

    private mutating func readBins(_ scanner: inout ByteScanner) throws(WireError) {
        bins.removeAll(keepingCapacity: true)
        try scanner.expect(0x5B, "totals")
        if scanner.take(0x5D) { return }
        var isOrdered = true
        var last = -1.0
        repeat {
            var bin = scanner.quickBin()
            if bin == nil { bin = try readBin(&scanner) }
            guard let bin, bin.count > 0 else { continue }
            isOrdered = isOrdered && bin.lower > last
            last = bin.lower
            bins.append(bin)
        } while scanner.take(0x2C)
        try scanner.expect(0x5D, "totals")
        if !isOrdered { bins = LatencyHistogram(bins).bins }
    }

    /// Bins by their upper bounds, as `histogram_buckets=disjoint` has them.
    private mutating func readBuckets(_ scanner: inout ByteScanner) throws(WireError) {
        bins.removeAll(keepingCapacity: true)
        var lower = 0.0
        try scanner.expect(0x5B, "buckets")
        if scanner.take(0x5D) { return }
        repeat {
            var upper: Double?
            var count: UInt64?
            try scanner.expect(0x7B, "buckets")
            while !scanner.take(0x7D) {
                let member = try scanner.text("buckets")
                try scanner.expect(0x3A, "buckets")
                switch member {
                case "upper_bound": upper = try scanner.double("buckets.upper_bound")
                case "cumulative": count = try scanner.count("buckets.cumulative")
                default: try scanner.skipValue("buckets")
                }
                if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error("buckets") }
            }
            guard let upper, upper.isFinite, upper > lower else { continue }
            if let count, count > 0 {
                bins.append(LatencyHistogram.Bin(lower: lower, width: upper - lower, count: count))
            }
            lower = upper
        } while scanner.take(0x2C)
        try scanner.expect(0x5D, "buckets")
    }

    /// A bin in whatever order and spacing; nil if it says nothing that can be used.
    private func readBin(_ scanner: inout ByteScanner) throws(WireError) -> LatencyHistogram.Bin? {
        var lower: Double?
        var width: Double?
        var count: UInt64?
        try scanner.expect(0x7B, "totals")
        while !scanner.take(0x7D) {
            let member = try scanner.text("totals")
            try scanner.expect(0x3A, "totals")
            switch member {
            case "lower_bound": lower = try scanner.double("totals.lower_bound")
            case "width": width = try scanner.double("totals.width")
            case "count": count = try scanner.count("totals.count")
            default: try scanner.skipValue("totals")
            }
            if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error("totals") }
        }
        guard let lower, let width, let count, lower.isFinite, width.isFinite, lower >= 0, width >= 0 else {
            return nil
        }
        return LatencyHistogram.Bin(lower: Self.plain(lower), width: Self.plain(width), count: count)
    }

    /// Twelve significant digits of a number: Envoy multiplies 1.1 by a hundred, and prints 110.00000000000001.
    private static func plain(_ number: Double) -> Double {
        guard number >= 1e-3, number < 1e12 else { return number }
        var scale = 1.0
        while number * scale < 1e11 { scale *= 10 }
        return (number * scale).rounded() / scale
    }
}

extension ByteScanner {
    /// A bin in the very form in which Envoy writes it; nil, without a step, in any other.
    fileprivate mutating func quickBin() -> LatencyHistogram.Bin? {
        let start = at
        if take("{\"lower_bound\":"), let lower = plainDouble(), take(",\"width\":"), let width = plainDouble(),
            take(",\"count\":"), let count = plainCount(), take("}")
        {
            return LatencyHistogram.Bin(lower: lower, width: width, count: count)
        }
        at = start
        return nil
    }
}
