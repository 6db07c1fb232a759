import Testing

@testable import MeshModel

/// Lines of access logs, and what they mean in words.
struct AccessLogTests {
    private static let edge = Edge(from: "bar", to: "taps")

    private static func line(_ status: Int, _ flags: [String] = [], at time: String? = nil) -> AccessLogLine {
        var line = AccessLogLine()
        (line.status, line.flags, line.time) = (status, flags, time)
        return line
    }

    @Test func `every flag that Envoy has is told in words, and no two in the same`() {
        let flags = [
            "DC", "DF", "DI", "DO", "DPE", "DR", "DT", "FI", "IH", "LH", "LR", "NC", "NFCF", "NR", "OM", "RFCF", "RL",
            "RLSE", "SI", "UAEX", "UC", "UDO", "UF", "UH", "UMSDR", "UO", "UPE", "UR", "URX", "UT",
        ]
        let words = flags.compactMap(ResponseFlags.words(for:))
        #expect(words.count == flags.count)
        #expect(Set(words).count == flags.count)
        #expect(ResponseFlags.words(for: "ZZ") == nil)
    }

    @Test(arguments: [
        (200, [], false), (404, [], false), (503, [], true), (0, ["DC"], true), (404, ["NR"], true),
        (429, ["RL"], true),
        (200, ["DI"], false), (200, ["RFCF"], false), (500, ["DI"], true),
    ])
    func `a request failed or it did not`(status: Int, flags: [String], fails: Bool) {
        #expect(Self.line(status, flags).isFailing == fails)
    }

    @Test func `a line says who is to blame`() {
        var line = Self.line(503, ["UO"])
        #expect(line.explanation == "circuit breaker open: the request was not sent")
        line.details = "maintenance_mode"
        #expect(line.explanation == "the callee is in maintenance mode")
        line = Self.line(500)
        line.details = "via_upstream"
        #expect(line.explanation == "the callee itself answered 500")
        line = Self.line(503, ["UF"])
        line.failure = "delayed_connect_error:_Connection_refused"
        #expect(
            line.explanation == "the connection to the callee failed; delayed connect error: Connection refused")
        #expect(Self.line(200).explanation == nil)
        #expect(Self.line(500, ["DI", "X9"]).explanation == "delayed by an injected fault; unknown flag X9")
    }

    @Test func `lines of several proxies come in the order of their times, and those that failed alone`() {
        let logs = [
            ProxyLog(
                source: "bar",
                lines: [Self.line(200, at: "2026-11-28T01:00:02.000Z"), Self.line(503, at: "2026-11-28T01:00:04.000Z")]),
            ProxyLog(source: "bar-2", lines: [Self.line(500, at: "2026-11-28T01:00:03.000Z")], problem: "it is slow"),
        ]
        let all = EdgeLog(Self.edge, logs)
        #expect(all.lines.map(\.line.status) == [200, 500, 503])
        #expect(all.lines.map(\.source) == ["bar", "bar-2", "bar"])
        #expect(all.problems == ["bar-2: it is slow"])
        #expect(EdgeLog(Self.edge, logs, onlyFailing: true).lines.map(\.line.status) == [500, 503])
    }

    @Test func `a log never grows beyond what is told at a time`() {
        let lines = (0..<5000).map { Self.line(200, at: "\($0 + 10_000)") }
        let log = EdgeLog(Self.edge, [ProxyLog(source: "bar", lines: lines)])
        #expect(log.lines.count == EdgeLog.most)
        #expect(log.lines.last?.line.time == "14999")
    }

    @Test func `only what is new is told again`() {
        func log(_ lines: [AccessLogLine]) -> EdgeLog { EdgeLog(Self.edge, [ProxyLog(source: "bar", lines: lines)]) }
        let (one, two) = (Self.line(200, at: "1"), Self.line(200, at: "2"))
        #expect(log([one, two]).news(since: log([one])).map(\.line) == [two])
        // The same words twice are two requests.
        #expect(log([one, one]).news(since: log([one])).map(\.line) == [one])
        #expect(log([two]).news(since: log([one, two])).isEmpty)
    }

    @Test func `a log comes back as it was sent`() throws {
        var line = Self.line(503, ["UF", "URX"], at: "2026-11-28T01:00:02.000Z")
        (line.method, line.path, line.details, line.failure) = ("GET", "/beer", "via_upstream", "refused")
        (line.duration, line.authority, line.cluster, line.host) = (12, "taps", "taps", "127.0.0.1:1")
        (line.request, line.trace) = ("r", String(repeating: "a", count: 32))
        let link = try #require(MeshLink(name: "jaeger", url: "http://localhost:16686/"))
        let log = EdgeLog(
            Self.edge, [ProxyLog(source: "bar", lines: [line, Self.line(200)], problem: "p")], links: [link])
        #expect(try EdgeLog(WireFields(JSON(parsing: log.json.bytes), page: "log")) == log)
    }

    @Test func `a link is filled with what is looked at, and nothing of that can leave its place`() throws {
        let edge = Edge(from: "bookinfo/productpage", to: "bookinfo/reviews?x=1&y#z")
        let jaeger = try #require(MeshLink(name: "jaeger", url: "http://localhost:16686/"))
        #expect(jaeger.url(for: .init(edge: edge)) == nil)
        #expect(jaeger.url(for: .init(edge: edge, trace: "ab12")) == "http://localhost:16686/trace/ab12")
        let kiali = try #require(MeshLink(name: "Kiali", url: "https://kiali.example"))
        #expect(
            kiali.url(for: .init(edge: edge))
                == "https://kiali.example/kiali/console/namespaces/bookinfo/services/reviews%3Fx%3D1%26y%23z")
        let own = try #require(MeshLink(name: "ours", url: "https://x.example/{caller}/{service}?t={trace}"))
        #expect(
            own.url(for: .init(edge: Edge(from: "bar", to: "taps"), trace: "0f")) == "https://x.example/bar/taps?t=0f")
    }

    @Test(arguments: [
        ("jaeger", "ftp://localhost"), ("jaeger", "http://me:secret@localhost"), ("mine", "http://localhost"),
        ("jaeger", "http://localhost/\u{1B}[1m"), ("jaeger", "javascript:alert({trace})"),
    ])
    func `what is no link is none`(name: String, url: String) { #expect(MeshLink(name: name, url: url) == nil) }
}
