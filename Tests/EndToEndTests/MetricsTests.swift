import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

/// What a Prometheus reads of gameday itself.
@Suite(.timeLimit(.minutes(2))) struct MetricsTests {
    @Test func `promtool finds nothing to say against the metrics, and they tell what gameday costs`() async throws {
        let bar = try StubEnvoy(service: "bar", callees: ["taps"])
        let home = try GamedayHome()
        let client = try await home.up([("bar", bar.url)], edges: 1)
        try await home.wait(client) { ($0.cost?.polls ?? 0) > 0 }
        let request = HTTPRequest("GET", "http://gameday/v1/metrics", deadline: .seconds(5), unixSocket: home.socket)
        let page = String(decoding: try await CurlTransport().send(request).body, as: UTF8.self)
        home.write(page, to: "metrics")
        let check = try await home.run(
            program: "/bin/sh", ["-c", "exec promtool check metrics < \(home.folder)/metrics"])
        #expect(check.code == 0 && check.output.isEmpty, "\(check.output)")
        let values = page.split(separator: "\n").filter { !$0.hasPrefix("#") }.reduce(into: [String: Double]()) {
            let words = $1.split(separator: " ")
            $0[String(words[0])] = words.count == 2 ? Double(words[1]) : nil
        }
        #expect(values["gameday_polls_total"] ?? 0 > 0 && values["gameday_polls_bytes_total"] ?? 0 > 100)
        #expect(values["gameday_polls_slowdown_ratio"] ?? 0 >= 1)
        #expect(values["gameday_drops_total{kind=\"merged_polls\"}"] != nil)
        #expect(values["process_resident_memory_bytes"] ?? 0 > 1e6)
        #expect(values["process_open_fds"] ?? 0 > 5 && values["process_threads"] ?? 0 > 1)
        #expect(try await home.run("down").code == 0)
    }
}
