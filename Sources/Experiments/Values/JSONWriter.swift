/// Writes values as JSON the way Python's `json.dump` does, so that a journal of ours and one of `chaos` can be compared.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let indent: Int?
    private var depth = 0

    /// With an indent each item has a line of its own; without, all is on one line, as for a request's body.
    init(indent: Int? = nil) {
        self.indent = indent
    }

    static func text(_ value: Value, indent: Int? = nil) -> String {
        var writer = JSONWriter(indent: indent)
        writer.write(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    mutating func write(_ value: Value) {
        switch value {
        case .null: put("null")
        case .bool(let value): put(value ? "true" : "false")
        case .integer(let value): put(String(value))
        case .bigInteger(let digits): put(digits)
        case .number(let value): put(Self.number(value))
        case .text(let text): write(text)
        case .moment(let moment): write(moment.standard)
        case .list(let items): writeGroup("[", "]", items) { writer, item in writer.write(item) }
        case .mapping(let fields):
            writeGroup("{", "}", fields.entries) { writer, entry in
                writer.write(entry.0)
                writer.put(": ")
                writer.write(entry.1)
            }
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return PythonText.float(value)
    }

    private mutating func writeGroup<Items: Sequence>(
        _ open: String, _ close: String, _ items: Items, _ each: (inout JSONWriter, Items.Element) -> Void
    ) {
        put(open)
        depth += 1
        var isFirst = true
        for item in items {
            if !isFirst { put(indent == nil ? ", " : ",") }
            isFirst = false
            breakLine()
            each(&self, item)
        }
        depth -= 1
        if !isFirst { breakLine() }
        put(close)
    }

    private mutating func breakLine() {
        guard let indent else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: depth * indent))
    }

    private mutating func put(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func write(_ text: String) {
        bytes.append(0x22)
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for (place, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                bytes.append(contentsOf: utf8[start..<place])
                writeEscaped(byte)
                start = place + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(0x22)
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        switch byte {
        case 0x22: put("\\\"")
        case 0x5C: put("\\\\")
        case 0x0A: put("\\n")
        case 0x0D: put("\\r")
        case 0x09: put("\\t")
        case 0x08: put("\\b")
        case 0x0C: put("\\f")
        default: put("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
        }
    }
}
