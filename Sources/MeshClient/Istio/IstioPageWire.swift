internal import Glibc
internal import MeshModel

/// Reads the pages of one sidecar's standard metrics, `/stats/prometheus?filter=istio_request…`, in Prometheus' text
/// format: `istio_requests_total` and the buckets of `istio_request_duration_milliseconds`, and nothing else.
///
/// A label set is a kilobyte and stands on twenty-one lines. So labels are read once; of a line that comes again they are
/// only hashed, and where a line has the labels of the line before, as buckets have, they are only compared.
struct IstioPageWire {
    /// Without these filters a page is three times as large, or more. The names are Envoy's own, not Prometheus'.
    static let query = "filter=istio_%28build%7Crequests_total%7Crequest_duration_milliseconds%29"
    /// A page with more label sets than that is cut there: callers may make them up, for a host's name is one of them.
    static let mostSeries = 8192
    static let mostBounds = 64
    private static let page = "/stats/prometheus"

    /// What the numbers of a page mean.
    private(set) var series: [IstioSeries] = []
    private(set) var scopes: [IstioScope] = []
    /// The upper bounds of the buckets in milliseconds, in the order in which they were first seen.
    private(set) var bounds: [Double] = []
    /// True when the last page was one of Istio's, though it may have counted nothing yet.
    private(set) var isIstio = false
    /// True once label sets were left out.
    private(set) var isCut = false
    private var scopeNumbers: [IstioScope: Int] = [:]
    /// By the hash of the labels as they are spelled. Nil for a set that says nothing of ours.
    private var numbers: [UInt64: Int?] = [:]
    private let seed: UInt64

