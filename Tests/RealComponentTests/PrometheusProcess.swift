import Foundation
import MeshClient
import MeshModel

/// A real Prometheus that scrapes once a second, started on a free port for a test and ended with it.
final class PrometheusProcess {
    let url: String
    private let process = Process()
    private let folder: URL
    private let transport: CurlTransport

    /// Each target is an address, the path of its page, and the labels that it gets.
    init(_ targets: [(address: String, path: String, labels: [String: String])], transport: CurlTransport) async throws
    {
        self.transport = transport
        folder = FileManager.default.temporaryDirectory.appending(path: "gameday-prometheus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "prometheus.yml")
        let log = folder.appending(path: "log")
        try Data(Self.settings(targets).utf8).write(to: file)
        try Data().write(to: log)
        process.executableURL = URL(filePath: "/usr/bin/prometheus")
        process.arguments = [
            "--config.file=\(file.path)", "--storage.tsdb.path=\(folder.path)/data", "--web.listen-address=127.0.0.1:0",
        ]
        process.standardError = try FileHandle(forWritingTo: log)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var found: String?
        while found == nil {
            guard process.isRunning else { throw RealPrograms.Missing(description: "Prometheus ended at once") }
            try await Task.sleep(for: .milliseconds(20))
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            let line = lines.first { $0.contains("Listening on") }
            found = line?.split(separator: " ").first { $0.hasPrefix("address=") }.map { String($0.dropFirst(8)) }
        }
        url = "http://" + (found ?? "")
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The value of a query that has one; nil when it has none.
    func value(of query: String) async throws -> Double? {
        let words = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await transport.send(HTTPRequest("GET", url + "/api/v1/query?query=" + words))
        // While it begins it says only that it is not ready.
        guard answer.status == 200 else { return nil }
        let result = try JSON(parsing: answer.body)["data"]?["result"]?.array?.first
        return result?["value"]?.array?.last?.string.flatMap { Double($0) }
    }

    /// Asks until a query has a value; the suite's time limit is for what never does.
    func waits(for query: String) async throws {
        while try await value(of: query) == nil { try await Task.sleep(for: .milliseconds(100)) }
    }

    private static func settings(_ targets: [(address: String, path: String, labels: [String: String])]) -> String {
        let items = targets.map { target in
            let labels = target.labels.map { "\($0.key): '\($0.value)'" } + ["__metrics_path__: '\(target.path)'"]
            return "      - targets: ['\(target.address)']\n        labels: {\(labels.joined(separator: ", "))}\n"
        }
        return "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n  - job_name: mesh\n"
            + "    static_configs:\n" + items.joined()
    }
}
