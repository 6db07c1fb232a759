internal import FlyingFox
internal import FlyingSocks
internal import Glibc
internal import Synchronization

/// The API on loopback TCP, for the http providers of experiments, which know no Unix sockets.
final class Loopback: Sendable {
    private let held = Mutex<String?>(nil)

    /// Its base URL, once it listens.
    var address: String? { held.withLock { $0 } }

    /// Serves on a free port until the task is cancelled. Without it only experiments that need it fail, so its own
    /// failure is told and no more.
    func serve(
        _ make: (sockaddr_in) -> HTTPServer, failed: @escaping @Sendable (any Error) -> Void
    ) async {
        let server: HTTPServer
        do {
            server = make(try sockaddr_in.inet(ip4: "127.0.0.1", port: 0))
        } catch {
            return failed(error)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await server.run() } catch { if !Task.isCancelled { failed(error) } }
            }
            if (try? await server.waitUntilListening()) != nil, case .ip4(_, let port) = await server.listeningAddress {
                held.withLock { $0 = "http://127.0.0.1:\(port)" }
            }
            await group.waitForAll()
        }
    }
}
