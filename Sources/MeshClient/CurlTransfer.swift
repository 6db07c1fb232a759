internal import CCurl
internal import Glibc

/// One exchange under way, and the libcurl handle that makes it. It belongs to the curl thread, and is used again and
/// again: the handle keeps what was expensive.
final class CurlTransfer {
    /// Who gets the answer.
    enum Taker {
        case nobody
        case one(CheckedContinuation<Result<HTTPResponse, TransportError>, Never>)
        case batch(CurlBatch, place: Int)
        /// The head is owed until the continuation is gone.
        case stream(CheckedContinuation<Result<CurlHead, TransportError>, Never>?, CurlPipe)
        /// The connection alone is wanted, to speak on.
        case tunnel(CurlTunnel)
    }

    /// Nil only without memory; libcurl then refuses every call.
    let easy: UnsafeMutableRawPointer?
    var taker = Taker.nobody
    var ticket = CurlTicket()
    /// Its place among the active ones.
    var place = 0
    var isActive = false
    /// Kept for its URL, whether it is active or idle.
    var isStanding = false
    /// What the handle is set up for; nil when for nothing.
    var request: HTTPRequest?
    var lines: UnsafeMutablePointer<curl_slist>?
    /// Where a name is not looked up.
    var detours: UnsafeMutablePointer<curl_slist>?
    /// The address taken apart, so that libcurl need not do it again each time.
    var address: OpaquePointer?
    /// The transfer that followed in its batch the last time: the first to look at for the next request.
    var follower: CurlTransfer?
    let message: UnsafeMutablePointer<CChar>
    /// Where a socket that is opened for it is told.
    var sockets: CurlSockets?
    /// The socket that was opened for it; -1 when it came to one that is open already.
    private var opened: Int32 = -1
    /// The way into a pod that was opened for it; nil when it came to one that is open already.
    private var line: CurlTunnel?
    /// Why nothing was sent.
    private var refusal: TransportError?
    private var body: [UInt8] = []
    /// The headers of the last answer as they came, when the request wants their spaces.
    private var headerLines: [HTTPHeader] = []
    private var isTooLarge = false
    /// The size of the last body: a page that is polled hardly changes its size.
    private var sizeHint = 0

    init() {
        easy = curl_easy_init()
        message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(lines)
        curl_slist_free_all(detours)
        curl_url_cleanup(address)
        message.deallocate()
    }

    var isBatched: Bool {
        if case .batch = taker { true } else { false }
    }

    /// Gets ready for another request; the connection stays with the multi handle.
    func clear() {
        curl_easy_reset(easy)
        curl_slist_free_all(lines)
        curl_slist_free_all(detours)
        (lines, detours) = (nil, nil)
        curl_url_cleanup(address)
        address = nil
        request = nil
        sockets = nil
        taker = .nobody
        sizeHint = 0
    }

    /// Hands the answer, or the reason why there is none, to whoever waits for it; once.
    func finish(_ result: Result<Void, TransportError>) {
        let taker = taker
        self.taker = .nobody
        switch taker {
        case .nobody, .tunnel: break
        case .one(let continuation): continuation.resume(returning: result.map { response() })
        case .batch(let batch, let place): batch.add(HTTPAnswer(place: place, result: result.map { response() }))
        case .stream(let owed, let pipe):
            owed?.resume(returning: result.map { head() })
            pipe.finish(result)
        }
        sizeHint = min(body.count, 1 << 20)
        body = []
        headerLines = []
        isTooLarge = false
        refusal = nil
        opened = -1
        line = nil
        message.pointee = 0
    }

    /// What a finished transfer's code means.
    func outcome(_ code: CURLcode) -> Result<Void, TransportError> {
        if code == CURLE_OK { return .success(()) }
        guard let request else { return .failure(.cancelled) }
        if let refusal { return .failure(refusal) }
        if let failure = line?.failure { return .failure(failure) }
        if code == CURLE_OPERATION_TIMEDOUT, line?.isOpen == false {
            return .failure(.tunnel(status: nil, "the API server did not open it in time"))
        }
        if isTooLarge { return .failure(.tooLarge(limit: request.largestBody)) }
        let failure = TransportError(code, message: String(cString: message), request: request)
        // That nobody listens is a claim; no way to get there is another matter.
        if case .refused(let cause) = failure {
            let reason = Int32(truncatingIfNeeded: curl_get_long(easy, CURLINFO_OS_ERRNO))
            if ![0, ECONNREFUSED, ENOENT].contains(reason) {
                return .failure(.other("\(cause): \(String(cString: strerror(reason)))"))
            }
        }
        return .failure(failure)
    }

    private func response() -> HTTPResponse {
        let head = head()
        return HTTPResponse(status: head.status, headers: head.headers, body: body)
    }

    private func head() -> CurlHead {
        CurlHead(status: curl_get_long(easy, CURLINFO_RESPONSE_CODE), headers: headers())
    }

    private func headers() -> [HTTPHeader] {
        if request?.keepsHeaderSpace == true { return headerLines }
        var found: [HTTPHeader] = []
        var header: UnsafeMutablePointer<curl_header>?
        let kind = UInt32(CURLH_HEADER)
        if let kept = request?.keptHeaders {
            for name in kept where curl_easy_header(easy, name, 0, kind, -1, &header) == CURLHE_OK {
                if let header { found.append(HTTPHeader(header.pointee)) }
            }
        } else {
            while let next = curl_easy_nextheader(easy, kind, -1, header) {
                found.append(HTTPHeader(next.pointee))
                header = next
            }
        }
        return found
    }

