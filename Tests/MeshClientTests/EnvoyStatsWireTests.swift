import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

struct EnvoyStatsWireTests {
    private typealias Scope = EnvoyStatsWire.Scope

    /// What a page says, comparable whatever the numbers of its scopes are.
    struct Meaning: Equatable {
        struct Of: Equatable {
            var values: [EnvoyStat: UInt64]
            var latency: [LatencyHistogram.Bin]?
        }
        var scopes: [EnvoyStatsWire.Scope: Of] = [:]
        var uptime: UInt64?
        var state: UInt64?
    }

    static func meaning(_ page: EnvoyStatsPage, _ wire: EnvoyStatsWire) -> Meaning {
        var meaning = Meaning(uptime: page.uptime, state: page.state)
        for (number, scope) in wire.scopes.enumerated() where page.mentions(number) {
            let values = EnvoyStat.allCases.compactMap { stat in page[number, stat].map { (stat, $0) } }
            meaning.scopes[scope] = Meaning.Of(
                values: Dictionary(uniqueKeysWithValues: values),
                latency: page.hasLatency(number) ? page.latencies[number] : nil)
        }
        return meaning
    }

    static func read(_ bytes: [UInt8]) throws -> Meaning {
        var wire = EnvoyStatsWire(naming: EnvoyNaming())
        var page = EnvoyStatsPage()
        try wire.read(bytes, into: &page)
        return meaning(page, wire)
    }

    static func read(_ text: String) throws -> Meaning { try read(Array(text.utf8)) }

    @Test(arguments: [
        ("http.to_cart.shop.downstream_rq_completed", true), ("cluster.cart.shop.membership_total", true),
        ("http.in.downstream_rq_time", true), ("http.to_pay.fault.aborts_injected", true),
        ("http.egress.downstream_rq_completed", false), ("http.to_.downstream_rq_completed", false),
        ("cluster.cart.shop.upstream_rq_completed", false), ("server.uptime", true),
    ])
    func `the page that is asked for has callees with dots`(name: String, isWanted: Bool) throws {
        let parts = EnvoyNaming().statsPath.components(separatedBy: "filter=")
        let filter = try #require(parts.last?.removingPercentEncoding)
        #expect((try Regex(filter).firstMatch(in: name) != nil) == isWanted)
    }

    @Test func `clusters that a control plane made up are no callees`() throws {
        var wire = EnvoyStatsWire(naming: EnvoyNaming())
        var page = EnvoyStatsPage()
        let stats = ["outbound|9080||reviews", "cart.shop"].map {
            "{\"name\":\"cluster.\($0).membership_total\",\"value\":1}"
        }
        try wire.read(Array("{\"stats\":[\(stats.joined(separator: ","))]}".utf8), into: &page)
        #expect(wire.scopes == [.edge(to: "cart.shop")])
    }

    @Test func `a page under load says what the proxy counted`() throws {
        let page = try Self.read(EnvoyFixtures.bytes("load/front.poll_json_detailed.json"))
        #expect(page.uptime == 575)
        #expect(page.state == 0)
        #expect(Set(page.scopes.keys) == [.inbound, .edge(to: "cart"), .edge(to: "catalog")])
        let cart = try #require(page.scopes[.edge(to: "cart")])
        #expect(cart.values[.completed] == 28825)
        #expect(cart.values[.answers5xx] == 910)
        #expect(cart.values[.timeouts] == 131)
        #expect(cart.values[.healthyHosts] == 1)
        #expect(cart.values[.active] == 1)
        let bins = try #require(page.scopes[.inbound]?.latency)
        #expect(bins.first == LatencyHistogram.Bin(lower: 2, width: 0.1, count: 20))
        #expect(bins.count > 60)
        #expect(zip(bins, bins.dropFirst()).allSatisfy { $0.lower < $1.lower })
    }

