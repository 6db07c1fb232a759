import ArgumentParser
import Foundation

/// How long a person waits for what a key does: a real `gameday` on a pty of 120x40 before a large mesh that is live.
struct KeyBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "From a key to the screen, with a thousand services live.")

    @OptionGroup var options: BenchOptions
    @Option(help: "How many services the mesh has.") var services = 1000
    @Option(help: "How many keys are typed.") var keys = 400

    /// No other place of the screen has these letters, so what comes with one is what the key did.
    private static let letters = Array("αβγδεζηθικλμνξοπρστυφχψω")

    func measure(seconds: Int) async throws -> [Figure] {
        let mesh = try SimulatedProxies(services: services)
        let controlPlane = try await ControlPlaneProgram(settings: mesh.settings)
        try await controlPlane.waitUntilHeard(mesh.names.count)
        var environment = controlPlane.environment
        environment.merge(["TERM": "xterm-256color", "LANG": "C.UTF-8"]) { $1 }
        let dashboard = try PtyProgram(
            [try Programs.gameday(), "--socket", controlPlane.socket, "--theme", "midnight"], environment: environment,
            columns: 120, rows: 40)
        guard dashboard.time(until: "\(services) proxies fresh", within: .seconds(30)) != nil else {
            throw BenchError("the dashboard does not show its mesh within half a minute")
        }
        dashboard.drain(for: .seconds(2))
        tellProgress("key: typing \(keys) letters")
        guard dashboard.answer(to: "N", showing: "NOTE", within: .seconds(5)) != nil else {
            throw BenchError("the dashboard takes no note")
        }
        var typed: [Double] = []
        for index in 0..<keys {
            let letter = String(Self.letters[index % Self.letters.count])
            typed.append(try Self.milliseconds(dashboard.answer(to: letter, showing: letter, within: .seconds(5))))
            // Keys fall anywhere into the second, between the polls and into them.
            dashboard.drain(for: .milliseconds(7 + index * 13 % 40))
            if index % Self.letters.count == Self.letters.count - 1 {
                dashboard.type(String(repeating: "\u{7F}", count: Self.letters.count))
                dashboard.drain(for: .milliseconds(60))
            }
        }
        return [
            Figure(
                "key", "a letter typed before \(services) services, 99th percentile", typed.quantile(0.99), "ms",
                aim: "under 25",
                note: String(
                    format: "median %.1f, worst %.1f, %d keys, load %.1f", typed.quantile(0.5), typed.max() ?? 0,
                    typed.count, Report.load))
        ]
    }

    private static func milliseconds(_ time: Duration?) throws -> Double {
        guard let time else { throw BenchError("a key was not answered within five seconds") }
        return time / .milliseconds(1)
    }
}
