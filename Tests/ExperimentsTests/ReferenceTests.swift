import Testing

@testable import Experiments

/// The fixtures hold what PyYAML and chaoslib themselves say.
@Suite(.timeLimit(.minutes(5))) struct ReferenceTests {
    @Test func `YAML means what PyYAML takes it to mean`() throws {
        let cases = try #require(try Fixture.json("pyyaml.json")["cases"]?.list)
        #expect(cases.count > 250)
        for one in cases {
            let text = try #require(one["yaml"]?.text)
            var reader = YAMLReader()
            guard one["error"] == nil else {
                #expect(throws: YAMLError.self, "\(text)") { try reader.document(text) }
                continue
            }
            let expected = try #require(one["value"])
            let seen = Result { () throws(YAMLError) in try reader.document(text) }
            #expect(seen.map(Self.shown) == .success(JSONWriter.text(expected)), "\(text)")
        }
    }

    /// As the fixture writes it: a date is an object with both of its spellings.
    private static func shown(_ value: Value) -> String {
        func plain(_ value: Value) -> Value {
            switch value {
            case .moment(let moment): ["$moment": .text(moment.standard), "$str": .text(moment.spoken)]
            case .list(let items): .list(items.map(plain))
            case .mapping(let fields): .mapping(Fields(fields.entries.map { ($0, plain($1)) }))
            default: value
            }
        }
        return JSONWriter.text(plain(value))
    }

    @Test func `substitution puts in what chaoslib puts in`() throws {
        let fixture = try Fixture.json("substitution.json")
        let cases = try #require(fixture["cases"]?.list)
        for one in cases {
            let data = try #require(one["data"])
            let substitution = Substitution(
                configuration: one["configuration"]?.bool == true
                    ? fixture["configuration"]?.fields ?? Fields() : Fields(),
                secrets: one["secrets"]?.bool == true ? fixture["secrets"]?.fields ?? Fields() : Fields())
            let expected = try JSONWriter.text(#require(one["result"]))
            #expect(try JSONWriter.text(substitution(data)) == expected, "\(JSONWriter.text(one))")
        }
    }

    @Test func `a tolerance is met when chaoslib says so`() async throws {
        let cases = try #require(try Fixture.json("tolerances.json")["cases"]?.list)
        #expect(cases.count > 2000)
        let check = ToleranceCheck(substitution: Substitution()) { _ throws(ActivityEnd) in .null }
        for one in cases {
            let parts = try #require(one.list)
            let why = Comment(rawValue: JSONWriter.text(one))
            do {
                let isMet = try await check.holds(parts[0], for: parts[1])
                #expect(parts[2].bool == isMet, why)
            } catch {
                #expect(parts[2].text == "crash", why)
            }
        }
    }
}
