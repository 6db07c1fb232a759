/// Takes a server's WebSocket stream apart (RFC 6455 section 5), however it is cut into pieces. What a server must not
/// send ends the stream.
struct WebSocketReader {
    /// What came. The bytes of a piece are only lent.
    enum Event {
        /// A part of a binary message: a frame may come in many, and a message in several frames.
        case piece(UnsafeRawBufferPointer, isFirst: Bool, isLast: Bool)
        case ping([UInt8])
        case pong
        case close(code: UInt16?, reason: String)
    }

    private enum Kind {
        case data
        case control(UInt8)
    }

    private var header: [UInt8] = []
    private var kind = Kind.data
    /// Bytes of the payload that have not come yet; nil between two frames.
    private var left: UInt64?
    private var isFinal = true
    private var isInMessage = false
    private var isFirst = true
    private var control: [UInt8] = []
    private(set) var isClosed = false

    /// Tells what the next bytes of the stream bring; after a close frame nothing counts.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ tell: (Event) throws(WebSocketError) -> Void
    ) throws(WebSocketError) {
        var rest = bytes[...]
        while !isClosed {
            if left == nil {
                guard try readHeader(&rest) else { return }
            }
            try readPayload(&rest, tell)
            if rest.isEmpty { return }
        }
    }

    /// True once a header is whole.
    private mutating func readHeader(_ rest: inout Slice<UnsafeRawBufferPointer>) throws(WebSocketError) -> Bool {
        while header.count < headerLength {
            guard let byte = rest.popFirst() else { return false }
            header.append(byte)
        }
        let length = header[1] & 0x7F
        isFinal = header[0] & 0x80 != 0
        guard header[0] & 0x70 == 0 else { throw WebSocketError("a frame with reserved bits") }
        guard header[1] & 0x80 == 0 else { throw WebSocketError("a masked frame from a server") }
        let size = header.count > 2 ? header[2...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } : UInt64(length)
        guard size <= UInt64(Int64.max) else { throw WebSocketError("a frame of \(size) bytes") }
        try begin(opcode: header[0] & 0x0F, size)
        header.removeAll(keepingCapacity: true)
        left = size
        return true
    }

    private var headerLength: Int {
        guard header.count >= 2 else { return 2 }
        switch header[1] & 0x7F {
        case 126: return 4
        case 127: return 10
        default: return 2
        }
    }

    private mutating func begin(opcode: UInt8, _ size: UInt64) throws(WebSocketError) {
        switch opcode {
        case 0x0:
            guard isInMessage else { throw WebSocketError("a continuation without a message") }
            kind = .data
        case 0x2:
            guard !isInMessage else { throw WebSocketError("a message inside another") }
            (kind, isInMessage, isFirst) = (.data, true, true)
        case 0x8, 0x9, 0xA:
            guard isFinal, size <= 125 else { throw WebSocketError("a control frame that is too long") }
            kind = .control(opcode)
            control.removeAll(keepingCapacity: true)
        default: throw WebSocketError("a frame of kind \(opcode), which has no data of a pod")
        }
    }

    private mutating func readPayload(
        _ rest: inout Slice<UnsafeRawBufferPointer>, _ tell: (Event) throws(WebSocketError) -> Void
    ) throws(WebSocketError) {
        guard let left else { return }
        let count = Int(min(left, UInt64(rest.count)))
        let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = rest.dropFirst(count)
        self.left = left - UInt64(count)
        let isWhole = left == UInt64(count)
        switch kind {
        case .data:
            guard count > 0 || isWhole else { return }
            let (wasFirst, isLast) = (isFirst, isWhole && isFinal)
            isFirst = false
            if isLast { isInMessage = false }
            if isWhole { self.left = nil }
            try tell(.piece(piece, isFirst: wasFirst, isLast: isLast))
        case .control(let opcode):
            control += piece
            guard isWhole else { return }
            self.left = nil
            try endControl(opcode, tell)
        }
    }

    private mutating func endControl(
        _ opcode: UInt8, _ tell: (Event) throws(WebSocketError) -> Void
    ) throws(WebSocketError) {
        switch opcode {
        case 0x9: try tell(.ping(control))
        case 0xA: try tell(.pong)
        default:
            isClosed = true
            let code = control.count >= 2 ? UInt16(control[0]) << 8 | UInt16(control[1]) : nil
            try tell(.close(code: code, reason: String(decoding: control.dropFirst(2), as: UTF8.self)))
        }
    }
}

/// What a server said that WebSocket does not allow, or a pod's stream does not.
struct WebSocketError: Error, Equatable {
    var found: String

    init(_ found: String) {
        self.found = found
    }
}

/// Frames as a client sends them.
enum WebSocketFrame {
    enum Kind: UInt8 {
        case binary = 0x2, close = 0x8, pong = 0xA
    }

    /// Appends a whole message, masked with these four bytes (section 5.3).
    static func append(
        _ kind: Kind, _ parts: [UnsafeRawBufferPointer], mask: UInt32, to bytes: inout [UInt8]
    ) {
        let count = parts.reduce(0) { $0 + $1.count }
        bytes.append(0x80 | kind.rawValue)
        switch count {
        case 0...125: bytes.append(0x80 | UInt8(count))
        case 126...0xFFFF: bytes += [0x80 | 126, UInt8(count >> 8), UInt8(count & 0xFF)]
        default:
            bytes.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(count >> shift & 0xFF)) }
        }
        let key = (0..<4).map { UInt8(truncatingIfNeeded: mask >> (24 - 8 * $0)) }
        bytes += key
        bytes.reserveCapacity(bytes.count + count)
        var place = 0
        for part in parts {
            for byte in part {
                bytes.append(byte ^ key[place & 3])
                place += 1
            }
        }
    }
}
