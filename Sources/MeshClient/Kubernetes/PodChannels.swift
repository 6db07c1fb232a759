/// What the messages of a port-forward carry, protocol `v4.channel.k8s.io` with one port: the first byte of each is its
/// channel, 0 for the pod's bytes and 1 for why there are none, and each channel begins with the port's number.
struct PodChannels {
    /// No message of an API server's is longer.
    private static let longestTrouble = 4096

    let port: UInt16
    /// What was wrong, in the node's words; empty while nothing is.
    private(set) var trouble: [UInt8] = []
    private var channel: UInt8?
    /// How much of its port each channel has told.
    private var told: [Int] = [0, 0]

    init(port: UInt16) {
        self.port = port
    }

    /// Takes a piece of a message, and appends what of it came from the pod.
    mutating func take(
        _ piece: UnsafeRawBufferPointer, isFirst: Bool, isLast: Bool, into bytes: inout [UInt8]
    ) throws(WebSocketError) {
        var rest = piece[...]
        if isFirst { channel = nil }
        if channel == nil {
            guard let first = rest.popFirst() else { return }
            guard first < 2 else { throw WebSocketError("a message for channel \(first)") }
            channel = first
        }
        guard let channel = channel.map(Int.init) else { return }
        while told[channel] < 2, let byte = rest.popFirst() {
            let expected = UInt8(truncatingIfNeeded: told[channel] == 0 ? port : port >> 8)
            guard byte == expected else { throw WebSocketError("another port than requested") }
            told[channel] += 1
        }
        if channel == 0 {
            bytes.append(contentsOf: rest)
        } else {
            trouble.append(contentsOf: rest.prefix(Self.longestTrouble - trouble.count))
        }
    }

    /// True once the server has said that both channels are there.
    var isOpen: Bool { told == [2, 2] }
}
