internal import CCurl
internal import Glibc

/// The tunnels of the curl thread: those that libcurl just asked for, and those that stand.
final class CurlTunnels {
    private let multi: UnsafeMutableRawPointer
    private unowned let sockets: CurlSockets
    /// Where libcurl connects to, and what stands for its path, which is gone.
    private var listener: Int32 = -1
    private var place: Int32 = -1
    /// Those that libcurl is connecting to, by the names of its ends.
    private var fresh: [String: CurlTunnel] = [:]
    private var byDescriptor: [Int32: CurlTunnel] = [:]
    private var standing: [ObjectIdentifier: CurlTunnel] = [:]
    /// Where the next one's connection is kept. Most transports never open a tunnel.
    private lazy var share = CurlShare()

    init(multi: UnsafeMutableRawPointer, sockets: CurlSockets) {
        self.multi = multi
        self.sockets = sockets
    }

    /// A tunnel, and libcurl's end of it, which is to be connected to `address`; nil without descriptors. It begins when
    /// the loop says so, since libcurl, which asks for it, takes no new transfer at that moment.
    func open(_ tunnel: PodTunnel, at address: UnsafeMutablePointer<curl_sockaddr>) -> (line: CurlTunnel, far: Int32)? {
        if listener < 0 { listen() }
        guard listener >= 0, socket_aim(address, place) else { return nil }
        var name = [CChar](repeating: 0, count: 16)
        let far = socket_open_named(&name)
        guard far >= 0 else { return nil }
        let line = CurlTunnel(tunnel, sockets: sockets)
        fresh[Self.text(name)] = line
        sockets.opened(far)
        return (line, far)
    }

    private static func text(_ name: [CChar]) -> String {
        String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// At a path that nobody knows, for as long as it takes to be taken away again.
    private func listen() {
        let folders = [getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }, "/tmp", "/dev/shm"]
        for folder in folders.compactMap({ $0 }) where listener < 0 {
            let name = String(UInt64.random(in: .min ... .max), radix: 36)
            listener = socket_listen_hidden("\(folder)/gameday-\(name)", &place)
        }
    }

    /// Begins those that were asked for. libcurl has connected its ends by now.
    func startFresh() {
        guard !fresh.isEmpty else { return }
        var name = [CChar](repeating: 0, count: 16)
        while true {
            let near = socket_accept_named(listener, &name)
            guard near >= 0 else { break }
            guard let line = fresh.removeValue(forKey: Self.text(name)) else {
                _ = descriptor_close(near)
                continue
            }
            line.begin(near)
            standing[ObjectIdentifier(line)] = line
            byDescriptor[near] = line
            connect(line)
            settle(line)
        }
        for line in fresh.values {
            line.connected(.failure(.other("No memory or file descriptors left for the network")))
        }
        fresh = [:]
    }

    private func connect(_ line: CurlTunnel) {
        let tunnel = line.tunnel
        var request = HTTPRequest("GET", tunnel.server, deadline: .seconds(10), tls: tunnel.tls)
        request.proxy = tunnel.proxy
        request.isAlone = true
        line.outer.taker = .tunnel(line)
        do throws(TransportError) {
            try line.outer.prepare(request, sockets: sockets)
            if share.isFull { share = CurlShare() }
            share.count += 1
            line.share = share
            let code = curl_multi_add_handle(multi, line.outer.easy)
            guard code == CURLM_OK else { throw .other(String(cString: curl_multi_strerror(code))) }
        } catch {
            line.connected(.failure(error))
        }
        line.pump()
    }

    /// libcurl's part is done: the connection stands, or does not.
    func connected(_ line: CurlTunnel, _ result: Result<Void, TransportError>) {
        line.connected(result)
        if line.socket >= 0, !line.isOver { byDescriptor[line.socket] = line }
        settle(line)
    }

    /// True when the descriptor is one of a tunnel.
    func take(_ descriptor: Int32) -> Bool {
        guard !byDescriptor.isEmpty, let line = byDescriptor[descriptor] else { return false }
        line.pump(descriptor)
        settle(line)
        return true
    }

    private func settle(_ line: CurlTunnel) {
        guard line.isOver else { return }
        byDescriptor[line.near] = nil
        if line.socket >= 0 { byDescriptor[line.socket] = nil }
        standing[ObjectIdentifier(line)] = nil
        end(line)
    }

    private func end(_ line: CurlTunnel) {
        // This closes the connection too.
        curl_multi_remove_handle(multi, line.outer.easy)
        line.share = nil
        // Each holds the other.
        line.outer.clear()
        sockets.closed(line.near)
        _ = descriptor_close(line.near)
    }

    func close() {
        for line in standing.values { end(line) }
        for descriptor in [listener, place] where descriptor >= 0 { _ = descriptor_close(descriptor) }
        (fresh, byDescriptor, standing, listener, place) = ([:], [:], [:], -1, -1)
    }
}
