internal import CCurl

/// The descriptors that libcurl wants watched, and its one timer. It belongs to the curl thread.
///
/// libcurl stops watching a connection after each answer and starts again with the next question. The kernel is told
/// only what changed between two questions, which for a poller is nothing.
final class CurlSockets {
    private struct Descriptor {
        /// What the kernel watches for, as a CURL_POLL value; 0 when nothing.
        var watched: Int32 = 0
        var wanted: Int32 = 0
        /// Opened through us, so that its closing will be heard of.
        var isOurs = false
    }

    let queue: Int32
    /// Who makes the ways into pods; set once the multi handle is there.
    var tunnels: CurlTunnels?
    private var descriptors: [Descriptor] = []
    private var due: Int64?

    init(queue: Int32) {
        self.queue = queue
    }

    /// Microseconds until the timer rings, 0 when it has; negative when it is not set.
    var microsecondsLeft: Int64 {
        due.map { max(0, $0 - monotonic_microseconds()) } ?? -1
    }

    /// True once for each time the timer rang.
    func takeDueTimer() -> Bool {
        guard let due, due <= monotonic_microseconds() else { return false }
        self.due = nil
        return true
    }

    fileprivate func setTimer(_ milliseconds: Int) {
        due = milliseconds < 0 ? nil : monotonic_microseconds() + Int64(milliseconds) * 1000
    }

    func want(_ descriptor: Int32, _ interest: Int32) {
        update(descriptor) { state in
            state.wanted = interest == CURL_POLL_REMOVE ? 0 : interest
            if state.wanted == 0 {
                if !state.isOurs { forget(descriptor, &state) }
            } else if state.watched != state.wanted {
                let failure = readiness_watch(queue, descriptor, state.wanted, state.watched != 0)
                state.watched = failure == 0 ? state.wanted : 0
            }
        }
    }

    /// True when curl has to hear of it. A descriptor that nobody wants is watched no longer, else it would keep us awake.
    func isWanted(_ descriptor: Int32) -> Bool {
        update(descriptor) { state in
            if state.wanted == 0 { forget(descriptor, &state) }
            return state.wanted != 0
        }
    }

    func opened(_ descriptor: Int32) {
        update(descriptor) { $0 = Descriptor(isOurs: true) }
    }

    func closed(_ descriptor: Int32) {
        update(descriptor) { $0 = Descriptor() }
    }

    private func forget(_ descriptor: Int32, _ state: inout Descriptor) {
        readiness_forget(queue, descriptor)
        state.watched = 0
    }

    private func update<Answer>(_ descriptor: Int32, _ change: (inout Descriptor) -> Answer) -> Answer {
        let index = max(0, Int(descriptor))
        while descriptors.count <= index { descriptors.append(Descriptor()) }
        return change(&descriptors[index])
    }
}

/// What libcurl calls; the context is always the `CurlSockets` of the loop, which outlives the multi handle.
enum CurlSocketCallbacks {
    private static func sockets(_ context: UnsafeMutableRawPointer?) -> CurlSockets? {
        context.map { Unmanaged<CurlSockets>.fromOpaque($0).takeUnretainedValue() }
    }

    static let watch: curl_socket_callback = { _, descriptor, interest, context, _ in
        sockets(context)?.want(descriptor, interest)
        return 0
    }

    static let timer: curl_multi_timer_callback = { _, milliseconds, context in
        sockets(context)?.setTimer(milliseconds)
        return 0
    }

    static let open: curl_opensocket_callback = { context, _, address in
        let descriptor = socket_open_private(address)
        if descriptor >= 0 { sockets(context)?.opened(descriptor) }
        return descriptor
    }

    static let close: curl_closesocket_callback = { context, descriptor in
        sockets(context)?.closed(descriptor)
        return descriptor_close(descriptor)
    }
}
