import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// The runtime settings of some Envoys, kept as they keep them.
private final class StubRuntimes: Sendable {
    let values = Mutex<[String: [String: String]]>([:])

    func answer(_ request: HTTPRequest) -> Result<HTTPResponse, TransportError> {
        let parts = request.url.split(separator: "/", maxSplits: 2)
        guard parts.count == 3, parts[1] != "gone" else { return .failure(.refused("gone")) }
        let host = String(parts[1])
        if parts[2] == "runtime", request.method == "GET" {
            let entries = values.withLock { $0[host] ?? [:] }.map {
                JSON.Member($0.key, ["final_value": .string($0.value), "layer_values": ["", .string($0.value)]])
            }
            let page: JSON = ["layers": ["base", "admin"], "entries": .object(entries)]
            return .success(HTTPResponse(status: 200, body: page.bytes))
        }
        guard request.method == "POST", parts[1] != "strict" else {
            return .success(HTTPResponse(status: 503, body: Array("No admin layer specified".utf8)))
        }
        for pair in parts[2].drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
            let sides = pair.split(separator: "=", omittingEmptySubsequences: false).map { Self.unescaped($0) }
            values.withLock { $0[host, default: [:]][sides[0]] = sides[1].isEmpty ? nil : sides[1] }
        }
        return .success(HTTPResponse(status: 200, body: Array("OK\n".utf8)))
    }

    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite(.timeLimit(.minutes(5))) struct EnvoyFaultInjectorTests {
    private let runtimes = StubRuntimes()
    private let transport: ScriptedTransport
    private let injector: EnvoyFaultInjector

    init() {
        transport = ScriptedTransport { [runtimes] in runtimes.answer($0) }
        let entries = [("bar", "bar"), ("bar 2", "bar2"), ("cellar", "gone"), ("tab", "strict")].map {
            EnvoyDirectory.Entry(
                source: $0.0, service: ServiceName(String($0.0.prefix { $0 != " " })),
                endpoint: EnvoyEndpoint(admin: "http://\($0.1)"))
        }
        injector = EnvoyFaultInjector(directory: EnvoyDirectory(entries), transport: transport)
    }

    private func edge(_ from: ServiceName = "bar", _ to: ServiceName = "taps") -> Scope {
        .edge(Edge(from: from, to: to))
    }

    @Test(arguments: ["taps", "a b&c=d", "🍺", "x%00\u{1B}[2J", "日本語.local"])
    func `the contract of a fault injector holds`(callee: String) async throws {
        try await InjectorContract.check(injector, at: edge("bar", ServiceName(callee)))
        try await InjectorContract.check(injector, at: .service("bar"))
        #expect(runtimes.values.withLock { $0.values.allSatisfy { $0.isEmpty } })
    }

    @Test func `a fault is written as Envoy reads it`() async throws {
        try await injector.apply(injector.plan(.abort(status: 503), share: 0.125, at: edge()))
        try await injector.apply(injector.plan(.delay(milliseconds: 200), share: 1, at: .service("bar")))
        let expected = [
            "edge.taps.abort_pct": #"{"numerator":1250,"denominator":"TEN_THOUSAND"}"#, "edge.taps.abort_status": "503",
            "in.delay_pct": #"{"numerator":10000,"denominator":"TEN_THOUSAND"}"#, "in.delay_ms": "200",
        ]
        #expect(runtimes.values.withLock { $0 } == ["bar": expected, "bar2": expected])
    }

    @Test(arguments: [(1, 8), (8, 8), (70, 64), (90, 64), (92, 128), (5000, 1024)])
    func `a rate limit takes the nearest step and says so`(wish: Int, step: Int) throws {
        let plan = try injector.plan(.rateLimit(kbps: wish), share: 1, at: edge())
        #expect(plan.kind == .rateLimit(kbps: step))
        #expect((plan.explanation == nil) == (wish == step))
        #expect(plan.settings.map(\.key) == ["edge.taps.rl_\(step)_pct"])
    }

    @Test(arguments: [
        FaultKind.abort(status: 0), .abort(status: 199), .abort(status: 600), .delay(milliseconds: 0),
        .delay(milliseconds: -5), .delay(milliseconds: .max), .rateLimit(kbps: 0), .rateLimit(kbps: .min),
    ])
    func `what Envoy would silently misread is refused`(kind: FaultKind) {
        let edge = edge()
        #expect(throws: InjectionError.self) { try injector.plan(kind, share: 0.5, at: edge) }
    }

    @Test func `a service without a proxy is unknown`() {
        #expect(throws: InjectionError.unknownService("nobody")) {
            _ = try injector.plan(.abort(status: 503), share: 1, at: edge("nobody"))
        }
    }

    @Test func `a proxy that is gone or refuses is told by name`() async throws {
        let lost = try injector.plan(.abort(status: 503), share: 1, at: edge("cellar"))
        await #expect(throws: InjectionError.unreachable(source: "cellar", .refused("gone"))) {
            try await injector.apply(lost)
        }
        #expect(await injector.inspect(lost).map(\.state) == [.unknown])
        let proofs = await injector.undo([lost.undo])
        #expect(proofs.map(\.source) == ["cellar"])
        #expect(proofs.map(\.isClean) == [false])

        let refused = try injector.plan(.abort(status: 503), share: 1, at: edge("tab"))
        await #expect {
            try await injector.apply(refused)
        } throws: {
            ($0 as? InjectionError)?.remedy?.contains("admin_layer") == true
        }
    }

    @Test func `many undos are one request and one proof a proxy`() async throws {
        let plans = try [FaultKind.abort(status: 500), .delay(milliseconds: 5), .rateLimit(kbps: 8)].map {
            try injector.plan($0, share: 1, at: edge())
        }
        for plan in plans { try await injector.apply(plan) }
        let before = transport.requests.count
        let proofs = await injector.undo(plans.map(\.undo))
        #expect(proofs.map(\.source) == ["bar", "bar 2"])
        #expect(proofs.map(\.isClean) == [true, true])
        #expect(transport.requests.dropFirst(before).filter { $0.method == "POST" }.count == 2)
    }

    @Test func `a fault changed by another hand is seen`() async throws {
        let plan = try injector.plan(.abort(status: 503), share: 1, at: edge())
        try await injector.apply(plan)
        runtimes.values.withLock { $0["bar"]?["edge.taps.abort_pct"] = "1" }
        #expect(await injector.inspect(plan).map(\.state) == [.changed, .held])
    }

    @Test func `two faults of a kind on one edge overlap`() throws {
        let abort = try injector.plan(.abort(status: 503), share: 1, at: edge()).undo
        let same = try injector.plan(.abort(status: 418), share: 0.1, at: edge()).undo
        let other = try injector.plan(.delay(milliseconds: 1), share: 1, at: edge()).undo
        let elsewhere = try injector.plan(.abort(status: 503), share: 1, at: edge("bar", "tab")).undo
        #expect(abort.overlaps(same))
        #expect(!abort.overlaps(other))
        #expect(!abort.overlaps(elsewhere))
    }
}

