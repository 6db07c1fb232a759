import Foundation
import MeshClient
import MeshModel
import TestKit
import Testing

/// Somebody sets the clock of a real Envoy's host.
@Suite(.timeLimit(.minutes(2))) struct EnvoyClockTests {
    @Test(arguments: [-30, -1_000_000, 1_000_000] as [Int64])
    func `a step of its host's clock is no restart, and its history not of this second`(seconds: Int64) async throws {
        let transport = try CurlTransport()
        let taps = try StubServer { _, connection in connection.respond(body: "beer") }
        let folder = FileManager.default.temporaryDirectory.path() + "/gameday-clock-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = ClockStep(in: folder)
        let envoy = try await EnvoyProcess(
            upstream: taps.port, environment: clock.environment, transport: transport)
        let url = try await envoy.url(of: "to_taps")
        func call(_ count: Int) async throws {
            for _ in 0..<count { _ = try await transport.send(HTTPRequest("GET", url)) }
        }
        // A history that would show.
        try await call(300)
        let endpoint = EnvoyEndpoint(admin: envoy.admin, service: "bar")
        let fleet = EnvoyFleet([endpoint], transport: transport, interval: .milliseconds(300))
        let (reports, sender) = AsyncStream.makeStream(of: TrafficReport.self)
        let polling = Task {
            await fleet.run { turn in
                for case .traffic(let report) in turn.observations { sender.yield(report) }
            }
        }
        defer { polling.cancel() }
        var polls = 0
        var counted: UInt64 = 0
        for await report in reports {
            polls += 1
            #expect(!report.restarted)
            for case let sample? in report.outbound.map(\.sample) { counted += sample.completed }
            // Envoy tells its uptime at its next flush, so it is waited for.
            if polls == 2 { clock.set(seconds: seconds) }
            if polls == 3 { try await call(5) }
            if polls == 12 { break }
        }
        #expect(counted == 5)
    }
}
