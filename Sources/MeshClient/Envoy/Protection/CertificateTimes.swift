internal import FoundationEssentials
internal import MeshModel

/// From when until when a certificate is good, out of its PEM text: RFC 5280, section 4.1, as far as that needs.
struct CertificateTimes: Hashable, Sendable {
    var begins: Timestamp
    var ends: Timestamp

    /// A chain is longer than one certificate, and no longer than this.
    private static let longest = 256 << 10

    init(begins: Timestamp, ends: Timestamp) {
        self.begins = begins
        self.ends = ends
    }

    /// The first certificate of a text; nil for what holds none.
    init?(pem: [UInt8]) {
        guard pem.count <= Self.longest else { return nil }
        let text = String(decoding: pem, as: UTF8.self)
        guard let start = text.firstRange(of: "-----BEGIN CERTIFICATE-----"),
            let end = text[start.upperBound...].firstRange(of: "-----END CERTIFICATE-----"),
            let data = Data(
                base64Encoded: text[start.upperBound..<end.lowerBound].filter { !$0.isWhitespace })
        else { return nil }
        self.init(der: Array(data))
    }

    init?(der: [UInt8]) {
        var file = DERReader(der[...])
        guard var certificate = file.open(0x30), var signed = certificate.open(0x30) else { return nil }
        // The version is left out where it is the first.
        if signed.tag == 0xA0 { _ = signed.open(0xA0) }
        guard signed.open(0x02) != nil, signed.open(0x30) != nil, signed.open(0x30) != nil,
            var validity = signed.open(0x30), let begins = validity.time(), let ends = validity.time()
        else { return nil }
        self.init(begins: begins, ends: ends)
    }
}

/// Takes values of ASN.1 apart, in the one way in which certificates are written (X.690, DER).
private struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var tag: UInt8? { rest.first }

    /// The inside of the next value, if it has this tag.
    mutating func open(_ tag: UInt8) -> DERReader? {
        guard rest.first == tag, let inside = next() else { return nil }
        return DERReader(inside)
    }

    private mutating func next() -> ArraySlice<UInt8>? {
        var body = rest.dropFirst()
        guard let first = body.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), body.count >= count else { return nil }
            length = body.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            body = body.dropFirst(count)
        }
        guard length <= body.count else { return nil }
        rest = body.dropFirst(length)
        return body.prefix(length)
    }

    /// UTCTime has two digits for the year (section 4.1.2.5.1), GeneralizedTime four; both end with a Z.
    mutating func time() -> Timestamp? {
        let tag = rest.first
        guard tag == 0x17 || tag == 0x18, let bytes = next() else { return nil }
        var text = String(decoding: bytes, as: UTF8.self)
        if tag == 0x17 { text = (text < "50" ? "20" : "19") + text }
        let digits = Array(text)
        guard digits.count == 15, digits[14] == "Z" else { return nil }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return KubeTime.read(
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z")
    }
}
