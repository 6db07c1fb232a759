internal import MeshModel

/// Makes a line of what its fields say. Texts come from whoever sent the request: they are cleaned, cut to a length that
/// people read, and parted from what may be a secret before anything else sees them.
struct AccessLogReading {
    /// Texts that are longer are cut.
    private static let longest = 160

    private var line = AccessLogLine()

    /// Nil for a line that does not tell what became of a request.
    var result: AccessLogLine? { line.status == nil ? nil : line }

    mutating func take(_ raw: String, as field: AccessLogFormat.Field) {
        guard raw != "-", !raw.isEmpty else { return }
        switch field {
        case .time: line.time = Self.clean(raw)
        case .method: line.method = Self.clean(raw)
        case .path: line.path = Self.path(raw)
        case .status: line.status = Int(raw).flatMap { (0...999).contains($0) ? $0 : nil }
        case .flags: line.flags = Self.flags(raw)
        case .details: line.details = Self.clean(raw)
        case .failure: line.failure = Self.clean(raw)
        case .duration: line.duration = Int(raw).flatMap { $0 >= 0 ? $0 : nil }
        case .authority: line.authority = Self.authority(raw)
        case .cluster: line.cluster = Self.clean(raw.hasSuffix(";") ? String(raw.dropLast()) : raw)
        case .host: line.host = Self.clean(raw.hasPrefix("tcp://") ? String(raw.dropFirst(6)) : raw)
        case .request: line.request = Self.clean(raw)
        case .trace: line.trace = Self.trace(raw) ?? line.trace
        case .traceparent: line.trace = line.trace ?? Self.parent(raw)
        case .other: break
        }
    }

    /// Without anything that a terminal would obey or that hides letters.
    private static func clean(_ text: String) -> String? {
        var clean = String.UnicodeScalarView()
        for scalar in URLCredentials.hidden(in: text).unicodeScalars where clean.count < longest {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: continue
            default: clean.append(scalar)
            }
        }
        return clean.isEmpty ? nil : String(clean)
    }

    /// A query and a fragment may hold a session, a token, a name.
    private static func path(_ raw: String) -> String? {
        let path = raw.prefix { $0 != "?" && $0 != "#" && $0 != ";" }
        return clean(String(path))
    }

    private static func authority(_ raw: String) -> String? {
        clean(raw.lastIndex(of: "@").map { "***" + raw[$0...] } ?? raw)
    }

    private static func flags(_ raw: String) -> [String] {
        raw.split(separator: ",").prefix(8).map(String.init).filter { flag in
            flag.utf8.count <= 24 && flag.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }
        }
    }

    /// The id of a trace: 32 or 16 hexadecimal digits, not all of them zero.
    static func trace(_ raw: String) -> String? {
        let id = raw.lowercased()
        let isHex = id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isHex && (id.utf8.count == 32 || id.utf8.count == 16) && id.contains { $0 != "0" } ? id : nil
    }

    /// W3C Trace Context, section 3.2: version, trace, parent, flags.
    private static func parent(_ raw: String) -> String? {
        let parts = raw.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count >= 4 && parts[0].utf8.count == 2 && parts[1].utf8.count == 32 ? trace(String(parts[1])) : nil
    }
}
