internal import MeshModel

/// Finds many secrets at once in a text, in one pass over its bytes.
struct SecretFinder: Sendable {
    private struct Form: Sendable {
        var bytes: [UInt8]
        /// Of a secret so long that it may be looked for everywhere.
        var isLong: Bool
        /// A part of a text in Base64, which goes as a whole.
        var isPacked: Bool
    }

    /// By the first two bytes, the longest first: a secret that contains another must go before it.
    private var forms: [UInt16: [Form]] = [:]
    /// A bit for each pair of bytes that one begins with: most of a text is passed over by it.
    private var beginnings: [UInt64] = []
    private var whole: Set<String> = []

    init(_ secrets: Set<String>) {
        guard !secrets.isEmpty else { return }
        whole = secrets
        beginnings = [UInt64](repeating: 0, count: 1024)
        for secret in secrets {
            let isLong = secret.utf8.count >= Redaction.shortestPart
            for text in SecretForms.plain(of: secret) { add(Array(text.utf8), isLong, isPacked: false) }
            for text in SecretForms.packed(of: secret) { add(text, isLong, isPacked: true) }
        }
        for key in forms.keys { forms[key]?.sort { $0.bytes.count > $1.bytes.count } }
    }

    private mutating func add(_ bytes: [UInt8], _ isLong: Bool, isPacked: Bool) {
        guard bytes.count >= Redaction.shortest else { return }
        let key = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        beginnings[Int(key >> 6)] |= 1 << UInt64(key & 63)
        guard !(forms[key] ?? []).contains(where: { $0.bytes == bytes }) else { return }
        forms[key, default: []].append(Form(bytes: bytes, isLong: isLong, isPacked: isPacked))
    }

    /// Whether a text is one of them.
    func holds(_ text: String) -> Bool { whole.contains(text) }

    /// The text without them, without credentials in addresses, and without what headers of credentials say.
    func hidden(in text: String, onlyLong: Bool = false) -> String {
        let bare = HeaderLines.hidden(in: URLCredentials.hidden(in: text))
        guard !forms.isEmpty else { return bare }
        let bytes = Array(bare.utf8)
        var out: [UInt8] = []
        var kept = 0
        var place = 0
        while place + 1 < bytes.count {
            guard let form = form(in: bytes, at: place, onlyLong) else {
                place += 1
                continue
            }
            var start = place
            place += form.bytes.count
            if form.isPacked {
                while start > kept, Base64.isDigit(bytes[start - 1]) { start -= 1 }
                while place < bytes.count, Base64.isDigit(bytes[place]) || bytes[place] == UInt8(ascii: "=") {
                    place += 1
                }
            }
            out += bytes[kept..<start]
            out += Redaction.mark.utf8
            kept = place
        }
        guard kept > 0 else { return bare }
        return String(decoding: out + bytes[kept...], as: UTF8.self)
    }

    private func form(in bytes: [UInt8], at place: Int, _ onlyLong: Bool) -> Form? {
        let key = UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
        guard beginnings[Int(key >> 6)] & (1 << UInt64(key & 63)) != 0 else { return nil }
        return forms[key]?.first { form in
            (form.isLong || !onlyLong) && bytes.count - place >= form.bytes.count
                && bytes[place..<place + form.bytes.count].elementsEqual(form.bytes)
        }
    }
}
