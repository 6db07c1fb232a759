internal import Synchronization

/// Where the API is on loopback TCP, for the http providers of experiments, which know no Unix sockets.
final class Loopback: Sendable {
    private let held = Mutex<String?>(nil)

    /// Its base URL, once it is served; without it only experiments that need it fail.
    var address: String? { held.withLock { $0 } }

    func isServed(on port: Int) {
        held.withLock { $0 = "http://127.0.0.1:\(port)" }
    }
}
