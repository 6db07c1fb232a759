import MeshClient
import MeshModel
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ControlPlaneClientTests {
    private static let fault = Fault(
        id: "F1", kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 0.5, by: "me",
        requestedAt: Timestamp(milliseconds: 1), leaseEnds: Timestamp(milliseconds: 60_001), phase: .accepted,
        sources: ["bar"])

    private func client(_ script: @escaping ScriptedTransport.Script) -> (ControlPlaneClient, ScriptedTransport) {
        let transport = ScriptedTransport(script)
        return (ControlPlaneClient(socket: "/run/x.sock", transport: transport), transport)
    }

    private func answering(
        _ json: JSON, status: Int = 200
    ) -> (ControlPlaneClient, ScriptedTransport) {
        client { _ in .success(HTTPResponse(status: status, body: json.bytes)) }
    }

    @Test func `a fault is asked for as the API has it`() async throws {
        let (client, transport) = answering(Self.fault.json, status: 201)
        let request = FaultRequest(kind: .abort(status: 503), edge: Self.fault.edge, share: 0.5, lease: 60, by: "me")
        #expect(try await client.start(request) == Self.fault)
        let sent = try #require(transport.requests.first)
        #expect(sent.method == "POST")
        #expect(sent.url == "http://gameday/v1/faults")
        #expect(sent.unixSocket == "/run/x.sock")
        #expect(try FaultRequest(WireFields(JSON(parsing: sent.body ?? []), page: "request")) == request)
    }

    @Test(arguments: [false, true])
    func `faults come as a list, bare or named`(isNamed: Bool) async throws {
        let list: JSON = .array([Self.fault.json, Self.fault.json])
        let (client, _) = answering(isNamed ? ["faults": list] : list)
        #expect(try await client.faults() == [Self.fault, Self.fault])
    }

    @Test func `a halt brings its proofs`() async throws {
        let halt = Halt(isLatched: true, by: "me", reason: "key", proofs: [Halt.Proof(source: "bar", isClean: true)])
        let (client, transport) = answering(halt.json)
        #expect(try await client.halt(by: "me", reason: "key") == halt)
        #expect(transport.requests.map(\.url) == ["http://gameday/v1/halt"])
    }

    @Test func `words and farewells need no answer`() async throws {
        let (client, transport) = client { _ in .success(HTTPResponse(status: 204)) }
        try await client.note(Note(by: "me", text: "now\n\u{1B}[2J"))
        try await client.leave(watcher: "a/b")
        try await client.rearm(by: "me")
        try await client.shutdown()
        #expect(
            transport.requests.map { "\($0.method) \($0.url.dropFirst(14))" } == [
                "POST /v1/notes", "DELETE /v1/watchers/a%2Fb", "POST /v1/rearm", "POST /v1/shutdown",
            ])
    }

    @Test func `a problem document is told as it is`() async throws {
        let problem = Problem(.halted, status: 409, title: "Halted", detail: "by ann", remedy: "Rearm first.")
        let (client, _) = answering(problem.json, status: 409)
        await #expect(throws: ControlPlaneError.refused(problem)) { try await client.stop("F1") }
        await #expect(throws: ControlPlaneError.refused(problem)) { try await client.events() }
    }

    @Test(arguments: ["", "no", "{}", "[1]", "{\"id\":7}", "\u{0}"])
    func `an answer without sense is an error`(body: String) async {
        let (client, _) = client { _ in .success(HTTPResponse(status: 200, body: Array(body.utf8))) }
        await #expect(throws: ControlPlaneError.self) { try await client.stop("F1") }
        let (refusing, _) = self.client { _ in .success(HTTPResponse(status: 500, body: Array(body.utf8))) }
        await #expect {
            try await refusing.stop("F1")
        } throws: {
            if case .refused(let problem) = $0 as? ControlPlaneError { problem.status == 500 } else { false }
        }
    }

    @Test func `nobody there says how to start one`() async {
        let (client, _) = client { _ in .failure(.refused("/run/x.sock")) }
        await #expect {
            try await client.health()
        } throws: {
            ($0 as? ControlPlaneError)?.remedy?.contains("gameday up") == true
        }
    }

    @Test func `events come line by line, however the bytes are cut`() async throws {
        let events = (1...40).map {
            Event(
                number: $0, at: Timestamp(milliseconds: Int64($0)),
                observation: .note(Note(by: "é", text: String(repeating: "🍺", count: Int($0)))))
        }
        var bytes = events.flatMap { EventWire.line($0) }
        bytes += Array("{\"n\":41,\"t\":41,\"kind\":\"from tomorrow\",\"data\":{}}\n\n{\"n\":42,\"cut".utf8)
        let path = "/tmp/gameday-\(UInt64.random(in: 0...UInt64.max)).sock"
        let server = try StubServer(unixSocket: path) { [bytes] request, connection in
            guard request.line == "GET /v1/events?after=7&watcher=w" else { return connection.respond(404) }
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            for part in stride(from: 0, to: bytes.count, by: 97) {
                connection.write(Array(bytes[part..<min(part + 97, bytes.count)]))
            }
            return false
        }
        let client = ControlPlaneClient(socket: path, transport: try CurlTransport())
        var seen: [Event] = []
        for try await event in try await client.events(after: 7, watcher: "w") { seen.append(event) }
        #expect(seen == events)
        server.stop()
    }

    @Test func `letting go of the events hangs up`() async throws {
        let line = EventWire.line(Event(number: 1, at: Timestamp(milliseconds: 0), observation: .beat(nil)))
        let path = "/tmp/gameday-\(UInt64.random(in: 0...UInt64.max)).sock"
        let server = try StubServer(unixSocket: path) { _, connection in
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            connection.write(line)
            connection.waitForHangUp()
            return false
        }
        let client = ControlPlaneClient(socket: path, transport: try CurlTransport())
        do {
            for try await event in try await client.events() {
                #expect(event.number == 1)
                break
            }
        }
        #expect(await server.waits(for: .hungUp))
    }

    @Test func `a line that is no event ends the events with an error`() async throws {
        let (client, _) = client { _ in .success(HTTPResponse(status: 200, body: Array("{\"n\":1}\n".utf8))) }
        let events = try await client.events()
        await #expect(throws: WireError.self) {
            for try await _ in events { Issue.record("no event") }
        }
    }

    @Test func `only who is not there is told as not running`() {
        let absent = ControlPlaneError.unreachable(.refused("nobody listens"))
        #expect(absent.summary == "No control plane is running")
        #expect(absent.remedy?.contains("gameday up") == true)
        for error in [TransportError.timedOut, .closed("gone"), .other("No file descriptors left")] {
            let mute = ControlPlaneError.unreachable(error)
            #expect(mute.summary == "No answer from the control plane: \(error.summary)")
            #expect(mute.remedy == error.remedy)
        }
    }
}
