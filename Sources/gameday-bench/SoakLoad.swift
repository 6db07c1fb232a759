import Foundation
import MeshClient
import MeshModel
import Synchronization

/// What is done to a control plane during a soak: faults, runs, and a reader on its events.
final class SoakLoad: Sendable {
    private struct State {
        var next = 0
        var events = 0
        var faults: [String: Int] = [:]
        var runs: [String: Int] = [:]
        var edges: [Edge] = []
    }

    private let client: ControlPlaneClient
    private let experiments: [String]
    private let folder: ScratchFolder
    private let state = Mutex(State())

    /// `page` is the admin page of a proxy, which answers requests of runs.
    init(on program: ControlPlaneProgram, page: String) throws {
        client = program.client
        let folder = try ScratchFolder()
        self.folder = folder
        let hasPython = ProcessInfo.processInfo.environment["GAMEDAY_PYTHON"] != nil
        experiments = try SoakExperiments.all(page: page, hasPython: hasPython).enumerated().map {
            try folder.write($1, as: "soak-\($0).json")
        }
    }

    /// Follows the events, as a dashboard does, until the task is cancelled.
    func read() async {
        var mesh = MeshState()
        for await element in client.feed() {
            guard case .event(let event) = element else { continue }
            mesh.apply(event)
            let edges = mesh.edges.keys.sorted { $0.description < $1.description }
            state.withLock {
                $0.events += 1
                $0.edges = edges
            }
        }
    }

    /// Starts a fault; every second one is stopped by hand, the others end with their lease.
    func playFault() async {
        let (number, edges) = state.withLock { state in
            state.next += 1
            return (state.next, state.edges)
        }
        guard !edges.isEmpty else { return count(fault: "no edge yet") }
        let kinds: [FaultKind] = [.abort(status: 503), .delay(milliseconds: 40), .rateLimit(kbps: 64)]
        let request = FaultRequest(
            kind: kinds[number % kinds.count], edge: edges[number / kinds.count % edges.count],
            share: 0.1 + Double(number % 5) / 10, lease: Double(5 + number % 4 * 5), by: "soak")
        do throws(ControlPlaneError) {
            let fault = try await client.start(request)
            count(fault: "started")
            guard number.isMultiple(of: 2) else { return }
            try? await Task.sleep(for: .seconds(request.lease / 2))
            let stopped = try await client.stop(fault.id, by: "soak")
            count(fault: stopped.phase.isOver ? "stopped by hand" : "not stopped: \(stopped.phase.rawValue)")
        } catch {
            count(fault: error.summary)
        }
    }

    /// Plays an experiment whatever the state of the objectives.
    func playRun() async {
        let number = state.withLock { $0.runs.values.reduce(0, +) }
        var request = ExperimentRequest(path: experiments[number % experiments.count], by: "soak")
        request.overridesGate = true
        do throws(ControlPlaneError) {
            let run = try await client.start(request)
            for await element in client.feed() {
                guard case .event(let event) = element else { continue }
                let known: [ExperimentReport] =
                    switch event.observation {
                    case .keyframe(let mesh): mesh.experiments
                    case .experiment(let report): [report]
                    default: []
                    }
                guard let verdict = known.last(where: { $0.id == run.id })?.verdict else { continue }
                return count(run: verdict.outcome.rawValue)
            }
        } catch {
            count(run: error.summary)
        }
    }

    private func count(fault word: String) { state.withLock { $0.faults[word, default: 0] += 1 } }
    private func count(run word: String) { state.withLock { $0.runs[word, default: 0] += 1 } }

    var figures: [Figure] {
        state.withLock { state in
            func counted(_ name: String, _ list: [String: Int]) -> [Figure] {
                list.sorted { $0.key < $1.key }.map { Figure("load", "\(name): \($0.key)", Double($0.value), "") }
            }
            return counted("faults", state.faults) + counted("runs", state.runs)
                + [Figure("load", "events read", Double(state.events), "")]
        }
    }
}

/// The experiments of a soak: every way in which a run acts.
enum SoakExperiments {
    static func all(page: String, hasPython: Bool) -> [String] {
        let programs = (0..<8).map { #"{"type": "process", "path": "/bin/sh", "arguments": "-c 'echo \#($0)'"}"# }
        let requests = (0..<8).map { _ in #"{"type": "http", "url": "\#(page)/server_info", "timeout": 5}"# }
        let python = (0..<4).map { _ in
            #"{"type": "python", "module": "os.path", "func": "exists", "arguments": {"path": "/"}}"#
        }
        return [
            document("programs", programs), document("requests", requests),
            document("both", programs + requests, pausing: true),
        ] + (hasPython ? [document("python", python), document("all", programs + requests + python)] : [])
    }

    private static func document(_ title: String, _ providers: [String], pausing: Bool = false) -> String {
        let activities = providers.enumerated().map { number, provider in
            #"{"type": "probe", "name": "p\#(number)", "provider": \#(provider)"#
                + (pausing && number == 0 ? #", "pauses": {"after": 2}}"# : "}")
        }
        return #"""
            {"title": "soak: \#(title)", "description": "-", "rollbacks": [],
            "steady-state-hypothesis": {"title": "-", "probes": [{"type": "probe", "name": "h", "tolerance": 0,
            "provider": {"type": "process", "path": "/bin/true"}}]}, "method": [\#(activities.joined(separator: ","))]}
            """#
    }
}
