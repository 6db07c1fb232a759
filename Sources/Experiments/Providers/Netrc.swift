/// The logins of a `.netrc` file, read as Python's `netrc` module reads it.
struct Netrc {
    struct Login: Equatable {
        var login = ""
        var account = ""
        var password = ""
    }

    private var hosts: [String: Login] = [:]

    /// Nil when it is no such file: then it has no logins at all.
    init?(_ text: String) {
        var lexer = Lexer(text)
        while true {
            let line = lexer.line
            let word = lexer.token()
            guard let first = word.first else { return }
            var host = ""
            switch word {
            case _ where first == "#":
                if lexer.line == line, word.count == 1 { lexer.skipLine() }
                continue
            case "machine": host = lexer.token()
            case "default": host = "default"
            case "macdef":
                _ = lexer.token()
                guard lexer.skipMacro() else { return nil }
                continue
            default: return nil
            }
            guard !host.isEmpty, let login = Self.login(&lexer) else { return nil }
            hosts[host] = login
        }
    }

    private static func login(_ lexer: inout Lexer) -> Login? {
        var login = Login()
        while true {
            let line = lexer.line
            let word = lexer.token()
            switch word {
            case "", "machine", "default", "macdef":
                lexer.push(word)
                return login
            case "login", "user": login.login = lexer.token()
            case "account": login.account = lexer.token()
            case "password": login.password = lexer.token()
            default:
                guard word.hasPrefix("#") else { return nil }
                if lexer.line == line { lexer.skipLine() }
            }
        }
    }

    /// All that it holds.
    var passwords: [String] { hosts.values.map(\.password) }

    /// User and password for a host; those of `default` for any other.
    func credentials(for host: String) -> (user: String, password: String)? {
        guard let found = hosts[host] ?? hosts["default"] else { return nil }
        guard !(found.login.isEmpty && found.account.isEmpty && found.password.isEmpty) else { return nil }
        return (found.login.isEmpty ? found.account : found.login, found.password)
    }

    private struct Lexer {
        private var rest: Substring.UnicodeScalarView
        private var pushed: [String] = []
        private(set) var line = 1

        init(_ text: String) { rest = Substring(text).unicodeScalars }

        mutating func push(_ token: String) { pushed.append(token) }

        private mutating func next() -> Unicode.Scalar? {
            let scalar = rest.popFirst()
            if scalar == "\n" { line += 1 }
            return scalar
        }

        private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { "\n\t\r ".unicodeScalars.contains(scalar) }

        mutating func token() -> String {
            if !pushed.isEmpty { return pushed.removeFirst() }
            var token = String.UnicodeScalarView()
            while let scalar = next(), token.isEmpty {
                if Self.isSpace(scalar) { continue }
                let isQuoted = scalar == "\""
                if !isQuoted, let first = scalar == "\\" ? next() : scalar { token.append(first) }
                while let scalar = next() {
                    if isQuoted ? scalar == "\"" : Self.isSpace(scalar) { return String(token) }
                    if let kept = scalar == "\\" ? next() : scalar { token.append(kept) }
                }
                return String(token)
            }
            return String(token)
        }

        mutating func skipLine() {
            while let scalar = next(), scalar != "\n" {}
        }

        /// Up to the empty line that ends a macro; false when there is none.
        mutating func skipMacro() -> Bool {
            while !rest.isEmpty {
                let isEmpty = rest.first == "\n"
                skipLine()
                if isEmpty { return true }
            }
            return false
        }
    }
}
