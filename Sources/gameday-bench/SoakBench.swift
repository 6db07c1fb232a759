import ArgumentParser
import Foundation
import MeshClient
import MeshModel

/// Whether gameday grows with time: a control plane under faults and runs for minutes or hours, with a dashboard and a
/// reader on it, looked at every ten seconds.
struct SoakBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "Faults and runs for minutes or hours: do memory, threads or descriptors grow?",
        discussion: """
            A release control plane watches a simulated mesh. Faults are started at a steady rate and end by their \
            lease or by hand; once a minute a run plays programs, requests, faults and, where a Python is named in \
            GAMEDAY_PYTHON, Python. What happens in the first sixth is not judged, since caches and histories of a \
            fixed length fill. It fails when something is not flat.
            """)

    @Option(help: "How long it lasts.") var minutes = 10.0
    @Option(help: "Faults a minute.") var faults = 10.0
    @Option(help: "The file that every sample is appended to, so that a soak which is cut off still has figures.")
    var samples: String?
    @Option(help: "Judge the samples of such a file, and measure nothing.") var judge: String?
    @Flag(help: "Print one JSON object instead of a table.") var json = false

    private static let interval = Duration.seconds(10)

    func validate() throws {
        if !(1...10_000).contains(minutes) { throw ValidationError("--minutes is 1 to 10000.") }
        if !(0...600).contains(faults) { throw ValidationError("--faults is 0 to 600.") }
    }

    func run() async throws {
        var report = Report()
        var (taken, figures): ([SoakSample], [Figure]) = ([], [])
        if let judge {
            taken = try Self.samples(in: judge)
        } else {
            (taken, figures) = try await soak()
        }
        let names = taken.reduce(into: [String]()) { if !$0.contains($1.process) { $0.append($1.process) } }
        let settling = (taken.last?.at ?? 0) / 6
        let courses = names.map { SoakCourse($0, taken, settling: settling) }
        report.figures = courses.flatMap(\.figures) + figures
        try report.finish(asJSON: json)
        guard !courses.isEmpty, courses.allSatisfy(\.isFlat) else { throw ExitCode.failure }
    }

    private static func samples(in path: String) throws -> [SoakSample] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        // The last line may be cut off.
        return lines.compactMap { try? JSONDecoder().decode(SoakSample.self, from: Data($0.utf8)) }
    }

    private func soak() async throws -> ([SoakSample], [Figure]) {
        let mesh = try SimulatedProxies(services: nil)
        let program = try await ControlPlaneProgram(settings: mesh.settings)
        try await program.waitUntilHeard(mesh.names.count)
        let dashboard = try PtyProgram(
            [try Programs.gameday(), "--socket", program.socket, "--theme", "midnight"],
            environment: program.environment.merging(["TERM": "xterm-256color", "LANG": "C.UTF-8"]) { $1 },
            columns: 120, rows: 40)
        guard dashboard.time(until: "fresh", within: .seconds(30)) != nil else {
            throw BenchError("the dashboard does not show its mesh within half a minute")
        }
        let load = try SoakLoad(on: program, page: mesh.admins[0])
        let reading = Task { await load.read() }
        defer { reading.cancel() }
        let log = try samples.map { try SoakLog(path: $0) }
        tellProgress("soak: \(minutes) minutes, \(faults) faults and a run each of them")
        var taken: [SoakSample] = []
        try await withThrowingDiscardingTaskGroup { group in
            let start = ContinuousClock.now
            var next = (sample: Duration.zero, fault: Duration.seconds(1), run: Duration.seconds(2))
            while true {
                // The dashboard's terminal is read all the time, as a person's is.
                dashboard.discard(for: .milliseconds(250))
                let elapsed = ContinuousClock.now - start
                if elapsed >= next.sample {
                    next.sample += Self.interval
                    let fresh = Self.look(program.identifier, dashboard.identifier, at: elapsed / .seconds(1))
                    try log?.append(fresh)
                    guard fresh.contains(where: { $0.process == "control plane" }) else {
                        throw BenchError("the control plane is gone")
                    }
                    taken += fresh
                }
                guard elapsed < .seconds(minutes * 60) else { break }
                if faults > 0, elapsed >= next.fault {
                    next.fault += .seconds(60 / faults)
                    group.addTask { await load.playFault() }
                }
                if elapsed >= next.run {
                    next.run += .seconds(60)
                    group.addTask { await load.playRun() }
                }
            }
        }
        return (taken, load.figures)
    }

    private static func look(_ controlPlane: Int32, _ dashboard: Int32, at time: Double) -> [SoakSample] {
        var processes = [("control plane", controlPlane), ("dashboard", dashboard)]
        if let guardProcess = ProcessUsage.child(of: controlPlane, running: "guard") {
            processes.insert(("guard", guardProcess), at: 1)
        }
        return processes.compactMap { SoakSample($0.1, called: $0.0, at: time) }
    }
}

/// A file of samples, a JSON object a line.
private final class SoakLog {
    private let file: FileHandle

    init(path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else { throw BenchError("\(path) can't be written") }
        self.file = file
        try file.seekToEnd()
    }

    func append(_ samples: [SoakSample]) throws {
        for sample in samples { try file.write(contentsOf: try JSONEncoder().encode(sample) + Data("\n".utf8)) }
    }
}
