import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// Where proxies log, and what is read of it.
@Suite(.timeLimit(.minutes(1))) struct EnvoyLogsTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "gameday-logs-\(UUID().uuidString)")
        .path

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private static let file = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"

    private static func page(_ log: JSON, direction: String = "OUTBOUND", clusters: [String] = ["taps"]) -> JSON {
        let routes: [JSON] = clusters.map { ["match": ["prefix": "/"], "route": ["cluster": .string($0)]] }
        let manager: JSON = [
            "@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "access_log": [["name": "x", "typed_config": log]],
            "route_config": ["virtual_hosts": [["routes": .array(routes)]]],
        ]
        let listener: JSON = [
            "traffic_direction": .string(direction), "filter_chains": [["filters": [["typed_config": manager]]]],
        ]
        return ["configs": [["listener": listener]]]
    }

    private static func places(_ page: JSON) -> EnvoyLogPlaces { EnvoyLogPlaces([page]) { $0 == "taps" } }

    @Test func `a file with a format is found, whose lines are about one edge or about several`() {
        let log: JSON = [
            "@type": .string(Self.file), "path": "/var/log/x",
            "log_format": ["text_format_source": ["inline_string": "%RESPONSE_CODE%\n"]],
        ]
        #expect(Self.places(Self.page(log)).places.map(\.path) == ["/var/log/x"])
        #expect(Self.places(Self.page(log)).places.first?.isEdgeAlone == true)
        #expect(Self.places(Self.page(log, clusters: ["taps", "menu"])).places.first?.isEdgeAlone == false)
        #expect(Self.places(Self.page(log, clusters: ["menu"])).places.isEmpty)
        #expect(Self.places(Self.page(log, direction: "INBOUND")).problem?.contains("no access log") == true)
        #expect(Self.places(Self.page(["@type": .string(Self.file), "path": "/a"])).places.first?.format == .envoy)
    }

    @Test(arguments: [
        ("envoy.extensions.access_loggers.stream.v3.StdoutAccessLog", JSON.null, "standard output"),
        ("envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig", .null, "not a file"),
        ("envoy.extensions.access_loggers.file.v3.FileAccessLog", "/dev/stdout", "standard output"),
    ])
    func `a log that is no file is said to be none`(type: String, path: JSON, words: String) {
        let log: JSON = ["@type": .string("type.googleapis.com/" + type), "path": path]
        #expect(Self.places(Self.page(log)).problem?.contains(words) == true)
    }

    @Test func `the end of a file is read in whole lines`() throws {
        let path = folder + "/log"
        try Data("first\nsecond\nthird\nhalf".utf8).write(to: URL(filePath: path))
        #expect(String(decoding: try LogTail.read(path), as: UTF8.self) == "first\nsecond\nthird\n")
        #expect(String(decoding: try LogTail.read(path, most: 13), as: UTF8.self) == "third\n")
        #expect(try LogTail.read(path, most: 2) == [])
        #expect(throws: LogTail.Unreadable(cause: "No such file or directory")) { try LogTail.read(path + "x") }
        #expect(throws: LogTail.Unreadable(cause: "not a regular file")) { try LogTail.read("/dev/null") }
        mkfifo(path + "-pipe", 0o600)
        #expect(throws: LogTail.Unreadable(cause: "not a regular file")) { try LogTail.read(path + "-pipe") }
    }

    @Test func `an edge's lines are read, and no others`() async throws {
        let path = folder + "/access.log"
        let lines = ["503 UO taps", "200 - menu", "200 - taps", "404 NR -", "not a line", "200 DI taps"]
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: path))
        let log: JSON = [
            "@type": .string(Self.file), "path": .string(path),
            "log_format": [
                "text_format_source": ["inline_string": "%RESPONSE_CODE% %RESPONSE_FLAGS% %UPSTREAM_CLUSTER%\n"]
            ],
        ]
        let page = Self.page(log, clusters: ["taps", "menu"])
        let admin = try StubServer { request, connection in
            let body = request.line.contains("static_listeners") ? page.bytes : Array("{}".utf8)
            return connection.respond(200, headers: ["Content-Type: application/json"], body: body)
        }
        let directory = EnvoyDirectory([
            .init(source: "bar", service: "bar", endpoint: EnvoyEndpoint(admin: "http://127.0.0.1:\(admin.port)")),
            .init(source: "bar-2", service: "bar", endpoint: EnvoyEndpoint(admin: "http://192.0.2.1:1")),
        ])
        let logs = EnvoyLogs(directory: directory, transport: try CurlTransport(), deadline: .milliseconds(500))
        let read = await logs.logs(of: Edge(from: "bar", to: "taps"))
        #expect(read.map(\.source) == ["bar", "bar-2"])
        #expect(read[0].lines.map(\.flags) == [["UO"], [], ["DI"]])
        #expect(read[0].problem == nil)
        #expect(read[1].problem == "its admin page does not answer")
        #expect(await logs.logs(of: Edge(from: "taps", to: "bar")).isEmpty)
    }
}
