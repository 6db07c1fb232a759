internal import MeshModel

extension TargetList {
    /// What may be said of a list in gameday.yaml; the first two ask for one.
    static let keys = ["file_sd", "dns", "scheme", "port", "refresh"]

    /// Whether an item of gameday.yaml names a list, and not a server.
    static func isNamed(in members: [String: SettingsNode]) -> Bool {
        members["file_sd"] != nil || members["dns"] != nil
    }

    /// Reads `file_sd: FILE` or `dns: HOST:PORT`; every mistake is told, those in the file too.
    init?(_ members: [String: SettingsNode], in folder: String) {
        if let file = members["file_sd"] {
            members["dns"]?.mistake("'file_sd' and 'dns' in one item", "Use two items.")
            guard let path = file.path("file_sd", in: folder) else { return nil }
            self.init(place: .file(path), refresh: .seconds(1))
        } else if let name = members["dns"] {
            guard let (host, port) = name.text("dns").flatMap(Self.address) else {
                name.mistake("dns must be a name with a port", "Use a name such as cart.internal:9901.")
                return nil
            }
            if let port = members["port"] { port.mistake("'port' needs 'file_sd'", "Remove it: the name has a port.") }
            self.init(place: .name(host: host, port: port), refresh: .seconds(10))
        } else {
            return nil
        }
        if let node = members["scheme"], let text = node.text("scheme") {
            if ["http", "https"].contains(text) {
                scheme = text
            } else {
                node.mistake("scheme must be http or https")
            }
        }
        if let node = members["port"], let text = node.text("port") {
            port = UInt16(text).flatMap { $0 > 0 ? $0 : nil }
            if port == nil { node.mistake("invalid port '\(text)'", "Use a number from 1 to 65535.") }
        }
        if let seconds = members["refresh"]?.seconds("refresh", in: 0.2...3600) { refresh = .seconds(seconds) }
        service = members["service"]?.text("service").map { ServiceName($0) }
        if let file = members["file_sd"] { check(file) }
    }

    private static func address(_ text: String) -> (String, UInt16)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        let host = text[..<colon]
        let isName =
            !host.isEmpty && host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
        return isName ? (String(host), port) : nil
    }

    /// What the file holds now has no mistake, or it is told with its own line.
    private func check(_ node: SettingsNode) {
        guard case .file(let path) = place else { return }
        do {
            _ = FileSD.targets(try FileContent.readText(path), in: path, of: self, log: node.log)
        } catch {
            node.mistake("\(path): \(error)")
        }
    }
}
