import ArgumentParser
import Foundation
import Glibc

/// Plays a Prometheus that has the figures of a large Istio mesh, for the figures of asking one: it answers what gameday
/// asks it, packed as a Prometheus packs it. It runs in a process of its own, so that its time is not counted as ours.
struct QueryServer: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "query-server", shouldDisplay: false)

    @Option var edges = 10_000

    func run() throws {
        let answers = try Self.packed(edges)
        let (listener, port) = try PageServer.listen()
        print(port)
        fflush(nil)
        Thread.detachNewThread {
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { return }
                Thread.detachNewThread { Self.serve(peer, answers) }
            }
        }
        // The parent's end of our standard input closes with the parent, however it ends.
        while readLine() != nil {}
    }

    /// Bodies by the part of a query that asks for them, the first that fits; what nothing fits has an empty answer.
    private static func packed(_ edges: Int) throws -> [(part: String, body: [UInt8])] {
        let bodies = [
            ("__name__=~", marks), ("count(up", vector([(["x": "all"], 1)])),
            // Nobody is known by whoever received: services have what their callers saw.
            ("reporter=\"destination\"", vector([])),
            ("sum by (destination_canonical_service", rates(edges)),
            ("histogram_quantile", latencies(edges)),
        ]
        return try bodies.map { ($0.0, try pack($0.1)) }
    }

    private static let marks = vector([
        (["__name__": "istio_requests_total", "job": "pods"], 1),
        (["__name__": "istio_request_duration_milliseconds_bucket", "job": "pods"], 1),
    ])

    /// Five callees a service; every tenth edge has failures as well.
    private static func rates(_ edges: Int) -> String {
        vector(
            (0..<edges).flatMap { edge -> [([String: String], Double)] in
                let labels = names(edge).merging([
                    "destination_canonical_service": "svc\(callee(edge))", "grpc_response_status": "",
                    "response_code": "200", "response_flags": "-",
                ]) { $1 }
                let failed = labels.merging(["response_code": "503", "response_flags": "UO"]) { $1 }
                let rate = Double(edge % 97) + 0.123_456_789
                return [(labels, rate)] + (edge % 10 == 0 ? [(failed, rate / 100)] : [])
            })
    }

    private static func latencies(_ edges: Int) -> String {
        vector((0..<edges).map { (names($0), Double($0 % 89) * 3.141_592_653) })
    }

    private static func callee(_ edge: Int) -> Int { edge / 5 * 7 + edge % 5 + 1 }

    private static func names(_ edge: Int) -> [String: String] {
        [
            "source_canonical_service": "svc\(edge / 5)", "source_workload_namespace": "ns\(edge / 5 % 40)",
            "destination_service_name": "svc\(callee(edge))", "destination_service_namespace": "ns\(edge % 40)",
        ]
    }

    private static func vector(_ rows: [([String: String], Double)]) -> String {
        let series = rows.map { labels, value in
            let metric = labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
            return "{\"metric\":{\(metric.joined(separator: ","))},\"value\":[1795828762.661,\"\(value)\"]}"
        }
        return "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
            + series.joined(separator: ",") + "]}}"
    }

    private static func pack(_ text: String) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "gameday-bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/gzip")
        process.arguments = ["-c", "-6", file.path]
        process.standardOutput = output
        try process.run()
        let packed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(packed)
    }

    private static func serve(_ peer: Int32, _ answers: [(part: String, body: [UInt8])]) {
        defer { close(peer) }
        var waiting = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(peer, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            waiting += String(decoding: buffer[..<count], as: UTF8.self)
            guard let head = waiting.range(of: "\r\n\r\n") else { continue }
            let length =
                waiting[..<head.lowerBound].lowercased().split(separator: "\r\n")
                .first { $0.hasPrefix("content-length:") }.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
            guard waiting[head.upperBound...].utf8.count >= length else { continue }
            let asked = waiting.removingPercentEncoding ?? waiting
            waiting = ""
            let found = answers.first { asked.contains($0.part.removingPercentEncoding ?? $0.part) }
            let body = found?.body ?? []
            let isKnown = found != nil
            let empty = Array(vector([]).utf8)
            let answer =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                + (isKnown ? "Content-Encoding: gzip\r\n" : "")
                + "Content-Length: \(isKnown ? body.count : empty.count)\r\n\r\n"
            var bytes = Array(answer.utf8) + (isKnown ? body : empty)
            while !bytes.isEmpty {
                let sent = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                guard sent > 0 else { return }
                bytes.removeFirst(sent)
            }
        }
    }
}
