import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// What a Toxiproxy says, and what it is asked: against answers captured from 2.12.0 and 2.1.5.
@Suite(.timeLimit(.minutes(1))) struct ToxiproxyWireTests {
    private static let index = """
        {"redis":{"name":"redis","listen":"127.0.0.1:59725","upstream":"127.0.0.1:39557","enabled":true,"Logger":{},\
        "toxics":[{"attributes":{"latency":20,"jitter":10},"name":"latency_downstream","type":"latency",\
        "stream":"downstream","toxicity":1},{"attributes":{"latency":-5,"jitter":0},"name":"q3","type":"latency",\
        "stream":"upstream","toxicity":5}]},"a":{"name":"a","listen":"[::]:1","upstream":"db:5432","enabled":false,\
        "toxics":[]}}
        """

    @Test func `A list is read in the order of its names, with every toxic`() throws {
        let proxies = try ToxiproxyWire.proxies(Array(Self.index.utf8))
        #expect(proxies.map(\.name) == ["a", "redis"])
        #expect(proxies.map(\.isEnabled) == [false, true])
        let toxic = try #require(proxies[1].toxic("q3"))
        #expect(toxic.stream == ToxiproxyToxic.upstream && toxic.toxicity == 5 && toxic.attribute("latency") == -5)
        #expect(try ToxiproxyWire.proxy(proxies[1].json.bytes) == proxies[1])
    }

    @Test func `What a plug-in brings is kept, and what is missing is told with its path`() throws {
        let custom =
            #"{"p":{"name":"p","listen":"a:1","upstream":"b:1","enabled":true,"toxics":[{"name":"x","type":"http"}]}}"#
        let toxic = try #require(try ToxiproxyWire.proxies(Array(custom.utf8)).first?.toxics.first)
        #expect(toxic == ToxiproxyToxic(name: "x", type: "http", stream: "downstream", toxicity: 1, attributes: []))
        for (text, path) in [
            (#"{"p":{"name":"p","listen":"a:1","upstream":"b:1","toxics":[]}}"#, "p.enabled"),
            (#"{"p":7}"#, "p"), ("[]", ""), ("<html>", ""),
            (
                #"{"p":{"name":"p","listen":"a","upstream":"b","enabled":true,"toxics":[{"type":"x"}]}}"#,
                "p.toxics[0].name"
            ),
        ] {
            #expect {
                try ToxiproxyWire.proxies(Array(text.utf8))
            } throws: { error in
                (error as? WireError)?.path == path
            }
        }
    }

    @Test(
        arguments: [
            ("2.1.5", "2.1.5"), ("{\"version\": \"2.12.0\"}\n", "2.12.0"), ("{\"version\": 2.6.0}", "2.6.0"),
            ("git-abc", nil), ("", nil),
        ] as [(String, String?)])
    func `The version is read from what every server makes of it`(text: String, version: String?) {
        #expect(ToxiproxyWire.version(Array(text.utf8)) == version)
    }

    @Test func `A toxic of a kind is found again as that kind`() throws {
        let kinds = [
            FaultKind.delay(milliseconds: 200, jitter: 50), FaultKind("reset", ["after": 100]),
            FaultKind("bandwidth", ["bandwidth": 64, "direction": 1]), FaultKind("slow-close", ["slow-close": 500]),
            FaultKind("timeout", ["timeout": 0]), FaultKind("limit-data", ["limit-data": 4096, "direction": 1]),
            FaultKind("slicer", ["slicer": 64, "variation": 8, "pause": 1000]),
        ]
        for kind in kinds {
            let toxic = try ToxiproxyFault.toxic(kind, share: 0.5)
            #expect(ToxiproxyFault.kind(of: toxic) == kind)
            #expect(toxic.stream == (kind.amount("direction") == 1 ? "upstream" : "downstream"))
            #expect(toxic.toxicity == 0.5)
        }
        // Slices that are all alike end an older server.
        #expect(
            try ToxiproxyFault.toxic(FaultKind("slicer", ["slicer": 64]), share: 1).attribute("size_variation") == 1)
        // A kilobyte of a Toxiproxy has 1,000 bytes, and ours 1,024.
        let narrow = try ToxiproxyFault.toxic(.rateLimit(kbps: 64), share: 1)
        #expect(narrow.type == "bandwidth" && narrow.attribute("rate") == 66)
    }

    @Test(arguments: [
        (FaultKind.abort(status: 503), 1.0, "HTTP"), (FaultKind("off"), 0.5, "100%"), (FaultKind("off"), 1.5, "100"),
        (FaultKind("slicer", ["slicer": 10, "variation": 10]), 1, "must be smaller than"),
        (FaultKind("slicer", ["slicer": 1]), 1, "must be smaller than"),
        (FaultKind.delay(milliseconds: 0), 1, "1 ms"), (FaultKind("earthquake"), 1, "earthquake"),
    ])
    func `What a Toxiproxy can't do, or would take and fall over, is refused in words`(
        kind: FaultKind, share: Double, words: String
    ) {
        #expect {
            try ToxiproxyFault.toxic(kind, share: share)
        } throws: { error in
            (error as? InjectionError)?.summary.contains(words) == true
        }
    }

    @Test(arguments: [
        ("cart>redis", "127.0.0.1:1", "cart>redis"), ("cart_to_redis", "redis:6379", "cart>redis"),
        ("a-to-b", "x:1", "a>b"), ("a->b", "x:1", "a>b"), ("redis_master", "redis.prod:6379", "clients>redis.prod"),
        ("redis_master", "127.0.0.1:6379", "clients>redis_master"), ("db", "[::1]:5432", "clients>db"),
        ("db", "localhost:5432", "clients>db"), ("shop_db", "127.0.0.1:5432", "shop>database"),
    ])
    func `An edge is what settings, name and upstream say, in this order, and why is said`(
        name: String, upstream: String, edge: String
    ) {
        let naming = ToxiproxyNaming(rules: [.init(match: "shop_*", from: "shop", to: "database")])
        let proxy = ToxiproxyProxy(name: name, listen: "", upstream: upstream, isEnabled: true, toxics: [])
        let meaning = naming.meaning(of: proxy)
        #expect(meaning.edge.description == edge)
        #expect(meaning.why.contains("callee by") && meaning.why.contains("caller"))
        let own = ToxiproxyNaming(from: "web").meaning(of: proxy).edge.from
        #expect(own == (edge.hasPrefix("clients>") || name == "shop_db" ? "web" : meaning.edge.from))
    }

    @Test func `The settings tell servers, callers and names, and every mistake with its line`() throws {
        func targets(_ yaml: String) throws -> (found: [ToxiproxyTarget], mistakes: [String]) {
            let log = SettingsMistakes()
            let list = try #require(SettingsNode(yaml: yaml, log: log)?["toxiproxy"])
            return (ToxiproxySettings.targets(list), log.all.map { "\($0.line): \($0.message)" })
        }
        let good = try targets(
            "toxiproxy: [{url: 'http://a:8474/', from: cart, names: [{match: 'x*', to: y}]}, {url: 'http://b:1'}]")
        #expect(good.mistakes.isEmpty)
        #expect(good.found.map(\.url) == ["http://a:8474", "http://b:1"])
        #expect(good.found[0].naming == ToxiproxyNaming(rules: [.init(match: "x*", from: nil, to: "y")], from: "cart"))
        let bad = try targets(
            """
            toxiproxy:
              - from: cart
              - url: a:8474
              - url: http://u:p@a:8474
              - {url: 'http://a', names: [{to: x}, {match: y}], toxics: []}
              - url: http://a
            """)
        for words in [
            "2: a Toxiproxy needs 'url'", "3: invalid URL for url", "4: url must not contain",
            "5: a name needs 'match'",
            "5: a name needs 'from'", "5: unknown key 'toxics' in a Toxiproxy", "6: http://a is listed twice",
        ] {
            #expect(bad.mistakes.contains { $0.hasPrefix(words) }, "\(words) in \(bad.mistakes)")
        }
        #expect(try targets("toxiproxy: []").mistakes == ["1: 'toxiproxy' is empty"])
    }
}