@Suite(.timeLimit(.minutes(5))) struct EnvoyRuntimeTests {
    @Test func `faults that nobody here started are found`() throws {
        let runtime = try EnvoyRuntime(EnvoyFixtures.bytes("fault_edge/front.runtime.json"))
        let faults = runtime.foreignFaults()
        #expect(faults.map(\.to) == ["catalog", "catalog"])
        #expect(faults.map(\.kind) == [.abort(status: 503), .delay(milliseconds: 200)])
        #expect(faults.map(\.share) == [0.3, 0.5])
        #expect(faults.last?.keys == ["edge.catalog.delay_pct", "edge.catalog.delay_ms"])
        #expect(runtime.foreignFaults(ours: ["edge.catalog.abort_pct", "edge.catalog.delay_pct"]).isEmpty)
        #expect(try EnvoyRuntime(EnvoyFixtures.bytes("load/front.runtime.json")).foreignFaults().isEmpty)
    }

    @Test(arguments: [
        ("30", 0.3), ("150", 1), ("0", 0), (#"{"numerator":5000,"denominator":"TEN_THOUSAND"}"#, 0.5),
        (#"{"numerator":5,"denominator":"MILLION"}"#, 0.000005), (#"{"numerator":5}"#, 0.05), ("0.5", nil), ("-1", nil),
        ("abc", nil), ("", nil), ("{", nil), (#"{"numerator":-1}"#, nil), (#"{"numerator":1,"denominator":"X"}"#, nil),
    ])
    func `a percentage means what Envoy makes of it`(text: String, share: Double?) {
        #expect(EnvoyRuntime.share(text) == share)
    }

    @Test(arguments: ["", "{}", "[]", "null", #"{"entries":{"x":1}}"#, #"{"entries":{"x":{}}}"#, "No"])
    func `what is no such page is an error`(text: String) {
        #expect(throws: WireError.self) { try EnvoyRuntime(Array(text.utf8)) }
    }

    @Test func `keys are split as they were made`() {
        var naming = EnvoyNaming()
        naming.edgeKeys = "faults.{to}.of."
        for name in ["a", "a.b.c", "", "{to}", "of."] {
            let split = naming.split(key: naming.keyPrefix(to: ServiceName(name)) + "abort_pct")
            #expect(split?.to == ServiceName(name))
            #expect(split?.rest == "abort_pct")
        }
        #expect(naming.split(key: "in.abort_pct")?.to == nil)
        #expect(naming.split(key: "upstream.x") == nil)
    }
}
