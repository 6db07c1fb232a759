import MeshModel
import Testing

@testable import MeshClient

@Suite struct GlobTests {
    @Test(arguments: [
        ("abc", "abc", true), ("abc", "a*", true), ("abc", "*c", true), ("abc", "a*c*", true), ("abc", "a*b", false),
        ("aaab", "*a*ab", true), ("", "*", true), ("", "a", false), ("abc", "", false), ("abc", "a?c", true),
        ("ac", "a?c", false), ("aé.c", "a?.c", true), ("aéxc", "a?.c", false), ("abc", "ABC", false),
    ])
    func `a star stands for any text, a question mark for one character`(name: String, pattern: String, isMatch: Bool) {
        #expect(Glob(pattern: pattern).matches(name) == isMatch)
    }

    /// A question mark stood for itself in the one, and for any character in the other.
    @Test(arguments: ["db-?", "db-*"])
    func `names of Envoys and of Toxiproxies are matched alike`(pattern: String) {
        let proxy = ToxiproxyProxy(name: "db-1", listen: "", upstream: "127.0.0.1:1", isEnabled: true, toxics: [])
        let naming = ToxiproxyNaming(rules: [.init(match: pattern, from: nil, to: "database")])
        #expect(naming.meaning(of: proxy).edge.to == "database")
        #expect(EnvoyNameRule(match: pattern, service: "$0 of database").service(for: "db-1") == "db-1 of database")
    }

    @Test func `many stars take no time to speak of`() {
        let pattern = String(repeating: "*a", count: 30) + "*b"
        #expect(!Glob(pattern: pattern).matches(String(repeating: "a", count: 5000)))
    }
}
