internal import MeshModel

/// How one proxy writes the lines of its access log: a format string of Envoy with its command operators, or the JSON
/// that its configuration asks for. It reads those lines back.
///
/// The operators are those of Envoy 1.40
/// (https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage). Of headers only those
/// with a meaning here are read: no other can be shown by mistake.
struct AccessLogFormat: Equatable, Sendable {
    enum Field: Equatable, Sendable {
        case time, method, path, status, flags, details, failure, duration, authority, cluster, host, request, trace
        case traceparent
        /// Something that is not shown.
        case other
    }

    enum Piece: Equatable, Sendable {
        case literal([UInt8])
        case field(Field)
    }

    private enum Shape: Equatable {
        case text([Piece])
        case json([(path: [String], field: Field)])

        static func == (one: Shape, other: Shape) -> Bool {
            switch (one, other) {
            case (.text(let one), .text(let other)): one == other
            case (.json(let one), .json(let other)):
                one.count == other.count && zip(one, other).allSatisfy { $0.path == $1.path && $0.field == $1.field }
            default: false
            }
        }
    }

    /// No line that is longer is read.
    private static let longestLine = 16 << 10

    private let shape: Shape

    /// What Envoy writes where its configuration names no format.
    static let envoy = AccessLogFormat(
        pieces: pieces(
            of: #"[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% "#
                + "%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "
                + #""%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "#
                + "\"%UPSTREAM_HOST%\"\n"))

    /// Istio's own text (istio/istio `pilot/pkg/model/telemetry_logging.go`).
    static let istioText = AccessLogFormat(
        pieces: pieces(
            of: #"[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% "#
                + "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
                + #""%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "#
                + #"%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "#
                + #""%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% "#
                + "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% "
                + "%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n"))

    /// Istio's own JSON, which others take over as well.
    static let istioJSON = AccessLogFormat(
        shape: .json([
            (["start_time"], .time), (["method"], .method), (["path"], .path), (["response_code"], .status),
            (["response_flags"], .flags), (["response_code_details"], .details),
            (["upstream_transport_failure_reason"], .failure), (["duration"], .duration),
            (["authority"], .authority), (["upstream_cluster"], .cluster), (["upstream_host"], .host),
            (["request_id"], .request), (["trace_id"], .trace), (["traceparent"], .traceparent),
        ]))

    private init(shape: Shape) { self.shape = shape }
    private init(pieces: [Piece]?) { shape = .text(pieces ?? []) }

    /// A format string; nil where lines of it can't be taken apart, or do not tell what became of a request.
    init?(text: String) {
        guard let pieces = Self.pieces(of: text), pieces.contains(.field(.status)) else { return nil }
        shape = .text(pieces)
    }

    /// A `json_format`; nil where it does not tell what became of a request.
    init?(json: JSON) {
        let members = Self.members(of: json, under: [])
        guard members.contains(where: { $0.field == .status }) else { return nil }
        shape = .json(members)
    }

    /// Whether its lines say by which cluster they went.
    var tellsCluster: Bool {
        switch shape {
        case .text(let pieces): pieces.contains(.field(.cluster))
        case .json(let members): members.contains { $0.field == .cluster }
        }
    }

    /// A line without its end; nil for what is no line of this format.
    func line(_ bytes: ArraySlice<UInt8>) -> AccessLogLine? {
        guard !bytes.isEmpty, bytes.count <= Self.longestLine else { return nil }
        var reading = AccessLogReading()
        switch shape {
        case .text(let pieces): guard Self.match(bytes, pieces, into: &reading) else { return nil }
        case .json(let members):
            guard bytes.first == UInt8(ascii: "{"), let json = try? JSON(parsing: Array(bytes)) else { return nil }
            for (path, field) in members {
                let value = path.reduce(json) { ($0 ?? .null)[$1] } as JSON?
                if let text = value?.string ?? value?.integer.map(String.init) { reading.take(text, as: field) }
            }
        }
        return reading.result
    }

