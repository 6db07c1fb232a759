import DemoMesh
import MeshClient
import MeshModel
import TerminalCanvas

/// Plays the cue sheet by itself: a note on the timeline for each cue, its experiment, and the pause to look at it.
struct TourPlayer: Sendable {
    let client: ControlPlaneClient
    let tour: Tour
    /// Pauses are so many times shorter. Experiments take the time that they take.
    let speed: Double
    let tell: @Sendable (String) -> Void

    private static let name = "tour"

    /// Returns at the end of the sheet, or soon after it was cancelled.
    func play() async {
        let clock = ContinuousClock()
        for (number, cue) in tour.cues.enumerated() where !Task.isCancelled {
            let start = clock.now
            tell("\(number + 1). \(cue.title)")
            try? await client.note(Note(by: Self.name, text: "\(number + 1). \(cue.title). \(cue.say.first ?? "")"))
            if let showing = cue.showing { try? await client.note(Note(by: Self.name, text: showing)) }
            // The first words are spoken before anything happens.
            guard await pause(seconds(of: cue) * 0.2) else { return }
            let isShown = await act(cue)
            if let lesson = cue.lesson, isShown { await tickOff(cue.title, lesson) }
            let left = .seconds(seconds(of: cue)) - (clock.now - start)
            guard await pause(left / .seconds(1)) else { return }
        }
    }

    /// What is to be remembered stands on the timeline, and so in the recording and the report.
    private func tickOff(_ title: String, _ lesson: String) async {
        tell("   ✓ \(lesson)")
        try? await client.note(Note(by: Self.name, text: "\(title), ticked off. \(lesson)", kind: .finding))
    }

    private func seconds(of cue: Cue) -> Double { Double(cue.seconds) / speed }

    private func pause(_ seconds: Double) async -> Bool {
        guard seconds > 0 else { return !Task.isCancelled }
        return (try? await Task.sleep(for: .seconds(seconds))) != nil
    }

    /// False when what was to be seen did not happen, or not as it was told: then nothing was learnt.
    private func act(_ cue: Cue) async -> Bool {
        switch cue.act {
        case .watch: return true
        case .run(let file): return await run(file)
        case .halt:
            await halt()
            return true
        }
    }

    /// The control plane runs it, so that every dashboard shows it and the recording has it. True when it came to its
    /// end: a hypothesis that was wrong teaches as much as one that held.
    private func run(_ file: String) async -> Bool {
        do throws(ControlPlaneError) {
            let run = try await begin(file)
            guard let verdict = await client.end(of: run).verdict else { return false }
            for words in verdict.words.prefix(1) { tell("   \(Text.sanitised(words))") }
            return [.held, .deviated, .completed].contains(verdict.outcome)
        } catch .refused(let problem) where problem.kind == .notFound {
            // A model has nobody at the door to order from.
            tell("   skipped: \(file) needs the real bar")
        } catch {
            tell("   \(error.summary)")
            try? await client.note(Note(by: Self.name, text: "\(file) could not run: \(error.summary)"))
        }
        return false
    }

    /// What went before may still burn: the gate gets some time to open, and then the show goes on over it.
    private func begin(_ file: String) async throws(ControlPlaneError) -> ExperimentReport {
        var wish = ExperimentRequest(name: file, by: Self.name)
        for _ in 0..<5 {
            do throws(ControlPlaneError) {
                return try await client.start(wish)
            } catch .refused(let problem) where problem.kind == .gateShut {
                guard await pause(2 / speed) else { throw .refused(problem) }
            }
        }
        wish.overridesGate = true
        return try await client.start(wish)
    }

    private func halt() async {
        let request = FaultRequest(
            kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 0.5, lease: 60, by: Self.name)
        do {
            _ = try await client.start(request)
            guard await pause(8 / speed) else { return }
            let halt = try await client.halt(by: Self.name, reason: "the last cue")
            tell("   \(halt.proofs.count { $0.isClean }) of \(halt.proofs.count) proxies verified clean")
            guard await pause(12 / speed) else { return }
            try await client.rearm(by: Self.name)
        } catch {
            tell("   \(error)")
        }
    }
}
