import Foundation
import MeshClient
import MeshModel

/// A real toxiproxy-server, started on a free port for a test and killed with it.
final class ToxiproxyProcess: Sendable {
    /// The program that `GAMEDAY_TOXIPROXY` names: no registry has one, so it is where somebody put it.
    static var program: String? {
        ProcessInfo.processInfo.environment["GAMEDAY_TOXIPROXY"].flatMap { $0.isEmpty ? nil : $0 }
    }

    let url: String
    let transport: CurlTransport
    private let process: Process

    init(transport: CurlTransport) async throws {
        self.transport = transport
        guard let program = Self.program else { throw RealPrograms.Missing(description: "no toxiproxy-server") }
        // It has no way to choose a free port itself, so that one may be taken in between.
        for _ in 1...5 {
            let port = Int.random(in: 20_000...32_000)
            let process = Process()
            process.executableURL = URL(filePath: program)
            process.arguments = ["-host", "127.0.0.1", "-port", "\(port)"]
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            let url = "http://127.0.0.1:\(port)"
            while process.isRunning {
                if let answer = try? await transport.send(HTTPRequest("GET", url + "/version")), answer.status == 200 {
                    (self.url, self.process) = (url, process)
                    return
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        throw RealPrograms.Missing(description: "\(program) ended at once, five times")
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    @discardableResult
    func send(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let answer = try await transport.send(HTTPRequest(method, url + path, body: body?.bytes))
        return (try? JSON(parsing: answer.body)) ?? .null
    }

    /// Makes a proxy and tells the port that it listens on.
    func make(_ name: String, to port: UInt16) async throws -> Int {
        let made = try await send(
            "POST", "/proxies",
            ["name": .string(name), "listen": "127.0.0.1:0", "upstream": .string("127.0.0.1:\(port)")])
        guard let port = made["listen"]?.string?.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw RealPrograms.Missing(description: "no port in \(made.text)")
        }
        return port
    }

    /// The names of a proxy's toxics.
    func toxics(of proxy: String) async throws -> [String] {
        try await send("GET", "/proxies/\(proxy)")["toxics"]?.array?.compactMap { $0["name"]?.string } ?? []
    }
}
