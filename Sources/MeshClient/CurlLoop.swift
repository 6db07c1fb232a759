internal import CCurl
internal import PinnedThreads

/// The curl thread: the one owner of libcurl's multi handle. It sleeps until a socket is ready, a timer is due or an
/// order comes, and handles what it woke for.
actor CurlLoop {
    private nonisolated let thread: PinnedThread
    private let mailbox: CurlMailbox
    /// How long answers of batches may gather before they are read, in microseconds: each wake-up costs more than
    /// reading an answer does.
    private let gathering: Int64
    private let multi: UnsafeMutableRawPointer
    private let sockets: CurlSockets
    private let tunnels: CurlTunnels
    private var active: [CurlTransfer] = []
    private var spare: [CurlTransfer] = []
    /// Transfers of polled pages, by URL: to ask the same again they need no setting up. They stay here while they are
    /// active, since a thousand names a second are not worth taking out and putting back.
    private var standing: [String: CurlTransfer] = [:]
    private var batches: [CurlBatch] = []
    private var ready = [curl_readiness](repeating: curl_readiness(), count: 256)
    /// What libcurl is done with and nobody was told of yet; empty between turns.
    private var finished: [(transfer: CurlTransfer, code: CURLcode)] = []
    /// Active transfers that somebody is waiting for right now.
    private var urgent = 0
    private var isOpen = true

    /// So many connections are kept, and a transfer that is set up for each.
    private static let mostKept = 16384

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init?(mailbox: CurlMailbox, gathering: Int64) {
        guard CurlLibrary.isReady, let multi = curl_multi_init() else { return nil }
        let queue = readiness_queue()
        guard queue >= 0 else {
            curl_multi_cleanup(multi)
            return nil
        }
        thread = PinnedThread(name: "curl") { mailbox.ring() }
        sockets = CurlSockets(queue: queue)
        self.mailbox = mailbox
        self.gathering = gathering
        self.multi = multi
        tunnels = CurlTunnels(multi: multi, sockets: sockets)
        sockets.tunnels = tunnels
        // A fleet keeps a connection a proxy; libcurl would close all but four times those that are busy.
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.mostKept)
        curl_multi_set_watchers(
            multi, CurlSocketCallbacks.watch, CurlSocketCallbacks.timer, Unmanaged.passUnretained(sockets).toOpaque())
    }

    /// Starts the thread. It holds the loop until an order closes it.
    nonisolated func start() {
        thread.start { [self] patience in
            assumeIsolated { $0.turn(mayBlock: patience == .mayBlock) }
        }
    }

    private func turn(mayBlock: Bool) {
        guard isOpen else { return }
        if mayBlock { sleep() }
        thread.hasWoken()
        for order in mailbox.take() { perform(order) }
        guard isOpen else { return }
        var count = ready.count
        while count == ready.count {
            count = Int(readiness_take(sockets.queue, &ready, Int32(ready.count)))
            for one in ready.prefix(count) where sockets.isWanted(one.descriptor) {
                if !tunnels.take(one.descriptor) { act(one.descriptor, one.mask) }
            }
        }
        if sockets.takeDueTimer() { act(CURL_SOCKET_TIMEOUT, 0) }
        collect()
        tunnels.startFresh()
        flush()
    }

    private func sleep() {
        let isSocketReady = bell_wait(mailbox.bell, sockets.queue, sockets.microsecondsLeft)
        if isSocketReady, urgent == 0, active.count > 1, gathering > 0 {
            _ = bell_wait(mailbox.bell, -1, gathering)
        }
    }

    private func act(_ descriptor: Int32, _ mask: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, descriptor, mask, &running)
    }

    private func perform(_ order: CurlOrder) {
        switch order {
        case .send(let request, let ticket, .one(let continuation)): start(request, ticket, .one(continuation))
        case .send(let request, let ticket, .stream(let continuation, let pipe)):
            start(request, ticket, .stream(continuation, pipe))
        case .sendAll(let requests, let ticket, let continuation):
            let batch = CurlBatch(count: requests.count, continuation: continuation)
            batches.append(batch)
            var before: CurlTransfer?
            for place in requests.indices {
                let transfer = transfer(polling: requests[place], after: before)
                start(transfer, requests[place], ticket, .batch(batch, place: place))
                before = transfer
            }
        case .cancel(let ticket):
            for transfer in active.filter({ $0.ticket === ticket }) { end(transfer, .failure(.cancelled)) }
        case .resume(let ticket):
            for transfer in active.filter({ $0.ticket === ticket }) { curl_easy_pause(transfer.easy, CURLPAUSE_CONT) }
        case .close: close()
        }
    }

    private func start(_ request: HTTPRequest, _ ticket: CurlTicket, _ taker: CurlTransfer.Taker) {
        start(spareTransfer(), request, ticket, taker)
    }

    private func start(
        _ transfer: CurlTransfer, _ request: HTTPRequest, _ ticket: CurlTicket, _ taker: CurlTransfer.Taker
    ) {
        transfer.taker = taker
        transfer.ticket = ticket
        do throws(TransportError) {
            guard !ticket.isCancelled else { throw .cancelled }
            if transfer.request == nil {
                try transfer.prepare(request, sockets: sockets)
            }
            let code = curl_multi_add_handle(multi, transfer.easy)
            guard code == CURLM_OK else { throw .other(String(cString: curl_multi_strerror(code))) }
        } catch {
            transfer.finish(.failure(error))
            transfer.clear()
            return transfer.isStanding ? () : keep(transfer)
        }
        transfer.place = active.count
        transfer.isActive = true
        active.append(transfer)
        if !transfer.isBatched { urgent += 1 }
    }

    private func spareTransfer() -> CurlTransfer { spare.popLast() ?? CurlTransfer() }

    /// A transfer for a request of a batch, set up already if it was made before. Batches mostly come in the same order
    /// again, so that no name has to be looked up.
    private func transfer(polling request: HTTPRequest, after before: CurlTransfer?) -> CurlTransfer {
        if let next = before?.follower, !next.isActive, next.request == request { return next }
        guard let transfer = standing[request.url], !transfer.isActive else { return spareTransfer() }
        if transfer.request != request { transfer.clear() }
        if let before, before.isStanding { before.follower = transfer }
        return transfer
    }

    /// Reads what libcurl has finished. All of it first: each handle that is taken away is looked for among what is not
    /// read yet.
    private func collect() {
        var code = CURLE_OK
        while let easy = curl_multi_next_finished(multi, &code) {
            guard let context = curl_get_private(easy) else { continue }
            finished.append((Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue(), code))
        }
        for (transfer, code) in finished {
            if case .tunnel(let line) = transfer.taker {
                tunnels.connected(line, transfer.outcome(code))
            } else if transfer.isActive {
                end(transfer, transfer.outcome(code))
            }
        }
        finished.removeAll(keepingCapacity: true)
    }

    private func end(_ transfer: CurlTransfer, _ result: Result<Void, TransportError>) {
        curl_multi_remove_handle(multi, transfer.easy)
        let isPolled = transfer.isBatched
        if !isPolled { urgent -= 1 }
        transfer.isActive = false
        transfer.finish(result)
        if let last = active.popLast(), last !== transfer {
            last.place = transfer.place
            active[transfer.place] = last
        }
        if transfer.isStanding { return }
        if isPolled, let url = transfer.request?.url, standing.count < Self.mostKept, standing[url] == nil {
            transfer.isStanding = true
            standing[url] = transfer
        } else {
            transfer.clear()
            keep(transfer)
        }
    }

    private func keep(_ transfer: CurlTransfer) {
        if spare.count < 64 { spare.append(transfer) }
    }

    private func flush() {
        guard !batches.isEmpty else { return }
        batches.removeAll { $0.flush() }
    }

    private func close() {
        isOpen = false
        for transfer in active { end(transfer, .failure(.cancelled)) }
        tunnels.close()
        flush()
        spare = []
        // Each may hold the next, in a circle.
        for transfer in standing.values { transfer.follower = nil }
        standing = [:]
        curl_multi_cleanup(multi)
        _ = descriptor_close(sockets.queue)
        mailbox.close()
        thread.stop()
    }
}

/// libcurl's own set-up, once a process.
enum CurlLibrary {
    static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
}
