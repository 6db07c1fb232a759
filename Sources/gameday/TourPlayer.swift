import DemoMesh
import Experiments
import FoundationEssentials
import MeshClient
import MeshModel

/// Plays the cue sheet by itself: a note on the timeline for each cue, its experiment, and the pause to look at it.
struct TourPlayer: Sendable {
    let client: ControlPlaneClient
    /// Where the experiments are.
    let folder: String
    /// Pauses are so many times shorter. Experiments take the time that they take.
    let speed: Double
    let tell: @Sendable (String) -> Void

    private static let name = "tour"

    /// Returns at the end of the sheet, or soon after it was cancelled.
    func play() async {
        let clock = ContinuousClock()
        for (number, cue) in Tour.cues.enumerated() where !Task.isCancelled {
            let start = clock.now
            tell("\(number + 1). \(cue.title)")
            try? await client.note(Note(by: Self.name, text: "\(number + 1). \(cue.title). \(cue.say.first ?? "")"))
            // The first words are spoken before anything happens.
            guard await pause(seconds(of: cue) * 0.2) else { return }
            await act(cue)
            let left = .seconds(seconds(of: cue)) - (clock.now - start)
            guard await pause(left / .seconds(1)) else { return }
        }
    }

    private func seconds(of cue: Cue) -> Double { Double(cue.seconds) / speed }

    private func pause(_ seconds: Double) async -> Bool {
        guard seconds > 0 else { return !Task.isCancelled }
        return (try? await Task.sleep(for: .seconds(seconds))) != nil
    }

    private func act(_ cue: Cue) async {
        switch cue.act {
        case .watch: return
        case .run(let file): await run(file)
        case .halt: await halt()
        }
    }

    private func run(_ file: String) async {
        var options = RunOptions()
        options.environment = ProcessInfo.processInfo.environment
        options.journalPath = "\(folder)/\(file).journal.json"
        let network = HTTPDoor { () throws(TransportError) in try CurlTransport() }
        let source = ExperimentSource(
            "\(folder)/\(file)", network: network, environment: options.environment, settings: .null,
            verifiesTLS: true)
        let summary: String
        do {
            let runner = ExperimentRunner(try await source.load(), options: options, network: network)
            summary = try await withTaskCancellationHandler {
                try await runner.run().summary
            } onCancel: {
                runner.interrupt(Interruption(reason: "the tour was ended"))
            }
        } catch let error as DocumentError {
            // A model has nobody at the door to order from.
            guard error.cause != .missing else { return tell("   left out: \(file) needs the real bar") }
            summary = error.summary
        } catch {
            summary = "The experiment could not be run: \(error)"
        }
        tell("   \(summary)")
        try? await client.note(Note(by: Self.name, text: summary))
    }

    private func halt() async {
        let request = FaultRequest(
            kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 0.5, lease: 60, by: Self.name)
        do {
            _ = try await client.start(request)
            guard await pause(8 / speed) else { return }
            let halt = try await client.halt(by: Self.name, reason: "the last cue")
            tell("   \(halt.proofs.count { $0.isClean }) of \(halt.proofs.count) proxies seen clean")
            guard await pause(12 / speed) else { return }
            try await client.rearm(by: Self.name)
        } catch {
            tell("   \(error)")
        }
    }
}