    /// All lines of this format in a part of a log.
    func lines(in bytes: [UInt8]) -> [AccessLogLine] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap(line)
    }

    private static func match(_ bytes: ArraySlice<UInt8>, _ pieces: [Piece], into reading: inout AccessLogReading)
        -> Bool
    {
        var rest = bytes
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .literal(let text):
                guard rest.starts(with: text) else { return false }
                rest = rest.dropFirst(text.count)
            case .field(let field):
                var end = rest.endIndex
                if index + 1 < pieces.count, case .literal(let next) = pieces[index + 1] {
                    guard let found = rest.firstRange(of: next) else { return false }
                    end = found.lowerBound
                }
                reading.take(String(decoding: rest[..<end], as: UTF8.self), as: field)
                rest = rest[end...]
            }
        }
        return rest.isEmpty
    }
}

extension AccessLogFormat {
    /// Nil where two operators stand side by side: nobody can tell where one ends.
    static func pieces(of format: String) -> [Piece]? {
        var rest = Array(format.utf8)[...]
        // Each line is read without its end.
        while rest.last == UInt8(ascii: "\n") { rest.removeLast() }
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                // A line that goes on is none that can be read alone.
                guard byte != UInt8(ascii: "\n") else { return nil }
                literal.append(byte)
                continue
            }
            if rest.first == UInt8(ascii: "%") {
                literal.append(UInt8(ascii: "%"))
                rest.removeFirst()
                continue
            }
            guard let field = popOperator(&rest) else { return nil }
            if !literal.isEmpty {
                pieces.append(.literal(literal))
                literal = []
            } else if case .field? = pieces.last {
                return nil
            }
            pieces.append(.field(field))
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        return pieces
    }

    /// Takes `NAME(ARGUMENTS):LENGTH%`.
    private static func popOperator(_ rest: inout ArraySlice<UInt8>) -> Field? {
        let name = rest.prefix { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) }
        guard !name.isEmpty else { return nil }
        rest = rest[name.endIndex...]
        var arguments: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: "(") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ")")) else { return nil }
            arguments = rest[(rest.startIndex + 1)..<end]
            rest = rest[(end + 1)...]
        }
        if rest.first == UInt8(ascii: ":") { rest = rest.dropFirst().drop { (0x30...0x39).contains($0) } }
        guard rest.popFirst() == UInt8(ascii: "%") else { return nil }
        return field(String(decoding: name, as: UTF8.self), String(decoding: arguments, as: UTF8.self).uppercased())
    }

    private static func field(_ name: String, _ arguments: String) -> Field {
        switch name {
        case "START_TIME": .time
        case "RESPONSE_CODE": .status
        case "RESPONSE_FLAGS": .flags
        case "RESPONSE_CODE_DETAILS": .details
        case "UPSTREAM_TRANSPORT_FAILURE_REASON": .failure
        case "DURATION": .duration
        case "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW": .cluster
        case "UPSTREAM_HOST": .host
        case "TRACE_ID": .trace
        case "PATH": .path
        case "REQ": header(arguments.split(separator: "?").map(String.init))
        default: .other
        }
    }

    /// The header, or the one that stands in for it.
    private static func header(_ names: [String]) -> Field {
        if names.contains(":METHOD") { return .method }
        if names.contains(":PATH") { return .path }
        if names.contains(":AUTHORITY") || names == ["HOST"] { return .authority }
        if names.contains("X-REQUEST-ID") { return .request }
        if names.contains("TRACEPARENT") { return .traceparent }
        return names.contains("X-B3-TRACEID") ? .trace : .other
    }

    private static func members(of json: JSON, under path: [String]) -> [(path: [String], field: Field)] {
        guard case .object(let members) = json, path.count < 8 else { return [] }
        return members.prefix(200).flatMap { member -> [(path: [String], field: Field)] in
            let place = path + [member.name]
            guard let text = member.value.string else { return Self.members(of: member.value, under: place) }
            guard let pieces = pieces(of: text), pieces.count == 1, case .field(let field) = pieces[0], field != .other
            else { return [] }
            return [(place, field)]
        }
    }
}
