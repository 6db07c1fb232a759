import DemoMesh
import Foundation
import Testing

/// The demo as a program: what its death leaves, and what Envoy thinks of the configurations it writes.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BarProcessTests {
    @Test func `kill -9 of the demo leaves no process`() async throws {
        let demo = Process()
        demo.executableURL = URL(filePath: try RealPrograms.gameday())
        demo.arguments = ["demo", "--no-dashboard", "--envoy", try RealPrograms.envoy().path]
        demo.environment = ["XDG_RUNTIME_DIR": try RealPrograms.directory(), "PATH": "/usr/bin:/bin"]
        let output = Pipe()
        demo.standardOutput = output
        try demo.run()
        let announcement = try await RealPrograms.aside { output.fileHandleForReading.availableData }
        #expect(String(decoding: announcement, as: UTF8.self).contains("is open: 10 services"))
        // Fourteen instances of ten services, as many sidecars, and who tells these what to do; customers and the control
        // plane come once the bar is open.
        var children: [Int32] = []
        let patience = ContinuousClock.now + .seconds(30)
        while children.count < 31, ContinuousClock.now < patience {
            children = Self.children(of: demo.processIdentifier)
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(children.count == 31)
        kill(demo.processIdentifier, SIGKILL)
        demo.waitUntilExit()
        let deadline = ContinuousClock.now + .seconds(10)
        while !children.allSatisfy(Self.isGone), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(children.allSatisfy(Self.isGone))
    }

    @Test(arguments: MeshPlan.bar.services.map(\.name))
    func `Envoy accepts the configuration`(service: String) async throws {
        let file = try RealPrograms.directory() + "/envoy.yaml"
        try Data((try #require(EnvoyBootstrap.example(of: service))).utf8).write(to: URL(filePath: file))
        let envoy = Process()
        envoy.executableURL = URL(filePath: try RealPrograms.envoy().path)
        envoy.arguments = ["--mode", "validate", "-c", file, "--log-level", "error"]
        let output = Pipe()
        envoy.standardOutput = output
        envoy.standardError = output
        try envoy.run()
        let said = try await RealPrograms.aside { try output.fileHandleForReading.readToEnd() ?? Data() }
        envoy.waitUntilExit()
        #expect(envoy.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }

    private static func children(of parent: Int32) -> [Int32] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int32($0) }.filter { fields(of: $0)?.dropFirst().first == String(parent) }
    }

    /// A zombie runs no more; whoever adopted it takes its end when it gets to it.
    private static func isGone(_ process: Int32) -> Bool {
        fields(of: process)?.first.map { $0 == "Z" } ?? true
    }

    /// The fields of `/proc/N/stat` behind the name, which may hold anything: the state, the parent, and so on.
    private static func fields(of process: Int32) -> [String]? {
        guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = line.lastIndex(of: ")")
        else { return nil }
        return line[line.index(after: name)...].split(separator: " ").map(String.init)
    }
}
