import Foundation
import MeshModel
import Testing

@testable import MeshClient

/// Lines of access logs as real proxies wrote them.
struct AccessLogFormatTests {
    static func fixture(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "Fixtures/logs/\(name)")))
    }

    private static func read(_ text: String, as format: AccessLogFormat?) -> AccessLogLine? {
        format?.line(Array(text.utf8)[...])
    }

    @Test func `Istio's text and its JSON say the same`() throws {
        let text = AccessLogFormat.istioText.lines(in: try Self.fixture("istio-text.log"))
        let json = AccessLogFormat.istioJSON.lines(in: try Self.fixture("istio-json.log"))
        #expect(text.count == 18)
        #expect(
            text.map(\.flags).flatMap(\.self) == [
                "FI", "DI", "UF", "UH", "UT", "URX", "UC", "UPE", "RL", "UO", "UO", "NC", "NR", "DC", "DPE",
            ])
        #expect(text.map(\.status) == json.map(\.status))
        #expect(text.map(\.flags) == json.map(\.flags))
        #expect(text.map(\.details) == json.map(\.details))
        #expect(text.map(\.cluster) == json.map(\.cluster))
        #expect(text.map(\.failure) == json.map(\.failure))
        #expect(text.map(\.host) == json.map(\.host))
        let refused = text[3]
        #expect(refused.failure == "delayed_connect_error:_Connection_refused")
        #expect(refused.cluster == "outbound|9080||dead.bookinfo.svc.cluster.local")
        #expect(refused.explanation?.hasPrefix("the connection to the callee failed") == true)
        #expect(text[16].status == 0)
        #expect(text[16].isFailing)
    }

    @Test func `what Envoy writes without a format is read`() {
        let line = Self.read(
            #"[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "#
                + #""cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80""#, as: .envoy)
        #expect(line?.status == 204)
        #expect(line?.duration == 226)
        #expect(line?.path == "/api/v1/locations")
        #expect(line?.host == "10.0.2.1:80")
        #expect(line?.clock == "20:17:00.310")
    }

    @Test func `a format of one's own is read, with its trace`() {
        let format = AccessLogFormat(
            text: "%START_TIME(%Y/%m/%dT%H:%M:%S%z)%|%RESPONSE_CODE%|%REQ(TRACEPARENT)%|%REQ(X-SECRET):20%|100%%\n")
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let line = Self.read("2026/11/28T01:07:05+0000|503|00-\(trace)-b7ad6b7169203331-01|hush|100%", as: format)
        #expect(line?.status == 503)
        #expect(line?.trace == trace)
        #expect(line?.time == "2026/11/28T01:07:05+0000")
        #expect(Self.read("2026/11/28|503|-", as: format) == nil)
    }

    @Test func `nested JSON of one's own is read`() throws {
        let json = try JSON(
            parsing:
                #"{"http": {"code": "%RESPONSE_CODE%", "why": "%RESPONSE_FLAGS%"}, "t": "%TRACE_ID%", "x": "a%DURATION%"}"#
        )
        let format = AccessLogFormat(json: json)
        let line = Self.read(#"{"http":{"code":503,"why":"UF,URX"},"t":"80f198ee56343ba8","x":"a7"}"#, as: format)
        #expect(line?.flags == ["UF", "URX"])
        #expect(line?.trace == "80f198ee56343ba8")
        #expect(line?.duration == nil)
    }

    @Test(arguments: [
        "%RESPONSE_CODE%%DURATION%", "%DURATION%", "%RESPONSE_CODE", "%RESPONSE_CODE(%",
        "%RESPONSE_CODE%\n%DURATION%\n",
    ])
    func `a format that cannot be taken apart is none`(text: String) { #expect(AccessLogFormat(text: text) == nil) }

    @Test func `no query, no password and nothing that a terminal obeys gets through`() throws {
        let format = try #require(
            AccessLogFormat(text: "\"%REQ(:PATH)%\" %RESPONSE_CODE% \"%REQ(:AUTHORITY)%\" %RESPONSE_CODE_DETAILS%"))
        let line = try #require(
            Self.read(
                "\"/beer\u{1B}]52;c;eA==\u{7}\u{202E}x?token=s3cret#frag\" 200 \"me:hunter2@taps\" \u{9B}31mred",
                as: format))
        let words = [line.path, line.authority, line.details].compactMap(\.self).joined(separator: " ")
        #expect(
            words.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && $0.value != 0x202E
            })
        for secret in ["s3cret", "frag", "hunter2"] { #expect(!words.contains(secret)) }
        let absolute = Self.read("\"http://me:hunter2@taps/beer\" 200 \"taps\" -", as: format)
        #expect(absolute?.path == "http://***@taps/beer")
        let long = Self.read("\"/" + String(repeating: "x", count: 9000) + "\" 200 \"taps\" -", as: format)
        #expect((long?.path?.count ?? 0) <= 160)
    }

    @Test(arguments: ["", "0", "g0f198ee56343ba8", "00000000000000000000000000000000", "80f198ee56343ba8\u{1B}"])
    func `what is no trace id is none`(id: String) { #expect(AccessLogReading.trace(id) == nil) }
}
