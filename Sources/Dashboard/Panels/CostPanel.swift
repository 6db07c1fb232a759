import MeshModel
import TerminalCanvas

/// What gameday itself costs, and what it could not keep up with: so that its own doing is not taken for the mesh's.
struct CostPanel: Panel {
    /// Rows that it wants, its frame included.
    static let rows = 7

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        guard let cost = state.mesh.cost else { return }
        let note = cost.isOverloaded ? "polling slowed down: this machine is too busy" : "keeping up"
        let inner = Box("COST OF GAMEDAY", note: note).draw(in: area, on: &canvas)
        for (line, row) in Self.lines(cost, state.frames).enumerated() {
            let name = row.name.padding(to: 11)
            canvas.write([Span(" " + name, Style(.muted))] + row.words, line: line, in: inner)
        }
    }

    private static func lines(_ cost: OwnCost, _ frames: FrameTimes) -> [(name: String, words: [Span])] {
        func count(_ value: UInt64, _ word: String) -> Span {
            Span("\(value) \(word)  ", Style(value > 0 ? .warn : .text))
        }
        func plain(_ text: String) -> Span { Span(text + "  ", Style(.text)) }
        var polls = [
            plain("\(cost.polls)"), count(cost.latePolls, "late"), count(cost.failedPolls, "failed"),
            plain("\(Format.bytes(cost.bytesRead)) read"),
        ]
        if cost.isOverloaded { polls.insert(Span(slow(cost) + "  ", Style(.warn, .bold)), at: 0) }
        let frame = [0.5, 0.99].map { frames.quantile($0).map { Format.decimal($0, places: 1) } ?? Format.unknown }
        return [
            ("polls", polls),
            (
                "events",
                [
                    count(cost.merged, "merged"), count(cost.unrecorded, "not recorded"),
                    plain("\(cost.recorderBacklog) waiting to be recorded"),
                ]
            ),
            (
                "readers",
                [
                    plain("\(cost.readers)"), plain("\(cost.readerLag) events behind"),
                    count(cost.skips, "dropped"), plain("\(Format.bytes(cost.keptLines)) kept"),
                ]
            ),
            (
                "process",
                [
                    plain(Format.bytes(cost.resident)), plain("\(Format.share(cost.processorShare)) of a core"),
                    plain("\(cost.threads) threads"), plain("\(cost.descriptors) descriptors"),
                ]
            ),
            (
                "this screen",
                [plain("\(frame[0]) ms a frame, 99th percentile \(frame[1])"), count(frames.skipped, "events skipped")]
            ),
        ]
    }

    /// By what polls are slower.
    static func slow(_ cost: OwnCost) -> String { "x\(Format.decimal(cost.slowdown, places: 1)) SLOWER" }
}

extension String {
    fileprivate func padding(to columns: Int) -> String {
        self + String(repeating: " ", count: max(1, columns + 1 - count))
    }
}
