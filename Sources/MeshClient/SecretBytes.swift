internal import FoundationEssentials

/// Bytes that prove who somebody is: a token, a password, a key. However it is printed, they are not in it.
public struct SecretBytes: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Nil when it is no Base64, in which a kubeconfig may be broken into lines.
    init?(base64 text: String) {
        guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else { return nil }
        bytes = Array(data)
    }

    /// The text in it, without the white space around it; nil when there is none, or none that may go into a header.
    var text: String? {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        let kept = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard !kept.isEmpty, kept.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: kept, as: UTF8.self)
    }

    var isEmpty: Bool { bytes.isEmpty }

    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
