import Glibc

/// One connection of a client to the simulated proxies: bytes in, requests out, and answers back in the same order.
struct PageConnection: Sendable {
    private static let largestHead = 64 << 10
    private static let largestBody = 1 << 20

    private let socket: Int32
    private var input: [UInt8] = []
    private var output: ArraySlice<UInt8> = []
    /// No request is read any more; what is left to send is sent.
    private(set) var isEnding = false

    init(socket: Int32) {
        self.socket = socket
    }

    /// Whether there is something to send that the socket did not take yet.
    var isBlocked: Bool { !output.isEmpty }
    /// Whether it can be closed.
    var isOver: Bool { isEnding && output.isEmpty }

    /// Takes what has arrived and has each whole request answered, or not.
    mutating func receive(answering answer: (PageRequest) -> PageAnswer?, seed: UInt64) {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        if count > 0 {
            input.append(contentsOf: buffer[..<count])
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            isEnding = true
            output = []
            return
        }
        while !isEnding, let request = nextRequest(seed: seed) {
            if let answer = answer(request) { append(answer, seed: seed) }
        }
        send()
    }

    /// Sends what the socket takes.
    mutating func send() {
        while !output.isEmpty {
            let count = output.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                output = output.dropFirst(count)
            } else {
                if errno != EAGAIN && errno != EINTR { (isEnding, output) = (true, []) }
                return
            }
        }
        output = []
    }

    private mutating func nextRequest(seed: UInt64) -> PageRequest? {
        guard let end = headEnd() else {
            if input.count > Self.largestHead { refuse(413, seed: seed) }
            return nil
        }
        let lines = input[..<end].split(separator: UInt8(ascii: "\n")).map { $0.last == 13 ? $0.dropLast() : $0 }
        let words = (lines.first ?? []).split(separator: UInt8(ascii: " "))
        var length = 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = String(decoding: line[(colon + 1)...].drop { $0 == 32 }, as: UTF8.self)
            if name == "content-length" { length = Int(value) ?? -1 }
            if name == "transfer-encoding" { length = -1 }
            if name == "connection", value.lowercased() == "close" { isEnding = true }
        }
        guard words.count == 3, length >= 0, length <= Self.largestBody else {
            refuse(400, seed: seed)
            return nil
        }
        guard input.count >= end + length else {
            isEnding = false
            return nil
        }
        let body = Array(input[end..<end + length])
        let request = PageRequest(
            method: String(decoding: words[0], as: UTF8.self), target: words[1], body: body)
        input.removeFirst(end + length)
        return request
    }

    /// Where the head ends, behind its empty line.
    private func headEnd() -> Int? {
        var place = 3
        while place < input.count {
            if input[place] == 10, input[place - 1] == 13, input[place - 2] == 10, input[place - 3] == 13 {
                return place + 1
            }
            place += 1
        }
        return nil
    }

    private mutating func refuse(_ status: Int, seed: UInt64) {
        append(PageAnswer(status, "text/plain", "This is no request that a simulated proxy understands.\n"), seed: seed)
        isEnding = true
    }

    private mutating func append(_ answer: PageAnswer, seed: UInt64) {
        let head =
            "HTTP/1.1 \(answer.status) \(answer.phrase)\r\ncontent-type: \(answer.type)\r\n"
            + "cache-control: no-cache, max-age=0\r\nx-content-type-options: nosniff\r\n"
            + "server: envoy\r\nx-gameday-simulated: \(seed)\r\ncontent-length: \(answer.body.count)\r\n\r\n"
        output.append(contentsOf: head.utf8)
        output.append(contentsOf: answer.body)
    }
}
