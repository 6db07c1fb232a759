import MeshModel
import TestKit
import Testing

@Suite struct JSONTests {
    @Test(arguments: SeededGenerator.seeds(200))
    func `what is written is read back`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = generator.json()
        #expect(try JSON(parsing: value.bytes) == value)
    }

    @Test(arguments: SeededGenerator.seeds(40))
    func `a text cut anywhere is an error and never a trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = JSON.array([generator.json(), generator.json()]).bytes
        for end in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(bytes[..<end])) }
        }
    }

    @Test(arguments: SeededGenerator.seeds(60))
    func `flipped bytes never trap, and what is read can be written`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let whole = JSON.array([generator.json(), generator.json()]).bytes
        for _ in 0..<200 {
            var bytes = whole
            for _ in 0..<generator.int(in: 1...3) {
                bytes[generator.int(in: 0...bytes.count - 1)] = UInt8(generator.int(in: 0...255))
            }
            guard let value = try? JSON(parsing: bytes) else { continue }
            _ = try JSON(parsing: value.bytes)
        }
    }

    @Test func `nesting is bounded`() throws {
        let fine = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        _ = try JSON(parsing: fine)
        for opening in ["[", "{\"a\":"] {
            let error = #expect(throws: JSONError.self) {
                try JSON(parsing: String(repeating: opening, count: 100_000))
            }
            #expect(error?.message.hasPrefix("nested deeper") == true)
        }
    }

    @Test(arguments: [
        ("\"\\ud83c\\udf7a\"", "🍺"), ("\"\\uD83C\"", "\u{FFFD}"), ("\"\\uD83Cx\"", "\u{FFFD}x"),
        ("\"\\uD83C\\n\"", "\u{FFFD}\n"), ("\"\\uD83C\\u0041\"", "\u{FFFD}A"), ("\"\\uDF7A\"", "\u{FFFD}"),
        ("\"\\uD83C\\uD83C\\uDF7A\"", "\u{FFFD}🍺"), ("\"\\u0000\\u007f\"", "\u{0}\u{7F}"),
        ("\"\\/\\\"\\\\\\b\\f\"", "/\"\\\u{8}\u{C}"),
    ])
    func `escapes are read, and half a surrogate pair is one replacement`(text: String, expected: String) throws {
        #expect(try JSON(parsing: text) == .string(expected))
    }

    @Test(arguments: [
        "01", "-", "1.", ".5", "+1", "1e", "1e+", "-01", "0x10", "1_000", "NaN", "Infinity", "--1", "1.2.3", "1e5e5",
        "\"\\u+123\"", "\"\\u-000\"", "\"\\u12\"", "\"\\x41\"", "\"\n\"", "[1,]", "{\"a\":1,}", "{a:1}", "[1 2]", "tru",
        "", " ", "1 2", "1e999", "-1e999",
    ])
    func `what RFC 8259 does not allow is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test func `a number is whole as long as it fits and a fraction after`() throws {
        #expect(try JSON(parsing: "9223372036854775807") == .integer(.max))
        #expect(try JSON(parsing: "-9223372036854775808") == .integer(.min))
        #expect(try JSON(parsing: "18446744073709551614") == .double(1.8446744073709552e19))
        #expect(try JSON(parsing: "3e+05").integer == 300_000)
        #expect(try JSON(parsing: "1e300").integer == nil)
        #expect(try JSON(parsing: "-0").integer == 0)
        #expect(try JSON(parsing: "1e-400") == .double(0))
        let long = String(repeating: "9", count: 300)
        #expect(try JSON(parsing: long) == .double(1e300))
    }

    @Test func `numbers without a word in JSON are written as null`() {
        for value in [Double.nan, .infinity, -.infinity] { #expect(JSON.double(value).text == "null") }
        #expect(JSON(UInt64.max).text == "18446744073709551616" || JSON(UInt64.max).text.contains("e"))
        var writer = JSONWriter()
        writer.write(UInt64.max)
        writer.write(Int64.min)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "18446744073709551615,-9223372036854775808")
    }
}
