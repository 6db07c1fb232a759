import Testing

@testable import Experiments

/// The fixture holds what Python's own `re` says.
@Suite struct PythonRegexTests {
    @Test func `patterns find what Python finds and are refused when Python refuses them`() throws {
        let cases = try #require(try Fixture.json("python-re.json")["cases"]?.list)
        #expect(cases.count > 1000)
        for one in cases {
            let pattern = try #require(one["pattern"]?.text)
            guard let found = one["found"]?.fields else {
                #expect(throws: RegexError.self, "\(pattern)") { try PythonRegex(pattern) }
                continue
            }
            let regex: PythonRegex
            do { regex = try PythonRegex(pattern) } catch {
                Issue.record("\(pattern) was refused: \(error)")
                continue
            }
            for (text, spans) in found.entries {
                let expected = spans.list?.map { span in span.list.map { Array($0.compactMap(\.double)) } }
                let seen = try regex.search(text)?.map { $0.map { [Double($0.lowerBound), Double($0.upperBound)] } }
                #expect(seen == expected, "\(pattern) in \(text.debugDescription)")
            }
        }
    }

    @Test func `a long text needs no deep stack`() throws {
        let text = String(repeating: "ab", count: 200_000)
        #expect(try PythonRegex("^(?:a|b)*$").matches(in: text))
        #expect(try !PythonRegex("(ab)+c").matches(in: String(text.prefix(2000))))
    }

    @Test func `a pattern that would take years is given up`() throws {
        var regex = try PythonRegex("(a+)+$")
        regex.patience = 10_000
        #expect(throws: Crash.self) { try regex.matches(in: String(repeating: "a", count: 40) + "!") }
    }
}
