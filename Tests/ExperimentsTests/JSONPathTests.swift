import Testing

@testable import Experiments

/// The fixture holds what the `jsonpath2` library itself says.
@Suite struct JSONPathTests {
    @Test func `paths lead where jsonpath2 is led and are refused when it refuses them`() throws {
        let fixture = try Fixture.json("jsonpath2.json")
        let (document, cases) = try (#require(fixture["document"]), #require(fixture["cases"]?.list))
        #expect(cases.count > 500)
        for one in cases {
            let text = try #require(one["path"]?.text)
            if one["error"] != nil {
                #expect(throws: JSONPathError.self, "\(text)") { try JSONPath(text) }
            } else if one["crash"] != nil {
                #expect(throws: Crash.self, "\(text)") { try JSONPath(text).matches(in: document) }
            } else {
                let found = try Value.list(JSONPath(text).matches(in: document))
                #expect(try JSONWriter.text(found) == JSONWriter.text(#require(one["found"])), "\(text)")
            }
        }
    }

    @Test func `numbers at the edge of what a path can hold are taken without a trap`() throws {
        let list: Value = [1, 2, 3]
        #expect(try JSONPath("$[-9223372036854775808:9223372036854775807]").matches(in: list).count == 3)
        #expect(try JSONPath("$[9223372036854775807:-9223372036854775808:-1]").matches(in: list).count == 6)
    }
}
