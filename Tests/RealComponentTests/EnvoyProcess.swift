import DemoMesh
import Foundation
import MeshClient
import MeshModel

/// A real Envoy with one edge to `taps`, started on free ports for a test and killed with it.
final class EnvoyProcess {
    let admin: String
    var id: Int32 { process.processIdentifier }
    private let process = Process()
    private let folder: URL
    private let transport: CurlTransport

    /// `tls` is the folder of the certificates which the listener `tls` serves with, and asks for.
    convenience init(
        upstream: UInt16, tls: URL? = nil, adminLayer: Bool = true, environment: [String] = [],
        transport: CurlTransport
    ) async throws {
        try await self.init(
            config: EnvoyTestConfig.json(upstream: upstream, tls: tls, adminLayer: adminLayer).text,
            environment: environment, transport: transport)
    }

    /// Any configuration, in YAML or JSON, whose ports the system chooses.
    init(
        config text: String, arguments: [String] = [], environment: [String] = [], transport: CurlTransport
    ) async throws {
        self.transport = transport
        folder = FileManager.default.temporaryDirectory.appending(path: "gameday-envoy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let config = folder.appending(path: "envoy.yaml")
        let address = folder.appending(path: "admin")
        try Data(text.utf8).write(to: config)
        process.executableURL = URL(filePath: try RealPrograms.envoy().path)
        process.arguments =
            [
                "-c", config.path, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error",
                "--admin-address-path", address.path,
            ] + arguments
        for variable in environment {
            let parts = variable.split(separator: "=", maxSplits: 1).map(String.init)
            process.environment = (process.environment ?? ProcessInfo.processInfo.environment)
                .merging([parts[0]: parts[1]]) { $1 }
        }
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while (try? String(contentsOf: address, encoding: .utf8))?.contains(":") != true {
            guard process.isRunning else { throw RealPrograms.Missing(description: "Envoy ended at once") }
            try await Task.sleep(for: .milliseconds(10))
        }
        admin = "http://" + (try String(contentsOf: address, encoding: .utf8))
        while try await transport.send(HTTPRequest("GET", admin + "/ready")).status != 200 {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The base URL of a listener.
    func url(of listener: String, scheme: String = "http") async throws -> String {
        let body = try await transport.send(HTTPRequest("GET", admin + "/listeners?format=json")).body
        let entries = try JSON(parsing: body)["listener_statuses"]?.array ?? []
        let entry = entries.first { $0["name"]?.string == listener }
        return try Self.url(of: entry, listener, scheme)
    }

    /// The base URL of a listener that has no name, by its place among all.
    func url(listener place: Int) async throws -> String {
        let body = try await transport.send(HTTPRequest("GET", admin + "/listeners?format=json")).body
        let entries = try JSON(parsing: body)["listener_statuses"]?.array ?? []
        return try Self.url(of: entries.indices.contains(place) ? entries[place] : nil, "\(place)", "http")
    }

    /// Ends it at once, as a crash would.
    func crash() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func url(of entry: JSON?, _ listener: String, _ scheme: String) throws -> String {
        guard let port = entry?["local_address"]?["socket_address"]?["port_value"]?.integer else {
            throw RealPrograms.Missing(description: "Envoy has no listener \(listener)")
        }
        return "\(scheme)://127.0.0.1:\(port)"
    }

    func send(_ method: String, _ path: String) async throws -> HTTPResponse {
        try await transport.send(HTTPRequest(method, admin + path))
    }
}
