internal import FoundationEssentials
internal import MeshModel

/// The opening of a WebSocket (RFC 6455 section 4): what the client asks, and what the server answers.
struct WebSocketHandshake {
    static let channels = "v4.channel.k8s.io"
    private static let longestHead = 64 << 10
    private static let longestBody = 16 << 10

    /// What came of it, once it is known.
    enum Outcome: Equatable {
        /// The bytes that follow the server's yes.
        case open(rest: [UInt8])
        /// Another answer, and what it says.
        case refused(status: Int, words: String)
    }

    private let key: String
    private var arrived: [UInt8] = []

    /// The sixteen bytes are chosen by chance.
    init(nonce: [UInt8]) {
        key = Data(nonce).base64EncodedString()
    }

    /// The request. Headers with line breaks are left out, though nobody should let them come so far.
    func request(target: String, host: String, headers: [HTTPHeader]) -> [UInt8] {
        let own: [(String, String)] = [
            ("Host", host), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Protocol", Self.channels), ("User-Agent", "gameday"),
        ]
        let more = headers.map { ($0.name, $0.value) }.filter { name, value in
            !(name + value).utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 }
        }
        let lines = ["GET \(target) HTTP/1.1"] + (own + more).map { "\($0.0): \($0.1)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Takes what the server sends; nil while the answer is not whole. `isEnd` says that nothing more comes.
    mutating func take(_ bytes: UnsafeRawBufferPointer, isEnd: Bool = false) throws(WebSocketError) -> Outcome? {
        arrived += bytes
        guard let end = arrived.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) else {
            guard arrived.count <= Self.longestHead else { throw WebSocketError("a response with an endless header") }
            return nil
        }
        let lines = String(decoding: arrived[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]), words[1].utf8.count == 3
        else { throw WebSocketError("a response that is not HTTP/1.1") }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " || $0 == "\t" })
        }
        if status == 101 { return try open(headers, rest: Array(arrived[end.upperBound...])) }
        let body = arrived[end.upperBound...].prefix(Self.longestBody)
        let length = headers["content-length"].flatMap { Int($0) } ?? (headers["connection"] == "close" ? nil : 0)
        let limit = min(max(0, length ?? .max), Self.longestBody)
        guard isEnd || body.count >= limit else { return nil }
        return .refused(status: status, words: Self.words(of: Array(body.prefix(limit))))
    }

    private func open(_ headers: [String: String], rest: [UInt8]) throws(WebSocketError) -> Outcome {
        guard headers["upgrade"]?.lowercased() == "websocket", headers["sec-websocket-accept"] == Self.accept(key)
        else {
            throw WebSocketError("an answer to another handshake")
        }
        guard headers["sec-websocket-protocol"] == Self.channels else {
            throw WebSocketError("a WebSocket without the protocol \(Self.channels)")
        }
        return .open(rest: rest)
    }

    /// What a server has to answer to a key.
    static func accept(_ key: String) -> String {
        Data(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))).base64EncodedString()
    }

    /// The message of a Kubernetes `Status`, else the text itself.
    private static func words(of body: [UInt8]) -> String {
        if let message = (try? JSON(parsing: body))?["message"]?.string { return message }
        return String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }
}

/// The hash that WebSocket's opening wants (RFC 3174). It protects nothing.
enum SHA1 {
    static func hash(_ message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        let bits = UInt64(message.count) * 8
        let padding = [UInt8](repeating: 0, count: (119 - message.count % 64) % 64)
        let padded =
            message + [0x80] + padding + stride(from: 56, through: 0, by: -8).map { UInt8(bits >> UInt64($0) & 0xFF) }
        for start in stride(from: 0, to: padded.count, by: 64) { mix(padded[start..<(start + 64)], into: &state) }
        return state.flatMap { word in (0..<4).map { UInt8(word >> UInt32(24 - 8 * $0) & 0xFF) } }
    }

    private static func mix(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        func turned(_ word: UInt32, _ by: UInt32) -> UInt32 { word << by | word >> (32 - by) }
        var words = (0..<16).map { place in
            block.dropFirst(place * 4).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for place in 16..<80 {
            words.append(turned(words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16], 1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for (place, word) in words.enumerated() {
            let (mixed, constant): (UInt32, UInt32) =
                switch place / 20 {
                case 0: (b & c | ~b & d, 0x5A82_7999)
                case 1: (b ^ c ^ d, 0x6ED9_EBA1)
                case 2: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            (a, b, c, d, e) = (turned(a, 5) &+ mixed &+ e &+ constant &+ word, a, turned(b, 30), c, d)
        }
        for (place, word) in [a, b, c, d, e].enumerated() { state[place] &+= word }
    }
}
