/// Appends JSON to a buffer. It builds no tree, since events of a thousand proxies a second pass through it.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init() {}

    /// Hands out what was written, once, and begins anew.
    public mutating func take() -> [UInt8] {
        needsComma = false
        defer { bytes = [] }
        return bytes
    }

    /// Forgets what was written and keeps the memory; for bytes that nobody else holds, else it takes as much again.
    public mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Ends a line, as JSON Lines wants it.
    public mutating func newline() {
        bytes.append(0x0A)
        needsComma = false
    }

    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        body(&self)
        close(UInt8(ascii: "}"))
    }

    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        body(&self)
        close(UInt8(ascii: "]"))
    }

    public mutating func name(_ name: String) {
        separate()
        quoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func write(_ text: String) {
        separate()
        quoted(text)
        needsComma = true
    }

    public mutating func write(_ value: Bool) { raw(value ? "true" : "false") }
    public mutating func writeNull() { raw("null") }
    public mutating func write(_ value: Int) { write(Int64(value)) }

    public mutating func write(_ value: Int64) {
        if value < 0 {
            separate()
            bytes.append(UInt8(ascii: "-"))
            needsComma = false
        }
        write(value.magnitude)
    }

    public mutating func write(_ value: UInt64) {
        separate()
        if value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            let start = bytes.count
            var rest = value
            while rest > 0 {
                bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            }
            bytes[start...].reverse()
        }
        needsComma = true
    }

    /// A value that JSON has no word for becomes null; a whole one is written without a fraction.
    public mutating func write(_ value: Double) {
        if !value.isFinite {
            writeNull()
        } else if value.rounded() == value, abs(value) < 9e15 {
            write(Int64(value))
        } else {
            raw(value.description)
        }
    }

    public mutating func write(_ value: JSON) {
        switch value {
        case .null: writeNull()
        case .bool(let value): write(value)
        case .integer(let value): write(value)
        case .double(let value): write(value)
        case .string(let text): write(text)
        case .array(let items): array { for item in items { $0.write(item) } }
        case .object(let members):
            object {
                for member in members {
                    $0.name(member.name)
                    $0.write(member.value)
                }
            }
        }
    }

    /// Appends a value that is JSON already.
    public mutating func splice(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            if !utf8.contains(where: Self.isEscaped) { return bytes.append(contentsOf: utf8) }
            for byte in utf8 {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    bytes.append(UInt8(ascii: "\\"))
                    bytes.append(byte)
                case 0x0A: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
                case 0..<0x20, 0x7F:
                    bytes.append(contentsOf: "\\u00".utf8)
                    bytes.append(Self.digits[Int(byte >> 4)])
                    bytes.append(Self.digits[Int(byte & 15)])
                default: bytes.append(byte)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
