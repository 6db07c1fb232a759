import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct ServerTests {
    private static let request = FaultRequest(
        kind: .abort(status: 503), edge: DeskStage.edges[0], share: 0.5, lease: 60, by: "anna")

    @Test func `A whole day goes over the socket`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            let health = try await client.health()
            #expect(health["process"]?.integer == Int64(getpid()))
            let fault = try await client.start(Self.request)
            #expect(fault.phase == .accepted)
            #expect(stage.mesh.held == ["edge.taps.abort"])
            let faults = try await client.faults()
            #expect(faults.map(\.id) == ["F1"])
            let status = try await client.status()
            #expect(status["edges"]?.array?.count == 4)
            let stopped = try await client.stop("F1", by: "anna")
            #expect(stopped.phase == .reverted)
            try await client.note(Note(by: "anna", text: "that was \u{1B}[1m quick\n"))
            try await stage.wait { $0.timeline.contains { $0.kind == .note } }
            let halt = try await client.halt(by: "anna", reason: "enough")
            #expect(halt.isProven)
            let refused = await #expect(throws: ControlPlaneError.self) { try await client.start(Self.request) }
            #expect(Self.kind(of: refused) == .halted)
            try await client.rearm(by: "anna")
            try await stage.wait { !$0.isHalted }
        }
    }

    private static func kind(of error: ControlPlaneError?) -> Problem.Kind? {
        guard case .refused(let problem)? = error else { return nil }
        return problem.kind
    }

    @Test func `What is wrong is answered with a problem document`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            let transport = try CurlTransport()
            func ask(_ method: String, _ path: String, _ body: String? = nil) async throws -> (Int, String?) {
                let answer = try await transport.send(
                    HTTPRequest(
                        method, "http://gameday" + path, body: body.map { Array($0.utf8) },
                        unixSocket: stage.socket))
                if answer.status >= 400 { #expect(answer.header("content-type") == Problem.contentType) }
                return (answer.status, (try? JSON(parsing: answer.body))?["type"]?.string)
            }
            let base = "https://gameday.invalid/problems/"
            #expect(try await ask("GET", "/v1/nothing") == (404, base + "not-found"))
            #expect(try await ask("PUT", "/v1/faults", "{}") == (405, base + "method-not-allowed"))
            #expect(try await ask("POST", "/v1/faults", "{\"kind\":") == (400, base + "bad-request"))
            #expect(try await ask("POST", "/v1/faults", "{}") == (400, base + "bad-request"))
            let large = String(repeating: " ", count: 70_000)
            #expect(try await ask("POST", "/v1/faults", large) == (413, base + "bad-request"))
            #expect(try await ask("DELETE", "/v1/faults/F9") == (404, base + "not-found"))
            #expect(try await ask("POST", "/v1/notes", "{\"by\":\"a\"}") == (400, base + "bad-request"))
            let unknown =
                "{\"kind\":{\"abort\":503},\"from\":\"bar\",\"to\":\"tap\",\"share\":1,\"lease\":9,\"by\":\"a\"}"
            #expect(try await ask("POST", "/v1/faults", unknown) == (404, base + "unknown-edge"))
            #expect(try await ask("GET", "/v1/metrics").0 == 200)
        }
    }

    @Test func `The socket is the owner's alone, and only one control plane has it`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            var status = stat()
            #expect(stat(stage.socket, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(throws: SocketClaimError.taken(path: stage.socket, by: "process \(getpid())")) {
                try Self.claim(stage.socket)
            }
        }
        #expect(access(stage.socket, F_OK) != 0)
    }

    private static func claim(_ path: String) throws(SocketClaimError) {
        let claim = try SocketClaim(path: path)
        claim.release()
    }

    @Test func `The socket of a dead process is replaced, anything else is left alone`() throws {
        let scratch = try Scratch()
        let path = scratch.file("gameday.sock")
        let server = try StubServer(unixSocket: path) { _, _ in false }
        server.stop()
        try Self.claim(path)
        scratch.write([1], to: "gameday.sock")
        #expect(throws: SocketClaimError.notASocket(path: path)) { try Self.claim(path) }
        #expect(scratch.bytes("gameday.sock") == [1])
    }

    @Test func `A path that no socket can have is refused before anything is made`() throws {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        #expect(throws: SocketClaimError.tooLong(path: path)) { try Self.claim(path) }
    }

    @Test func `A simulator's answer makes the session a simulated one`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { _ in
            try await stage.hear(isSimulated: true)
            try await stage.wait { $0.session?.mode == .simulated }
        }
    }

    @Test func `When the last dashboard is lost everything is undone without a latch`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { client in
            let watching = Task {
                for await element in client.feed(watcher: "dash-1") {
                    if case .event = element { return }
                }
            }
            await watching.value
            _ = try await client.start(Self.request)
            // The reader has ended, so its connection is closed; nothing was said.
            try await stage.wait { $0.faults.last?.phase == .reverted }
            #expect(stage.mesh.held.isEmpty)
            let faults = try await client.faults()
            #expect(faults.last?.explanation == "the last dashboard was lost")
            try await stage.wait { !$0.isHalted && $0.timeline.contains { $0.text.contains("last dashboard") } }
        }
    }

    @Test func `A guard of the settings halts by itself and says why`() async throws {
        let objective = Objective(name: "orders", service: "bar", indicator: .success(target: 0.99))
        let description = MeshDescription(
            name: "the bar", objectives: [objective],
            guards: [.stale(seconds: 0.5)])
        let stage = try ControlPlaneStage(description)
        try await stage.run { client in
            _ = try await client.start(Self.request)
            try await stage.wait { $0.isHalted && $0.activeFaults.isEmpty }
            try await stage.wait { $0.halt?.by == "guard" && $0.halt?.reason.contains("stale") == true }
        }
    }

    @Test func `Shutdown over the socket undoes everything and ends the run`() async throws {
        let stage = try ControlPlaneStage()
        let running = Task { try await stage.controlPlane.run() }
        try await stage.hear()
        _ = try await stage.client.start(Self.request)
        try await stage.client.shutdown(by: "anna")
        try await running.value
        #expect(stage.mesh.held.isEmpty)
        #expect(LedgerContents(stage.scratch.bytes("ledger")).open.isEmpty)
        let absent = await #expect(throws: ControlPlaneError.self) { try await stage.client.health() }
        guard case .unreachable? = absent else {
            Issue.record("\(String(describing: absent))")
            return
        }
    }
}
