import ArgumentParser
import Foundation

/// What a person waits for and what a dashboard costs who leaves it open: a real `gameday` on a pty of 120x40, against
/// a running control plane of the simulated bar.
struct FirstFrameBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "first-frame", abstract: "From typing gameday to its first frame; its memory and CPU when idle.")

    @OptionGroup var options: BenchOptions
    @Option(help: "How often it is started.") var starts = 10

    func measure(seconds: Int) async throws -> [Figure] {
        let bar = try SimulatedProxies(services: nil)
        let controlPlane = try await ControlPlaneProgram(settings: bar.settings)
        try await controlPlane.waitUntilHeard(bar.names.count)
        tellProgress("first-frame: starting the dashboard \(starts) times")
        var environment = controlPlane.environment
        environment.merge(["TERM": "xterm-256color", "LANG": "C.UTF-8"]) { $1 }
        let command = [try Programs.gameday(), "--socket", controlPlane.socket]
        func start(_ command: [String]) throws -> PtyProgram {
            try PtyProgram(command, environment: environment, columns: 120, rows: 40)
        }

        var (nothing, frames, meshes): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<starts {
            nothing.append(try start(["/bin/true"]).drain(for: .seconds(5)) / .milliseconds(1))
            let dashboard = try start(command)
            guard let frame = dashboard.time(until: "help", within: .seconds(10)),
                let mesh = dashboard.time(until: "SIMULATED", within: .seconds(10))
            else { throw BenchError("the dashboard shows nothing within ten seconds") }
            frames.append(frame / .milliseconds(1))
            meshes.append(mesh / .milliseconds(1))
        }
        tellProgress("first-frame: leaving it open")
        let idle = try await Self.idle(try start(command), seconds: seconds * 5 / 2)
        let baseline = nothing.quantile(0.5)
        let range = { (times: [Double]) in String(format: "%.0f to %.0f", times.min() ?? 0, times.max() ?? 0) }
        return [
            Figure("first-frame", "/bin/true, until it has ended", baseline, "ms", note: range(nothing)),
            Figure(
                "first-frame", "gameday, until its footer", frames.quantile(0.5), "ms",
                ratios: [.init(frames.quantile(0.5), to: baseline, "/bin/true")], aim: "under 100",
                note: range(frames)),
            Figure("first-frame", "gameday, until the mesh", meshes.quantile(0.5), "ms", note: range(meshes)),
        ] + idle
    }

    private static func idle(_ dashboard: PtyProgram, seconds: Int) async throws -> [Figure] {
        dashboard.drain(for: .seconds(2))
        let before = try ProcessUsage(of: dashboard.identifier)
        dashboard.drain(for: .seconds(seconds))
        let after = try ProcessUsage(of: dashboard.identifier)
        let share = (after.processor - before.processor) / ((after.at - before.at) / .seconds(1))
        return [
            Figure("first-frame", "idle, of a core", share * 100, "%", aim: "under 1", note: "over \(seconds) s"),
            Figure(
                "first-frame", "idle, resident", try ProcessUsage.resident(dashboard.identifier), "MB",
                aim: "under 40"),
            Figure("first-frame", "idle, proportional", try ProcessUsage.proportional(dashboard.identifier), "MB"),
        ]
    }
}
