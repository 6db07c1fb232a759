internal import MeshModel

extension EnvoyStatsWire {
    mutating func readHistograms(
        _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ count: inout Int, _ path: String
    ) throws(WireError) {
        try scanner.expect(0x7B, path)
        while !scanner.take(0x7D) {
            let member = try scanner.text(path)
            try scanner.expect(0x3A, path)
            if member == "details" {
                try scanner.expect(0x5B, "\(path).details")
                if !scanner.take(0x5D) {
                    repeat {
                        try readHistogram(&scanner, &result, count, "\(path).details[\(count)]")
                        count += 1
                    } while scanner.take(0x2C)
                    try scanner.expect(0x5D, "\(path).details")
                }
            } else {
                try scanner.skipValue("\(path).\(member)")
            }
            if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error(path) }
        }
    }

    private mutating func readHistogram(
        _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ place: Int, _ path: @autoclosure () -> String
    ) throws(WireError) {
        var scope: Int?
        var hasTotals = false
        try scanner.expect(0x7B, path())
        while !scanner.take(0x7D) {
            if scanner.take("\"name\":") {
                scope = try histogramScope(&scanner, &result, place, path())
            } else if scanner.take("\"totals\":") {
                try readBins(&scanner, path())
                hasTotals = true
            } else {
                _ = try scanner.rawText(path())
                try scanner.expect(0x3A, path())
                try scanner.skipValue(path())
            }
            if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error(path()) }
        }
        if let scope, hasTotals { result.swapLatency(scope, with: &bins) }
    }

    private mutating func histogramScope(
        _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ place: Int, _ path: @autoclosure () -> String
    ) throws(WireError) -> Int? {
        let start = scanner.at
        let raw = try scanner.rawText(path())
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
        let name = try scanner.text(path())
        var scope: Int?
        if let (listener, rest) = Self.split(name, after: "http.", before: [".downstream_rq_"]),
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

    private mutating func readBins(_ scanner: inout ByteScanner, _ path: @autoclosure () -> String) throws(WireError) {
        bins.removeAll(keepingCapacity: true)
        try scanner.expect(0x5B, path())
        if scanner.take(0x5D) { return }
        var isOrdered = true
        repeat {
            let bin = try readBin(&scanner, path())
            guard let bin, bin.count > 0 else { continue }
            if let last = bins.last, last.lower >= bin.lower { isOrdered = false }
            bins.append(bin)
        } while scanner.take(0x2C)
        try scanner.expect(0x5D, path())
        if !isOrdered { bins = LatencyHistogram(bins).bins }
    }

    private func readBin(
        _ scanner: inout ByteScanner, _ path: @autoclosure () -> String
    ) throws(WireError) -> LatencyHistogram.Bin? {
        var lower: Double?
        var width: Double?
        var count: UInt64?
        try scanner.expect(0x7B, path())
        while !scanner.take(0x7D) {
            if scanner.take("\"lower_bound\":") {
                lower = try scanner.double(path())
            } else if scanner.take("\"width\":") {
                width = try scanner.double(path())
            } else if scanner.take("\"count\":") {
                count = try scanner.count(path())
            } else {
                _ = try scanner.rawText(path())
                try scanner.expect(0x3A, path())
                try scanner.skipValue(path())
            }
            if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error(path()) }
        }
        guard let lower, let width, let count, lower.isFinite, width.isFinite, lower >= 0, width >= 0 else {
            return nil
        }
        return LatencyHistogram.Bin(lower: lower, width: width, count: count)
    }
}