    /// The seed keeps whoever chooses names from choosing their hashes.
    init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
    }

    /// Reads a page into `result`; if it throws, the result holds part of the page.
    mutating func read(_ bytes: [UInt8], into result: inout IstioPage) throws(WireError) {
        result.clear(series: series.count, bounds: bounds.count)
        isIstio = false
        // A typed throw does not pass through the closure, a result does.
        let outcome = bytes.withUnsafeBytes { buffer in
            do throws(WireError) {
                try readLines(buffer, &result)
                return Result<Void, WireError>.success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    /// The last label set, for the lines that have it too.
    private struct Last {
        var labels: UnsafeRawBufferPointer?
        var number: Int?
    }

    private mutating func readLines(_ page: UnsafeRawBufferPointer, _ result: inout IstioPage) throws(WireError) {
        guard let base = page.baseAddress else { return }
        var last = Last()
        var (start, line) = (0, 0)
        while start < page.count {
            line += 1
            let end = memchr(base + start, 0x0A, page.count - start).map { base.distance(to: $0) }
            defer { start = (end ?? page.count) + 1 }
            let text = UnsafeRawBufferPointer(rebasing: page[start..<(end ?? page.count)])
            guard let (family, rest) = Self.family(of: text) else {
                isIstio = isIstio || text.hasPrefix("istio_build") || text.hasPrefix("# TYPE istio_requests")
                continue
            }
            isIstio = true
            // A page that is cut may end in the middle of a number.
            guard end != nil, let sample = IstioLine(rest) else { throw Self.error(line, text, isCut: end == nil) }
            switch family {
            case .requests:
                guard let number = try number(of: sample.labels, line, &last, &result) else { continue }
                result.set(requests: sample.value, of: number)
            case .bucket: try readBucket(sample, line, &last, &result)
            }
        }
    }

    private enum Family {
        case requests, bucket
    }

    private static let start: StaticString = "istio_request"

    /// The family of a line that is one of ours, and what stands behind the opening bracket.
    private static func family(
        of line: UnsafeRawBufferPointer
    ) -> (family: Family, rest: UnsafeRawBufferPointer)? {
        guard line.hasPrefix(start) else { return nil }
        for (name, family) in [
            ("istio_requests_total{" as StaticString, Family.requests),
            ("istio_request_duration_milliseconds_bucket{", .bucket),
        ] where line.hasPrefix(name) {
            return (family, UnsafeRawBufferPointer(rebasing: line[name.utf8CodeUnitCount...]))
        }
        return nil
    }

    private static func error(_ line: Int, _ text: UnsafeRawBufferPointer, isCut: Bool = false) -> WireError {
        let excerpt = text.suffix(30).map { (0x20..<0x7F).contains($0) ? $0 : 0x2E }
        let found = isCut ? "unexpected end" : "“\(String(decoding: excerpt, as: UTF8.self))”"
        return WireError(page: page, path: "line \(line)", found: found)
    }

    private mutating func readBucket(
        _ sample: IstioLine, _ line: Int, _ last: inout Last, _ result: inout IstioPage
    ) throws(WireError) {
        var owned: [UInt8] = []
        guard let (labels, bound) = sample.bound ?? sample.boundAnywhere(&owned) else {
            throw Self.error(line, sample.labels)
        }
        guard let place = place(of: bound, &result) else { return }
        let number: Int?
        if let labels {
            number = try self.number(of: labels, line, &last, &result)
        } else {
            number = try owned.withRawBytes { bytes throws(WireError) in
                var none = Last()
                return try self.number(of: bytes, line, &none, &result)
            }
        }
        if let number { result.set(bucket: place, of: number, to: sample.value) }
    }

    private mutating func place(of bound: Double, _ result: inout IstioPage) -> Int? {
        // There are twenty.
        if let place = bounds.firstIndex(of: bound) { return place }
        guard bounds.count < Self.mostBounds, !bound.isNaN else { return nil }
        bounds.append(bound)
        result.widen()
        return bounds.count - 1
    }

    private mutating func number(
        of labels: UnsafeRawBufferPointer, _ line: Int, _ last: inout Last, _ result: inout IstioPage
    ) throws(WireError) -> Int? {
        if let known = last.labels, known.isSame(as: labels) { return last.number }
        let hash = labels.hash(seed: seed)
        let number: Int?
        if let known = numbers[hash] {
            number = known
        } else {
            guard numbers.count < Self.mostSeries else {
                isCut = true
                return nil
            }
            guard let parsed = IstioLine.members(of: labels) else { throw Self.error(line, labels) }
            number = add(IstioLabelSet(parsed), &result)
            numbers[hash] = .some(number)
        }
        last = Last(labels: labels, number: number)
        return number
    }

    private mutating func add(_ labels: IstioLabelSet, _ result: inout IstioPage) -> Int? {
        guard let scope = labels.scope else { return nil }
        let place = scopeNumbers[scope] ?? scopes.count
        if place == scopes.count {
            scopeNumbers[scope] = place
            scopes.append(scope)
        }
        series.append(
            IstioSeries(
                scope: place, answerClass: labels.answerClass, flags: labels.flags, isMutualTLS: labels.isMutualTLS))
        result.grow(to: series.count)
        return series.count - 1
    }
}

/// The labels of one set that are looked at.
private struct IstioLabelSet {
    var values: [String: String] = [:]

    /// A host's name is one of the labels, and whoever calls chooses it.
    private static let longest = 253

    init(_ members: [(name: String, value: String)]) {
        for (name, value) in members { values[name] = String(value.prefix(Self.longest)) }
    }

    private func label(_ name: String) -> String { values[name] ?? "" }

    private func known(_ name: String) -> String? {
        values[name].flatMap { IstioLabels.isKnown($0) ? $0 : nil }
    }

    /// Nil for a set that tells of no service.
    var scope: IstioScope? {
        let caller = IstioCaller(
            service: known("source_canonical_service"), namespace: known("source_workload_namespace"),
            workload: known("source_workload"))
        let called = known("destination_service_name") ?? label("destination_canonical_service")
        let callee = IstioLabels.callee(named: called, in: label("destination_service_namespace"))
        switch label("reporter") {
        case "destination": return .received(from: caller)
        case "source":
            let version = known("destination_canonical_service") == nil ? nil : known("destination_canonical_revision")
            return callee.map { .sent(to: $0, version: version) }
        case "waypoint": return callee.map { .passed(from: caller, to: $0) }
        default: return nil
        }
    }

    var flags: IstioFlags { IstioFlags(label("response_flags")) }

    var answerClass: UInt8 {
        let digit = IstioLabels.answerClass(
            code: label("response_code"), grpc: label("grpc_response_status"), flags: flags)
        return (2...5).contains(digit) ? UInt8(digit) : 0
    }

    var isMutualTLS: Bool? { known("connection_security_policy").map { $0 == "mutual_tls" } }
}
