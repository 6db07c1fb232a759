internal import Glibc
internal import MeshClient

/// One connection: what has come of its next request, what is still to go out, and what it is at.
final class Visit {
    /// What a request is for, once that is known.
    struct Errand: Sendable {
        var head: RequestHead
        var caller: Server.Caller
        /// What is asked for, or why it can't be had.
        var route: Result<ControlPlaneRoute, Problem>
    }

    enum Stage {
        /// The head of a request is to come.
        case head
        case body(Errand, length: Int)
        case performing
        /// The answer goes out.
        case answering
        case feeding(EventFeed)
        /// The answer was the last; what still comes is thrown away, so that the answer is not lost to a reset.
        case leaving
    }

    typealias Instant = SuspendingClock.Instant

    let socket: Int32
    /// Told apart from others that had the same descriptor.
    let number: UInt64
    var reader = RequestReader()
    var stage = Stage.head
    /// True once a request was answered: whoever it is, they may be here.
    var isKnown = false
    var keepsConnection = true
    /// A feed to an old client has no chunks.
    var hasChunks = true
    /// When it is over, unless it gets on.
    var deadline: Instant?
    /// When it came to its stage.
    var since: Instant
    /// What the kernel watches for; nil before it does.
    var watched: UInt32?
    /// What was thrown away.
    var wasted = 0
    private var unsent: [UInt8] = []
    private var sent = 0
    private var isOpen = true

    init(socket: Int32, number: UInt64, at now: Instant) {
        self.socket = socket
        self.number = number
        since = now
    }

    deinit {
        hangUp()
    }

    /// Gives the descriptor back.
    func hangUp() {
        if isOpen { close(socket) }
        isOpen = false
    }

    /// What is written and has not gone out.
    var unsentCount: Int { unsent.count - sent }

    var isReading: Bool {
        switch stage {
        case .head, .body, .leaving: true
        case .performing, .answering, .feeding: false
        }
    }

    /// True while an answer, or the end of a feed, is on its way.
    var isOwed: Bool {
        switch stage {
        case .performing, .answering, .feeding, .leaving: true
        case .head, .body: false
        }
    }

    /// In which order they have to go when there are too many; nil for those that may stay.
    var rank: Int? {
        switch stage {
        case .head: isKnown ? 2 : 0
        case .leaving: 1
        case .body: 3
        case .answering: 4
        case .performing, .feeding: nil
        }
    }

    func write(_ bytes: [UInt8]) {
        if unsentCount == 0 {
            unsent = bytes
            sent = 0
        } else {
            unsent += bytes
        }
    }

    enum Progress {
        /// Nothing is left.
        case done
        /// The peer has to read first; whether it has read some.
        case blocked(hasMoved: Bool)
        case lost
    }

    /// Sends what the peer has room for.
    func send() -> Progress {
        var hasMoved = false
        while unsentCount > 0 {
            let count = unsent.withUnsafeBytes { all in
                Glibc.send(socket, all.baseAddress.map { $0 + sent }, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? .blocked(hasMoved: hasMoved) : .lost
            }
            sent += count
            hasMoved = true
        }
        unsent = []
        sent = 0
        return .done
    }

    enum Received {
        case some(Int)
        case nothing
        /// Nothing more will come.
        case end
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        let count = recv(socket, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .some(count) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
    }
}