    @Test func `an empty histogram is not a missing one`() throws {
        let page = try Self.read(EnvoyFixtures.bytes("idle_fresh/pay.poll_json_detailed.json"))
        #expect(page.scopes[.inbound]?.latency == [])
        #expect(page.scopes[.inbound]?.values[.completed] == 0)
        let bare = try Self.read(#"{"stats":[{"name":"http.in.downstream_rq_completed","value":1}]}"#)
        #expect(bare.scopes[.inbound]?.latency == nil)
        #expect(bare.scopes[.inbound]?.values[.answers5xx] == nil)
    }

    @Test func `names may hold anything`() throws {
        let page = try Self.read(EnvoyFixtures.bytes("odd/stats.json"))
        let names = page.scopes.keys.compactMap { if case .edge(let to) = $0 { to.text } else { nil } }
        for name in ["a.b.c", "ctl\u{1}x", "new\nline", "quote\"x", "back\\slash", "uni→é😀", "日本語", "<b>html</b>"] {
            #expect(names.contains(name))
        }
        #expect(names.contains { $0.count > 250 })
        #expect(!names.contains("local_app"))
    }

    @Test(arguments: [
        ("7", 7), ("18446744073709551614", 18_446_744_073_709_551_614), ("18446744073709551615", .max),
        ("18446744073709551616", .max), ("99999999999999999999999", .max), ("3e+05", 300_000), ("2.9", 2), ("-1", 0),
        ("1e999", .max), ("0", 0), ("00012", 12), ("null", nil), (#""text""#, nil), ("true", nil), ("[1,2]", nil),
    ])
    func `a number may be written in many ways`(written: String, value: UInt64?) throws {
        let text = #"{"stats":[{"name":"http.to_x.downstream_rq_completed","value":\#(written)}]}"#
        #expect(try Self.read(text).scopes[.edge(to: "x")]?.values[.completed] == value)
        // And the same when the name is known already.
        var wire = EnvoyStatsWire(naming: EnvoyNaming())
        var page = EnvoyStatsPage()
        for _ in 1...3 { try wire.read(Array(text.utf8), into: &page) }
        #expect(Self.meaning(page, wire).scopes[.edge(to: "x")]?.values[.completed] == value)
    }

    @Test(arguments: [
        #"{"stats":[]}"#, #" { "stats" : [ ] , "x" : {"y":[1,{}]} } "#, #"{"x":null,"stats":[{"other":1}]}"#,
        #"{"stats":[{"value":5,"name":"server.uptime"}]}"#,
        #"{"stats":[{"name":"server.uptime","type":"gauge","value":5}, {"histograms":{}}]}"#,
    ])
    func `other orders, spaces and members do no harm`(text: String) throws {
        var wire = EnvoyStatsWire(naming: EnvoyNaming())
        var page = EnvoyStatsPage()
        for _ in 1...3 {
            try wire.read(Array(text.utf8), into: &page)
            #expect(page.uptime == (text.contains("uptime") ? 5 : nil))
        }
    }

    @Test(arguments: [
        "", " ", "{}", "null", "[]", "{", #"{"stats":}"#, #"{"stats":{}}"#, #"{"stats":[{"name":"x","value":1}"#,
        #"{"stats":[{"name":"server.uptime","value":}]}"#, #"{"stats":[{"name":"server.uptime","value":1-1}]}"#,
        #"{"stats":[]}x"#, "<html>no</html>", "\u{0}\u{1}", #"{"stats":[{"name":7,"value":1}]}"#,
    ])
    func `what is no such page is an error with its place`(text: String) {
        #expect(throws: WireError.self) { try Self.read(text) }
    }

    @Test func `an error shows what stood there, without control bytes`() {
        #expect {
            try Self.read("{\"stats\":[{\"name\":\"server.uptime\",\"value\":\u{1B}[2J}]}")
        } throws: {
            $0 as? WireError == WireError(page: "/stats", path: "stats[0].value", found: "“.[2J}]}”")
        }
    }

    @Test(arguments: EnvoyFixtures.pages)
    func `a page cut anywhere is an error`(name: String) throws {
        let bytes = try EnvoyFixtures.bytes(name)
        let end = bytes.lastIndex(of: 0x7D) ?? 0
        var wire = EnvoyStatsWire(naming: EnvoyNaming())
        var page = EnvoyStatsPage()
        for cut in stride(from: 0, through: end, by: max(1, bytes.count / 300)) {
            #expect(throws: WireError.self, "cut at \(cut)") { try wire.read(Array(bytes[..<cut]), into: &page) }
        }
        // A memory full of halves does not change what a whole page says.
        try wire.read(bytes, into: &page)
        #expect(try Self.meaning(page, wire) == Self.read(bytes))
    }

    @Test(arguments: SeededGenerator.seeds(6))
    func `flipped bytes are read or refused`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let names = ["load/pay.poll_json_detailed.json", "odd/stats.json", "restart/catalog_4s.json"]
        var wire = EnvoyStatsWire(naming: EnvoyNaming())
        var page = EnvoyStatsPage()
        for _ in 0..<60 {
            let clean = try EnvoyFixtures.bytes(names[random.int(in: 0...2)])
            var bytes = clean
            for _ in 0...random.int(in: 0...8) {
                bytes[random.int(in: 0...bytes.count - 1)] = UInt8(random.int(in: 0...255))
            }
            let fresh = Result { try Self.read(bytes) }
            let remembering = Result {
                try wire.read(bytes, into: &page)
                return Self.meaning(page, wire)
            }
            #expect((try? fresh.get()) == (try? remembering.get()))
            try wire.read(clean, into: &page)
            #expect(try Self.meaning(page, wire) == Self.read(clean))
        }
    }

    @Test(arguments: SeededGenerator.seeds(5))
    func `memory of other pages never changes what a page says`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var wire = EnvoyStatsWire(naming: EnvoyNaming())
        var page = EnvoyStatsPage()
        let pages = try EnvoyFixtures.pages.map { try EnvoyFixtures.bytes($0) }
        for _ in 0..<30 {
            let bytes = pages[random.int(in: 0...pages.count - 1)]
            try wire.read(bytes, into: &page)
            #expect(try Self.meaning(page, wire) == Self.read(bytes))
        }
    }
}
