import Foundation
import MeshModel
import TestKit
import Testing

@testable import gameday

/// `gameday logs`, and where links are opened.
@Suite(.timeLimit(.minutes(5))) struct LogsCommandTests {
    @Test func `the log of an edge is printed with flags in words, its failing lines alone, and kept when asked`()
        async throws
    {
        let home = try GamedayHome()
        let format =
            #"[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %DURATION% "#
        home.write(
            """
            [2026-11-28T01:07:05.762Z] "GET /beer?token=s3cret HTTP/1.1" 200 - 4 taps
            [2026-11-28T01:07:05.818Z] "GET /beer?token=s3cret HTTP/1.1" 503 UO 0 taps
            [2026-11-28T01:07:06.818Z] "GET /menu HTTP/1.1" 503 UF 0 menu

            """, to: "access.log")
        let log: JSON = [
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": .string(home.folder + "/access.log"),
            "log_format": ["text_format_source": ["inline_string": .string(format + "%UPSTREAM_CLUSTER%\n")]],
        ]
        let manager: JSON = [
            "@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "access_log": [["typed_config": log]],
        ]
        let listener: JSON = ["filter_chains": [["filters": [["typed_config": manager]]]]]
        let bar = try StubEnvoy(service: "bar", callees: ["taps"])
        bar.set(listeners: ["configs": [["listener": listener]]])
        _ = try await home.up([("bar", bar.url)], edges: 1)
        let all = try await home.run(["logs", "bar>taps"])
        #expect(all.code == 0, "\(all.output)")
        #expect(all.output.contains("01:07:05.762  bar  GET /beer 200 after 4 ms"), "\(all.output)")
        #expect(all.output.contains("GET /beer 503 UO after 0 ms: circuit breaker open: the request was not sent"))
        #expect(!all.output.contains("s3cret") && !all.output.contains("menu"))
        let failing = try await home.run(["logs", "bar", "taps", "--failing", "--record"])
        #expect(failing.output.split(separator: "\n").count == 1, "\(failing.output)")
        let told = try await home.run(["logs", "bar>taps", "--json"])
        #expect(try JSON(parsing: told.output)["lines"]?.array?.count == 2)
        let none = try await home.run(["logs", "taps>bar"])
        #expect(none.code == 69 && none.output.contains("no access log of taps>bar can be read"), "\(none.output)")
        #expect(try await home.run(["logs", "bar"]).code == 64)
        #expect(try await home.run(["logs", "bar>taps", "--follow", "--record"]).code == 64)
        _ = try await home.run("down")
    }

    @Test func `a browser is only looked for where there is one to show`() throws {
        let home = try GamedayHome()
        home.write("#!/bin/sh\n", to: "xdg-open")
        chmod(home.folder + "/xdg-open", 0o755)
        let path = ["PATH": home.folder]
        #expect(Browser.opener(path) == nil)
        #expect(Browser.opener(path.merging(["DISPLAY": ":0"]) { $1 }) == home.folder + "/xdg-open")
        #expect(Browser.opener(["PATH": "/nowhere", "WAYLAND_DISPLAY": "w"]) == nil)
        #expect(Browser.opener(["BROWSER": home.folder + "/xdg-open"]) == home.folder + "/xdg-open")
    }
}
