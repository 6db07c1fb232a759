import CCurl
import DemoMesh
import Foundation
import Glibc
import MeshClient
import MeshModel

/// A real Prometheus that scrapes a simulated fleet once a second, beside this process, storing in a folder that goes.
final class PrometheusProgram {
    private let program: ChildProgram
    private let identifier: Int32
    private let base: String
    private let transport: CurlTransport
    private let services: Int

    /// `page` is what gameday asks one of the proxies for: its filter says which stats Prometheus is to get too.
    init(_ path: String, fleet: SimulatedProxies, page: String, folder: ScratchFolder) async throws {
        guard let port = Self.freePort() else { throw BenchError("no free port") }
        base = "http://127.0.0.1:\(port)"
        services = fleet.names.count
        transport = try CurlTransport()
        let file = try folder.write(Self.settings(fleet, page), as: "prometheus.yml")
        program = try ChildProgram(
            [
                "tether", "--", path, "--config.file=\(file)", "--storage.tsdb.path=\(folder.path)/prometheus",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
            ], log: folder.path + "/prometheus.log")
        identifier = Int32(try program.line()) ?? 0
    }

    deinit { program.end() }

    /// What it uses once it hears all of them.
    func measure(seconds: Int) async throws -> ProgramCost {
        var heard = 0.0
        for _ in 0..<200 where Int(heard) < services {
            try await Task.sleep(for: .milliseconds(100))
            heard = (try? await value(of: "count(up == 1)")) ?? 0
        }
        guard Int(heard) == services else { throw BenchError("Prometheus hears only \(Int(heard)) of its targets") }
        try await Task.sleep(for: .seconds(2))
        return try await ProgramCost.measure(identifier, seconds: seconds) { try await self.scrapes() }
    }

    /// The scrapes that it has made, by its own page of numbers.
    private func scrapes() async throws -> Double {
        let page = try await transport.send(HTTPRequest("GET", base + "/metrics"))
        let lines = String(decoding: page.body, as: UTF8.self).split(separator: "\n")
        let name = "prometheus_target_interval_length_seconds_count"
        return lines.filter { $0.hasPrefix(name) }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
    }

    private func value(of query: String) async throws -> Double? {
        let words = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await transport.send(HTTPRequest("GET", base + "/api/v1/query?query=" + words))
        let result = try JSON(parsing: answer.body)["data"]?["result"]?.array?.first
        return result?["value"]?.array?.last?.string.flatMap { Double($0) }
    }

    /// Each proxy is a target with a path of its own.
    private static func settings(_ fleet: SimulatedProxies, _ page: String) -> String {
        let fields = URLComponents(string: page)?.queryItems ?? []
        let filter = fields.first { $0.name == "filter" }?.value ?? ""
        let targets = fleet.names.enumerated().map { place, name in
            "      - targets: ['\(SimulatedAddress.host(of: place)):\(fleet.port)']\n"
                + "        labels: {instance: '\(name)', __metrics_path__: '/proxies/\(name)/stats/prometheus'}\n"
        }
        return """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: fleet
                params:
                  usedonly: ['']
                  filter: ['\(filter)']
                static_configs:

            """ + targets.joined()
    }

    private static func freePort() -> UInt16? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failure = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | getsockname(descriptor, $0, &size)
            }
        }
        return failure == 0 ? UInt16(bigEndian: address.sin_port) : nil
    }
}