    /// Opens a socket if its path is ours; -1 keeps libcurl from going on.
    fileprivate func openOwn(_ address: UnsafePointer<curl_sockaddr>?) -> Int32 {
        do throws(TransportError) {
            try OwnSocket.check(path: request?.unixSocket ?? "")
        } catch {
            refusal = error
            return -1
        }
        opened = socket_open_private(address)
        if opened >= 0 { sockets?.opened(opened) }
        return opened
    }

    /// Opens a way into the pod, and gives libcurl the near end of it; -1 keeps libcurl from going on.
    fileprivate func openTunnel(_ address: UnsafeMutablePointer<curl_sockaddr>?) -> Int32 {
        guard let address, let tunnel = request?.tunnel, let (line, end) = sockets?.tunnels?.open(tunnel, at: address)
        else {
            refusal = .other("No memory or file descriptors left for the network")
            return -1
        }
        self.line = line
        return end
    }

    /// Looks who listens; a connection that is used again was looked at when it was made.
    fileprivate func lookAtOwn() -> Bool {
        guard opened >= 0 else { return true }
        do throws(TransportError) {
            try OwnSocket.check(peerOf: opened, at: request?.unixSocket ?? "")
            return true
        } catch {
            refusal = error
            return false
        }
    }

    /// Takes a piece of the body; what it answers goes to libcurl.
    fileprivate func arrived(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        if case .stream(let owed, let pipe) = taker {
            if let owed { giveHead(owed, pipe) }
            return pipe.write(bytes) ? bytes.count : Int(CURL_WRITEFUNC_PAUSE)
        }
        guard body.count + bytes.count <= request?.largestBody ?? 0 else {
            isTooLarge = true
            return 0
        }
        if body.isEmpty, sizeHint > 0 { body.reserveCapacity(sizeHint + sizeHint / 16) }
        body.append(contentsOf: bytes)
        return bytes.count
    }

    /// Takes a header line. The head of a stream is given out with the empty line which ends it, since a body may be
    /// long in coming; interim answers and redirects have such a line too, and are not the answer.
    fileprivate func arrived(headerLine: UnsafeBufferPointer<UInt8>) {
        if request?.keepsHeaderSpace == true { keep(headerLine) }
        guard case .stream(let owed?, let pipe) = taker, headerLine.count <= 2 else { return }
        let status = curl_get_long(easy, CURLINFO_RESPONSE_CODE)
        let isRedirect = request?.followsRedirects == true && (300..<400).contains(status)
        if status >= 200, !isRedirect { giveHead(owed, pipe) }
    }

    /// Interim answers and redirects begin anew with their status line.
    private func keep(_ line: UnsafeBufferPointer<UInt8>) {
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") { headerLines = [] }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), !text.hasPrefix("HTTP/") else { return }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        headerLines.append(HTTPHeader(String(text[..<colon]), String(value.prefix { !$0.isNewline })))
    }

    private func giveHead(_ owed: CheckedContinuation<Result<CurlHead, TransportError>, Never>, _ pipe: CurlPipe) {
        taker = .stream(nil, pipe)
        owed.resume(returning: .success(head()))
    }
}

/// The answers of one batch which came since its reader was last told.
final class CurlBatch {
    private let continuation: AsyncStream<[HTTPAnswer]>.Continuation
    private var fresh: [HTTPAnswer] = []
    private var left: Int

    init(count: Int, continuation: AsyncStream<[HTTPAnswer]>.Continuation) {
        left = count
        self.continuation = continuation
    }

    func add(_ answer: HTTPAnswer) {
        fresh.append(answer)
        left -= 1
    }

    /// Tells the reader; true when that was the last.
    func flush() -> Bool {
        if !fresh.isEmpty {
            continuation.yield(fresh)
            fresh = []
        }
        if left <= 0 { continuation.finish() }
        return left <= 0
    }
}

/// What libcurl calls while bytes arrive; the context is the `CurlTransfer`, which the loop holds while it is active.
enum CurlTransferCallbacks {
    static let body: curl_bytes_function = { bytes, size, count, context in
        guard let context, let bytes else { return 0 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        return bytes.withMemoryRebound(to: UInt8.self, capacity: size * count) {
            transfer.arrived(UnsafeBufferPointer(start: $0, count: size * count))
        }
    }

    static let openOwn: curl_opensocket_callback = { context, _, address in
        guard let context else { return -1 }
        return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().openOwn(address)
    }

    static let openTunnel: curl_opensocket_callback = { context, _, address in
        guard let context else { return -1 }
        return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().openTunnel(address)
    }

    static let lookAtOwn: curl_prereq_callback = { context, _, _, _, _ in
        guard let context else { return CURL_PREREQFUNC_ABORT }
        let isOwn = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().lookAtOwn()
        return isOwn ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    static let header: curl_bytes_function = { bytes, size, count, context in
        guard let context, let bytes else { return 0 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        bytes.withMemoryRebound(to: UInt8.self, capacity: size * count) {
            transfer.arrived(headerLine: UnsafeBufferPointer(start: $0, count: size * count))
        }
        return size * count
    }
}

extension HTTPHeader {
    fileprivate init(_ header: curl_header) {
        self.init(String(cString: header.name), String(cString: header.value))
    }
}
