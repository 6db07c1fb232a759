import MeshModel
import TerminalCanvas

/// What each proxy itself said after a halt.
struct ProofPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let halt = state.shown.halt
        let proofs = halt?.proofs ?? []
        let clean = proofs.count { $0.isClean }
        let note = proofs.isEmpty ? "" : "\(clean) of \(proofs.count) clean"
        let inner = Box("PROOF OF THE HALT", note: note).draw(in: area, on: &canvas)
        guard let halt else {
            canvas.write(
                [Span(" no halt yet: ! undoes everything, and here stands what each proxy then says", Style(.muted))],
                line: 0, in: inner)
            return
        }
        let word = halt.isLatched ? " HALTED " : " rearmed "
        canvas.write(
            [
                Span(word, Style(halt.isLatched ? .banner : .muted, .bold)),
                Span(" by \(halt.by): \(halt.reason)", Style(.text)),
            ], line: 0, in: inner)
        // What is not clean matters most, so it stands first.
        for (line, proof) in (proofs.filter { !$0.isClean } + proofs.filter(\.isClean)).enumerated() {
            let mark = canvas.glyphs.mark(proof.isClean ? .ok : .bad) ?? " "
            let why = proof.explanation.map { ": \($0)" } ?? ""
            canvas.write(
                [
                    Span(" \(mark) ", Style(proof.isClean ? .ok : .bad, .bold)),
                    Span("\(proof.source) ", Style(.text, .bold)),
                    Span(proof.isClean ? "seen clean" : "NOT CLEAN\(why)", Style(proof.isClean ? .text : .warn)),
                ], line: line + 1, in: inner)
        }
    }
}
