import DemoMesh
import Foundation
import Testing

/// A demo as a program, in folders of its own.
struct RunningBar {
    let process: Process
    let folder: String
    private let program: String
    private let environment: [String: String]

    /// Starts a demo and waits until its door has figures.
    static func start(_ more: [String] = ["--no-record"]) async throws -> RunningBar {
        let folder = try RealPrograms.directory()
        let process = Process()
        let program = try RealPrograms.gameday()
        let environment = [
            "XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder, "XDG_DATA_HOME": folder, "PATH": "/usr/bin:/bin",
            "USER": "tester",
        ]
        process.executableURL = URL(filePath: program)
        process.arguments = ["demo", "--no-dashboard", "--envoy", try RealPrograms.envoy().path] + more
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var said = ""
        while !said.contains("Press Ctrl-C to end") {
            let more = try await RealPrograms.aside { output.fileHandleForReading.availableData }
            try #require(!more.isEmpty, "\(said)")
            said += String(decoding: more, as: UTF8.self)
        }
        let bar = RunningBar(process: process, folder: folder, program: program, environment: environment)
        while try await bar.run(["sli", "success", "--of", "door"]).status != 0 {
            try await Task.sleep(for: .milliseconds(100))
        }
        return bar
    }

    /// Runs gameday beside the demo. A test that is out of time gets no further answer, so its loops end.
    func run(_ words: [String]) async throws -> (status: Int32, output: String) {
        try await RealPrograms.run([program] + words, environment, in: folder)
    }

    /// Asks the demo to end, and waits for it.
    func end() {
        process.interrupt()
        process.waitUntilExit()
    }

    var children: [Int32] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let parent = String(process.processIdentifier)
        return processes.compactMap { Int32($0) }.filter { Self.fields(of: $0)?.dropFirst().first == parent }
    }

    /// A zombie runs no more; whoever adopted it takes its end when it gets to it.
    static func isGone(_ process: Int32) -> Bool {
        fields(of: process)?.first.map { $0 == "Z" } ?? true
    }

    private static func fields(of process: Int32) -> [String]? {
        guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = line.lastIndex(of: ")")
        else { return nil }
        return line[line.index(after: name)...].split(separator: " ").map(String.init)
    }
}
