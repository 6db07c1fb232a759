internal import MeshModel

/// One server that a list named: where it is, and what the list says of it.
struct FoundTarget: Hashable, Sendable {
    /// The base URL, without a slash at the end.
    var url: String
    /// Nil to ask the server itself.
    var service: ServiceName?
    var version: String?
    var zone: String?
}

/// A list of servers that may change while it is used: which file it is, or which name's addresses.
struct TargetList: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        /// A file in the form of Prometheus's `file_sd`, by its whole path.
        case file(String)
        /// All addresses of a host.
        case name(host: String, port: UInt16)
    }

    var place: Place
    /// `http` or `https`, unless the list itself says it.
    var scheme = "http"
    /// The service of all of them, unless the list itself says it.
    var service: ServiceName?
    /// The port of all of them, whatever port the file says; Prometheus's own files have that of the metrics.
    var port: UInt16?
    /// Between two looks.
    var refresh: Duration

    /// How a source of this list is called.
    var name: String {
        switch place {
        case .file(let path): "file_sd \(path.split(separator: "/").last.map(String.init) ?? path)"
        case .name(let host, let port): "dns \(host):\(port)"
        }
    }

    /// Where it is, for a report.
    var endpoint: String {
        switch place {
        case .file(let path): path
        case .name(let host, let port): "dns:\(host):\(port)"
        }
    }
}
