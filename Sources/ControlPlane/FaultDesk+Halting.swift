internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// Latches, takes everything back everywhere, and answers with a proof a proxy. Orphans go too, but for those that
    /// are surely another's: after a halt no proxy that answers holds anything else.
    func halt(by: String, because reason: String, isEnd: Bool = false) async -> Halt {
        tools.log.append([.halt(Halt(isLatched: true, by: by, reason: reason, isEnd: isEnd))])
        let ids = open.filter { !$0.isOthers }.map(\.id)
        begin(ending: ids, because: "halted by \(by)")
        let all = Set(holders)
        let own = Set(open.filter { !$0.isOthers }.flatMap(\.undo.parts).map(\.source))
        // Where nothing of ours is, nobody has to wait for what is.
        async let others = wipe(all.subtracting(own))
        let undone = await sweep(ids)
        let silent = Set(undone.filter { !$0.isClean }.map(\.source))
        // What held something and is no usual place for it was seen clean when it let go.
        let proofs =
            await wipe(all.intersection(own).subtracting(silent)) + others
            + undone.filter { silent.contains($0.source) || !all.contains($0.source) }
        let halt = Halt(
            isLatched: true, by: by, reason: reason, proofs: proofs.sorted { $0.source < $1.source }, isEnd: isEnd)
        // Somebody may have rearmed meanwhile; the latch is theirs then.
        if tools.log.read({ $0.isHalted }) { tools.log.append([.halt(halt)]) }
        return halt
    }

    /// Lets faults start again.
    func rearm(by: String) -> Halt {
        let halt = Halt(isLatched: false, by: by, reason: "rearmed")
        if tools.log.read({ $0.isHalted }) { tools.log.append([.halt(halt)]) }
        return halt
    }

    /// Asks the proxies again that had not been seen clean after the halt, and tells when that changes.
    func proveRest() async {
        guard let halt = tools.log.read({ $0.halt }), halt.isLatched else { return }
        let unproven = Set(halt.proofs.filter { !$0.isClean }.map(\.source))
        guard !unproven.isEmpty else { return }
        let proofs = await wipe(unproven)
        guard var now = tools.log.read({ $0.halt }), now.isLatched else { return }
        let before = now
        for proof in proofs where proof.isClean {
            guard let place = now.proofs.firstIndex(where: { $0.source == proof.source }) else { continue }
            now.proofs[place] = proof
        }
        if now != before { tools.log.append([.halt(now)]) }
    }

    /// Looks what these proxies hold, takes it away whatever it is, and looks again.
    private nonisolated func wipe(_ sources: Set<String>) async -> [Halt.Proof] {
        var surveys = await tools.injector.survey(sources)
        let held = surveys.flatMap { $0.faults ?? [] }.filter { !$0.isOthers }
        if !held.isEmpty {
            _ = await tools.injector.undo(held.map(\.undo))
            let again = Set(held.flatMap(\.undo.parts).map(\.source))
            surveys = surveys.filter { !again.contains($0.source) } + (await tools.injector.survey(again))
        }
        let (heard, begun) = tools.log.read { ($0.sources.mapValues(\.heardAt), $0.session?.startedAt) }
        let answers = surveys.map { survey in
            let ours = survey.faults?.filter { !$0.isOthers }
            let others = survey.faults?.filter(\.isOthers).map(\.kind.label).joined(separator: ", ") ?? ""
            let held: String?? = ours.map {
                if !$0.isEmpty { return "still holds \($0.map(\.kind.label).joined(separator: ", "))" }
                return others.isEmpty ? nil : "\(others) not started here stays"
            }
            var proof = Halt.Proof(
                source: survey.source, isClean: ours?.isEmpty ?? false,
                explanation: held ?? survey.explanation ?? "it did not answer")
            if survey.faults == nil { proof.unheardSince = heard[survey.source].flatMap(\.self) ?? begun }
            return proof
        }
        // A proxy that never told its name can't be asked, and that is said.
        let unknown = sources.subtracting(answers.map(\.source)).map {
            Halt.Proof(source: $0, isClean: false, explanation: "it has never answered")
        }
        return answers + unknown
    }
}
