import TestKit
import Testing

@testable import Experiments

@Suite struct JSONTests {
    @Test func `numbers keep their kind and their size`() throws {
        let text = "[1, -0, 1.0, 1e400, 123456789012345678901234567890, Infinity, -Infinity, NaN, 1E5, 0.1]"
        let written = try JSONWriter.text(JSONReader.value(of: text))
        #expect(
            written
                == "[1, 0, 1.0, Infinity, 123456789012345678901234567890, Infinity, -Infinity, NaN, 100000.0, 0.1]")
    }

    @Test func `the last of several equal names wins, in the place of the first`() throws {
        #expect(try JSONWriter.text(JSONReader.value(of: #"{"a": 1, "b": 2, "a": 3}"#)) == #"{"a": 3, "b": 2}"#)
    }

    @Test func `many names stay in their order`() throws {
        var fields = Fields((0..<100).map { ("n\($0)", .integer($0)) })
        fields["n50"] = nil
        fields["n3"] = "new"
        #expect(fields.count == 99)
        #expect(fields.keys.prefix(5) == ["n0", "n1", "n2", "n3", "n4"])
        #expect(fields["n3"]?.text == "new")
        #expect(fields["n99"]?.double == 99)
        #expect(!fields.has("n50"))
    }

    @Test(arguments: [
        ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("[1]\n x", 2, 2), ("{\n\"a\": tru}", 2, 6),
        ("\"a\nb\"", 1, 3), ("01", 1, 2), ("\u{FEFF}{}", 1, 1), ("nul", 1, 1), ("-", 1, 2), ("\"\\x\"", 1, 4),
    ])
    func `a mistake is told with its place`(text: String, line: Int, column: Int) throws {
        #expect(throws: JSONError.self) { try JSONReader.value(of: text) }
        do { _ = try JSONReader.value(of: text) } catch {
            #expect(error.position == SourcePosition(line: line, column: column), "\(error.message)")
        }
    }

    @Test func `positions lead to every value`() throws {
        var reader = JSONReader(
            Array("{\n  \"method\": [\n    {\"name\": \"é\", \"x\": 1}\n  ]\n}".utf8), notingPositions: true)
        _ = try reader.document()
        let map = try #require(reader.map)
        let first = DocumentPath().field("method").item(0)
        #expect(first.field("x").description == "method[0].x")
        #expect(map.position(of: first.field("x"))?.line == 3)
        #expect(map.position(of: first.field("absent"))?.line == 3)
        #expect(map.position(of: DocumentPath().field("rollbacks"))?.line == 1)
    }

    @Test(arguments: SeededGenerator.seeds(60))
    func `what is written can be read again`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = Self.anything(&generator, depth: 4)
        let text = JSONWriter.text(value, indent: generator.bool() ? 2 : nil)
        #expect(try JSONWriter.text(JSONReader.value(of: text)) == JSONWriter.text(value))
    }

    @Test(arguments: SeededGenerator.seeds(60))
    func `cut and damaged texts are refused or read, never trapped on`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bytes = Array(JSONWriter.text(Self.anything(&generator, depth: 4)).utf8)
        for _ in 0..<generator.int(in: 1...4) where !bytes.isEmpty {
            bytes[generator.int(in: 0...(bytes.count - 1))] = UInt8(generator.int(in: 0...255))
        }
        bytes.removeLast(min(bytes.count, generator.int(in: 0...3)))
        var reader = JSONReader(bytes, notingPositions: true)
        let first = try? reader.document()
        var yaml = YAMLReader()
        let second = try? yaml.document(String(decoding: bytes, as: UTF8.self))
        // The point is to come here; a value that was read must at least be one that can be written.
        for value in [first, second].compactMap({ $0 }) { #expect(!JSONWriter.text(value).isEmpty) }
    }

    @Test func `nesting without end is refused`() {
        #expect(throws: JSONError.self) { try JSONReader.value(of: String(repeating: "[", count: 100_000)) }
        var reader = YAMLReader()
        #expect(throws: YAMLError.self) { try reader.document(String(repeating: "[", count: 100_000)) }
    }

    @Test func `aliases that multiply are refused`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        var reader = YAMLReader()
        #expect(throws: YAMLError.self) { try reader.document(text) }
    }

    static func anything(_ generator: inout SeededGenerator, depth: Int) -> Value {
        switch generator.int(in: 0...(depth > 0 ? 8 : 6)) {
        case 0: return .null
        case 1: return .bool(generator.bool())
        case 2: return .integer(generator.int(in: -1000...1000))
        case 3: return .number(Double(generator.int(in: -1_000_000...1_000_000)) / 7)
        case 4: return .bigInteger("98765432109876543210")
        case 5: return .text(generator.hostileText())
        case 6: return .number([.infinity, 1e-7, 1e16, 123_456_789_012_345_680].randomElement(using: &generator) ?? 0)
        case 7: return .list((0..<generator.int(in: 0...4)).map { _ in anything(&generator, depth: depth - 1) })
        default:
            let entries = (0..<generator.int(in: 0...20)).map { _ in
                (generator.hostileText(upTo: 5), anything(&generator, depth: depth - 1))
            }
            return .mapping(Fields(entries))
        }
    }
}
