import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

/// A control plane of the built program whose doors are stormed by whoever can reach them, while a fault is active.
@Suite(.timeLimit(.minutes(5)), .serialized) struct HaltUnderFireTests {
    private let bar: StubEnvoy
    private let home: GamedayHome

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps"])
        home = try GamedayHome()
    }

    private func upWithFault() async throws -> ControlPlaneClient {
        let client = try await home.up([("bar", bar.url)], edges: 1)
        let outcome = try await home.succeed(
            "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "50")
        try #require(outcome.code == 0, "\(outcome.output)")
        #expect(!bar.keys.isEmpty)
        return client
    }

    private func descriptors(of process: pid_t) -> Int {
        var count = 0
        guard let folder = opendir("/proc/\(process)/fd") else { return 0 }
        defer { closedir(folder) }
        while readdir(folder) != nil { count += 1 }
        return count
    }

    /// In KiB.
    private func memory(of process: pid_t) -> Int {
        let line = home.text(of: "/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    @Test func `Huge lines and slow clients at every door don't keep the halt from working, and leave nothing`()
        async throws
    {
        let client = try await upWithFault()
        let process = try #require(home.controlPlane)
        let api = try await client.status()["api"]
        let port = try #require(api?["address"]?.string?.split(separator: ":").last.flatMap { Int($0) })
        let socket = home.socket
        let before = (descriptors: descriptors(of: process), memory: memory(of: process))
        let doors: [@Sendable () throws -> RawConnection] = [
            { try RawConnection(port: port) }, { try RawConnection(unixSocket: socket) },
            { try RawConnection(unixSocket: ControlPlaneSocket.halt(of: socket)) },
        ]
        let floods = doors.flatMap { door in
            [
                Flood(threads: 4) {
                    _ = (try? door())?.ask("GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\n\r\n")
                },
                Flood(threads: 70) {
                    guard let connection = try? door() else { return }
                    for _ in 0..<5 where connection.write("G") { usleep(100_000) }
                },
            ]
        }
        let clock = ContinuousClock()
        var times: [Duration] = []
        for round in 0..<4 {
            var isClean = false
            let halt = try await clock.measure { isClean = try await client.halt(by: "anna", reason: "fire").isClean }
            #expect(isClean)
            if round == 0 { #expect(bar.keys.isEmpty) }
            let status = try await clock.measure { _ = try await client.status() }
            try await client.rearm(by: "anna")
            times += [halt, status / 2]
        }
        #expect(times.sorted()[times.count / 2] < .seconds(1), "\(times)")
        for flood in floods { try await flood.stop() }
        for _ in 0..<300 where descriptors(of: process) > before.descriptors + 4 {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(descriptors(of: process) <= before.descriptors + 4)
        #expect(memory(of: process) < before.memory + 16 << 10)
    }

    @Test func `SIGUSR1 halts everything`() async throws {
        let client = try await upWithFault()
        kill(try #require(home.controlPlane), SIGUSR1)
        try await home.wait(client) { $0.isHalted && $0.activeFaults.isEmpty }
        #expect(bar.keys.isEmpty)
    }

    @Test func `Without descriptors left a halt works, and afterwards everything does`() async throws {
        let client = try await upWithFault()
        let process = try #require(home.controlPlane)
        // As many as it has, and few for those who come.
        let limit = "--nofile=\(descriptors(of: process) + 12)"
        let limited = try await home.run(program: "/usr/bin/prlimit", ["--pid", "\(process)", limit])
        try #require(limited.code == 0, "\(limited.output)")
        let crowd = (0..<60).compactMap { _ in try? RawConnection(unixSocket: home.socket) }
        let halted = try await client.halt(by: "anna", reason: "crowded")
        #expect(halted.isClean && bar.keys.isEmpty)
        _ = try await client.status()
        withExtendedLifetime(crowd) {}
        #expect(try await home.run("down").code == 0)
    }
}

extension Halt {
    fileprivate var isClean: Bool { proofs.allSatisfy(\.isClean) }
}
