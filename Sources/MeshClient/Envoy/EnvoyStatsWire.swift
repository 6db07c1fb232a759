internal import MeshModel

/// Reads the pages of one Envoy's statistics, `GET /stats?format=json&usedonly&histogram_buckets=detailed&filter=…`,
/// as Envoy 1.40 writes them. It remembers the names of the last page: where the next one says the same again, bytes
/// are compared and only numbers are read.
struct EnvoyStatsWire {
    /// What a scope number of this reader's pages means: what comes in, or the edge to a callee.
    enum Scope: Hashable {
        case inbound
        case edge(to: ServiceName)
    }

    /// Where a number goes.
    enum Slot {
        case value(Int)
        /// One of several statistics that make a number.
        case part(Int)
        /// The same for two scopes.
        case parts(Int, Int)
        case uptime, state, asked, changes, nothing
    }

    /// A statistic of the last page: the bytes up to its number, and where that goes.
    private struct Known {
        var bytes: Range<Int>
        var slot: Slot
    }

    /// A page that names more is none of a sidecar.
    static let mostScopes = 8192
    private static let page = "/stats"

    let naming: EnvoyNaming
    /// What the statistics of an Envoy are whose names are its own; nil for one that has ours.
    let names: EnvoyStatNames?
    /// Every listener and cluster of those has a number of its own, though several may be of one scope.
    var parts: [String: Int] = [:]
    /// Those of them that count faults and nothing else.
    private(set) var faultParts: Set<Int> = []
    /// True once a page had a listener with one of our names.
    var sawOurListener = false
    var scopes: [Scope] = []
    var numbers: [Scope: Int] = [:]
    private var known: [Known] = []
    private var knownBytes: [UInt8] = []
    var knownHistograms: [(name: Range<Int>, scope: Int?)] = []
    var histogramBytes: [UInt8] = []
    var bins: [LatencyHistogram.Bin] = []

    init(naming: EnvoyNaming, names: EnvoyStatNames? = nil) {
        self.naming = naming
        self.names = names
        for (prefix, scope) in (names?.listeners ?? [:]).sorted(by: { $0.key < $1.key }) {
            parts["http." + prefix] = scopes.count
            scopes.append(scope)
        }
        for (cluster, meaning) in (names?.clusters ?? [:]).sorted(by: { $0.key < $1.key }) {
            parts["cluster." + cluster] = scopes.count
            scopes.append(meaning.scope)
        }
        for (prefix, scope) in (names?.faults ?? [:]).sorted(by: { $0.key < $1.key }) {
            parts["fault." + prefix] = scopes.count
            faultParts.insert(scopes.count)
            scopes.append(scope)
        }
    }

    /// Reads a page into `result`; if it throws, the result holds part of the page.
    mutating func read(_ bytes: [UInt8], into result: inout EnvoyStatsPage) throws(WireError) {
        result.clear(scopes: scopes.count)
        // A typed throw does not pass through the closure, a result does.
        let outcome = bytes.withUnsafeBufferPointer { buffer in
            var scanner = ByteScanner(buffer, page: Self.page)
            do throws(WireError) {
                try readDocument(&scanner, &result)
                return Result<Void, WireError>.success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    private mutating func readDocument(_ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage) throws(WireError) {
        var hasStats = false
        var histograms = 0
        try scanner.expect(0x7B, "")
        while !scanner.take(0x7D) {
            let name = try scanner.text("")
            try scanner.expect(0x3A, "")
            if name == "stats" {
                hasStats = true
                try readStats(&scanner, &result, &histograms)
            } else {
                try scanner.skipValue("")
            }
            if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error("") }
        }
        guard hasStats else { throw WireError(page: Self.page, path: "stats", found: "missing") }
        scanner.skipSpace()
        guard scanner.next == nil else { throw scanner.error("") }
    }

    private mutating func readStats(
        _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ histograms: inout Int
    ) throws(WireError) {
        try scanner.expect(0x5B, "stats")
        var place = 0
        if scanner.take(0x5D) { return }
        repeat {
            scanner.item = place
            if try !readKnown(place, &scanner, &result) {
                try readItem(place, &scanner, &result, &histograms)
            }
            place += 1
        } while scanner.take(0x2C)
        try scanner.expect(0x5D, "")
        scanner.item = -1
    }

    /// Reads the statistic that stood in this place last time; false, without a step, when it is another one.
    private func readKnown(
        _ place: Int, _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage
    ) throws(WireError) -> Bool {
        guard place < known.count else { return false }
        let start = scanner.at
        guard knownBytes.withUnsafeBufferPointer({ scanner.take($0, known[place].bytes) }) else { return false }
        let value = try readValue(&scanner)
        guard scanner.take(0x7D) else {
            scanner.at = start
            return false
        }
        if let value { store(value, known[place].slot, &result) }
        return true
    }

    private func store(_ value: UInt64, _ slot: Slot, _ result: inout EnvoyStatsPage) {
        switch slot {
        case .value(let slot): result.set(slot: slot, to: value)
        case .uptime: result.uptime = value
        case .state: result.state = value
        case .asked: result.asked = value
        case .part(let slot): result.add(slot: slot, value)
        case .parts(let one, let other):
            result.add(slot: one, value)
            result.add(slot: other, value)
        case .changes: result.changes = (result.changes ?? 0) &+ value
        case .nothing: break
        }
    }

    private mutating func readItem(
        _ place: Int, _ scanner: inout ByteScanner, _ result: inout EnvoyStatsPage, _ histograms: inout Int
    ) throws(WireError) {
        if place < known.count { known.removeSubrange(place...) }
        scanner.skipSpace()
        let start = scanner.at
        var numberStart = start
        var name: String?
        var value: UInt64?
        try scanner.expect(0x7B, "")
        while !scanner.take(0x7D) {
            let member = try scanner.text("")
            try scanner.expect(0x3A, "")
            numberStart = start
            switch member {
            case "name": name = try scanner.text("name")
            case "value":
                numberStart = scanner.at
                value = try readValue(&scanner)
            case "histograms": try readHistograms(&scanner, &result, &histograms)
            default: try scanner.skipValue("")
            }
            if !scanner.take(0x2C), scanner.next != 0x7D { throw scanner.error("") }
        }
        guard let name else { return }
        let slot = slot(of: name, &result)
        if let value { store(value, slot, &result) } else { numberStart = start }
        remember(start..<numberStart, slot, place, scanner)
    }

    /// Text readouts and whatever else is no number count as nothing said, wherever they stand.
    @inline(__always)
    private func readValue(_ scanner: inout ByteScanner) throws(WireError) -> UInt64? {
        scanner.skipSpace()
        switch scanner.next {
        case 0x22, 0x5B, 0x7B, 0x74, 0x66:
            try scanner.skipValue("value")
            return nil
        default: return try scanner.count("value")
        }
    }

    /// Only in the order in which Envoy writes, where the number is the last thing in the object.
    private mutating func remember(_ range: Range<Int>, _ slot: Slot, _ place: Int, _ scanner: ByteScanner) {
        guard place == known.count, !range.isEmpty else { return }
        if place == 0 { knownBytes.removeAll(keepingCapacity: true) }
        let start = known.last?.bytes.upperBound ?? 0
        knownBytes.removeSubrange(start...)
        knownBytes.append(contentsOf: scanner.bytes[range])
        known.append(Known(bytes: start..<knownBytes.count, slot: slot))
    }
}
