import Dashboard
import MeshClient
import MeshModel

/// Performs what the dashboard wants done, by the control plane, and says what became of it.
struct EffectRunner: Sendable {
    let client: ControlPlaneClient
    /// The name of this dashboard: what it starts carries it, so that it is undone if the dashboard is lost.
    let watcher: String

    /// How long a goodbye may take: nobody waits at a door longer.
    static let patience = Duration.seconds(1)

    func perform(_ effect: Effect) async -> Outcome {
        do throws(ControlPlaneError) {
            switch effect {
            case .startFault(let request): _ = try await client.start(request)
            case .learnAbilities(let edge): return .learnt(edge, try await client.abilities(on: edge))
            case .learnProtection(let edge): _ = try await client.protection(of: edge)
            case .learnLog(let edge, let onlyFailing):
                return .logged(try await client.log(of: edge, onlyFailing: onlyFailing), onlyFailing: onlyFailing)
            case .stopFault(let id): return ended(try await client.stop(id, by: watcher), effect)
            case .changeFault(let id, let change): _ = try await client.change(id, change, by: watcher)
            case .halt(let reason): return proven(try await client.halt(by: watcher, reason: reason), effect)
            case .rearm: _ = try await client.rearm(by: watcher)
            case .startExperiment(let file, let overridesGate):
                _ = try await client.start(
                    ExperimentRequest(name: file, by: watcher, overridesGate: overridesGate))
            case .abortExperiment(let id): _ = try await client.abortExperiment(id, by: watcher)
            case .note(let text, let kind): try await client.note(Note(by: watcher, text: text, kind: kind))
            case .quit(.halting):
                let outcome = proven(try await client.halt(by: watcher, reason: "the dashboard was closed"), effect)
                if case .done = outcome { await sayGoodbye() }
                return outcome
            case .quit(.plain): await sayGoodbye()
            case .quit(.lost), .travel, .theme, .screenshot, .copy, .openLink, .redraw, .suspend: break
            }
            return .done(effect)
        } catch {
            return .failed(effect, summary: error.summary, remedy: error.remedy)
        }
    }

    private func ended(_ fault: Fault, _ effect: Effect) -> Outcome {
        if fault.phase.isOver { return .done(effect) }
        return .failed(
            effect, summary: "\(fault.id) is \(fault.phase.word)",
            remedy: fault.explanation ?? "Retrying every second until it is removed.")
    }

    private func proven(_ halt: Halt, _ effect: Effect) -> Outcome {
        let dirty = halt.proofs.filter { !$0.isClean }.map(\.source)
        if dirty.isEmpty { return .done(effect) }
        return .failed(
            effect, summary: "not verified clean: \(dirty.joined(separator: ", "))",
            remedy: "Retrying every second.")
    }

    private func sayGoodbye() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await client.leave(watcher: watcher) }
            group.addTask { try? await Task.sleep(for: Self.patience) }
            await group.next()
            group.cancelAll()
        }
    }
}
