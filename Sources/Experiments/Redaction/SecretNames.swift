/// Names that tell that what stands under them is a secret.
enum SecretNames {
    /// Whether a header of HTTP carries credentials.
    static func isHeader(_ name: String) -> Bool {
        guard name.utf8.count >= 6, name.utf8.count <= 64 else { return false }
        let name = name.lowercased()
        return headers.contains(name) || (name.hasPrefix("x-") && endings.contains { name.hasSuffix("-" + $0) })
    }

    private static let headers: Set = [
        "authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "apikey", "private-token",
    ]
    private static let endings = ["key", "token", "secret", "auth", "authorization", "signature", "password"]

    /// Whether a field, a parameter, an option or a variable of this name holds a secret. It is the last words that
    /// count: `DB_PASSWORD` does, `password-file` and `token_type` don't.
    static func isField(_ name: String) -> Bool {
        guard name.utf8.count >= 3, name.utf8.count <= 100 else { return false }
        let words = words(of: name)
        guard let last = words.last else { return false }
        if nouns.contains(last) { return true }
        return keys.contains(words.suffix(2).joined())
    }

    private static let nouns: Set = [
        "token", "password", "passwd", "passphrase", "secret", "apikey", "credential", "credentials", "authorization",
        "cookie", "bearer", "jwt", "signature",
    ]
    private static let keys: Set = [
        "apikey", "accesskey", "privatekey", "secretkey", "signingkey", "encryptionkey", "authkey", "clientsecret",
    ]

    /// `apiKey`, `api-key` and `API_KEY` alike.
    private static func words(of name: String) -> [String] {
        var words = [""]
        var wasLower = false
        for character in name {
            if !character.isLetter {
                words.append("")
            } else {
                if character.isUppercase, wasLower { words.append("") }
                words[words.count - 1] += character.lowercased()
            }
            wasLower = character.isLowercase
        }
        return words.filter { !$0.isEmpty }
    }
}
