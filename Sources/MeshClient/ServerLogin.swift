internal import FoundationEssentials

/// As whom a server is asked. Secrets stand in files, which are read anew before they are used, since whoever issues them
/// changes them; neither this nor any of its errors holds one.
struct ServerLogin: Equatable, Sendable {
    enum Proof: Equatable, Sendable {
        case bearer(file: String)
        case basic(user: String, passwordFile: String)
    }

    /// Why there is no secret, without any of it.
    struct Unreadable: Error, Equatable {
        var file: String
        var cause: String
    }

    var proof: Proof

    private static let largest = 65_536

    /// The header that proves it, and the secret in it, for whoever has to keep that out of texts.
    func header() throws(Unreadable) -> (header: HTTPHeader, secret: String) {
        switch proof {
        case .bearer(let file):
            let token = try Self.secret(in: file)
            return (HTTPHeader("Authorization", "Bearer " + token), token)
        case .basic(let user, let file):
            let password = try Self.secret(in: file)
            let code = Data((user + ":" + password).utf8).base64EncodedString()
            return (HTTPHeader("Authorization", "Basic " + code), password)
        }
    }

    /// The first line of a small file.
    private static func secret(in file: String) throws(Unreadable) -> String {
        func failure(_ cause: String) -> Unreadable { Unreadable(file: file, cause: cause) }
        let text: String
        do { text = try FileContent.readText(file, upTo: largest) } catch { throw failure("\(error)") }
        let line = text.utf8.prefix { $0 != 0x0A && $0 != 0x0D }
        guard text.utf8.dropFirst(line.count).allSatisfy({ $0 == 0x0A || $0 == 0x0D }) else {
            throw failure("it has more than one line")
        }
        guard !line.isEmpty else { throw failure("it is empty") }
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw failure("it has control characters") }
        return String(decoding: line, as: UTF8.self)
    }
}
