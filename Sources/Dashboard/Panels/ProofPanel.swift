import MeshModel
import TerminalCanvas

/// What each proxy itself said after a halt, and whether its fault counters stand still since.
struct ProofPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        if state.shown.halt == nil, area.rows > 4, !state.shown.sources.isEmpty {
            return drawEvidence(state, in: area, on: &canvas)
        }
        let proofs = state.shown.halt?.proofs ?? []
        let clean = proofs.count { $0.isClean }
        let note = proofs.isEmpty ? "" : "\(clean) of \(proofs.count) clean  \(state.keys(of: .proof)) shows all"
        let inner = Box("HALT PROOF", note: note).draw(in: area, on: &canvas)
        for (line, spans) in ProofWords.lines(state.shown, canvas.glyphs).prefix(inner.rows).enumerated() {
            canvas.write(spans, line: line, in: inner)
        }
    }

    /// Before the first halt: what each proxy shows of what was requested, which a halt would have to prove gone.
    private func drawEvidence(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let sources = state.proxyRows
        let inner = Box("PROXY EVIDENCE", note: "No halt yet; \(state.keys(of: .halt)) removes every fault").draw(
            in: area, on: &canvas)
        ProxyTable(state: state, sources: sources, isWhole: false).draw(in: inner, on: &canvas)
    }
}

/// The proof sheet of a halt.
enum ProofWords {
    static func lines(_ mesh: MeshState, _ glyphs: Glyphs) -> [[Span]] {
        guard let halt = mesh.halt else {
            return [
                [Span(" No halt yet. ! removes every fault; each proxy's proof appears here", Style(.muted))]
            ]
        }
        let word = halt.isLatched ? " HALTED " : " RE-ARMED "
        var lines = [
            [
                Span(word, Style(halt.isLatched ? .banner : .muted, .bold)),
                Span(" by \(Text.sanitised(halt.by)): \(Text.sanitised(halt.reason))", Style(.text)),
            ]
        ]
        // What is not clean matters most, so it stands first.
        for proof in halt.proofs.filter({ !$0.isClean }) + halt.proofs.filter(\.isClean) {
            let why = proof.explanation.map { ": \(Text.sanitised($0))" } ?? ""
            let role: StyleRole = proof.isClean ? .ok : .bad
            lines.append(
                [
                    Span(" \(glyphs.mark(role) ?? " ") ", Style(role, .bold)),
                    Span(Text.fitted(Text.sanitised(proof.source), to: 16), Style(.text, .bold)),
                    Span(
                        proof.isClean
                            ? " verified clean"
                            : " \(proof.unheardSince == nil ? "NOT CLEAN" : "NOT READ BACK")\(why)",
                        Style(proof.isClean ? .text : .warn)),
                ] + counters(proof, mesh, glyphs))
        }
        return lines
    }

    /// `counters flat 3 of 3 polls`; nothing once somebody rearmed, for nobody counts then.
    private static func counters(_ proof: Halt.Proof, _ mesh: MeshState, _ glyphs: Glyphs) -> [Span] {
        guard proof.isClean, mesh.isHalted else { return [] }
        let wanted = Watch.provingPolls
        guard let polls = mesh.watch.flatPolls[proof.source] else {
            return [Span("  counters not read yet", Style(.muted))]
        }
        if polls == 0 { return [Span("  "), Span(" COUNTERS STILL RISING ", Style(.bad, .bold))] }
        let isProven = polls >= wanted
        let words = "  counters flat \(min(polls, wanted)) of \(wanted) polls"
        return [
            Span(words, Style(isProven ? .text : .warn)),
            Span(isProven ? " \(Character(glyphs.check.scalar))" : "", Style(.ok)),
        ]
    }
}
