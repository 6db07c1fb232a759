internal import MeshClient
public import MeshModel

/// A journal on disk, as one who comes later reads it and brings it to its end.
public enum JournalFile {
    /// Ends the journal of a run whose process died: nothing of what it holds is lost, and its last words say what
    /// happened and who took back what. Throws when it can't be written.
    public static func conclude(
        _ path: String, title: String, faults: [Undone], because reason: String, isUndone: Bool
    ) throws(JournalError) {
        let known = FileContent.text(of: path, upTo: 64 << 20).flatMap { try? JSONReader.value(of: $0).fields }
        var journal =
            known
            ?? Fields([
                ("experiment", ["title": .text(title)]),
                ("steady_states", ["before": .null, "after": .null, "during": []]),
                ("run", []),
            ])
        let now = WallTime.now
        journal["status"] = "aborted"
        journal["deviated"] = journal["deviated"] ?? false
        journal["rollbacks"] = .list((journal["rollbacks"]?.list ?? []) + faults.map(\.entry))
        // The clock may have been set back meanwhile, and no run ends before it began.
        journal["end"] = .text(max(now.text, journal["start"]?.text ?? ""))
        journal["gameday"] = [
            "lost": true, "held": false, "undone": .bool(isUndone), "summary": .text(reason),
            "rollbacks": "removed by the ledger",
        ]
        try JournalWriter.write(.mapping(journal), to: path)
    }

    /// A fault that the ledger took back after the death of a run.
    public struct Undone: Sendable {
        public var fault: Fault
        /// Who took it back: the guard, or the next control plane.
        public var by: String

        public init(fault: Fault, by: String) {
            self.fault = fault
            self.by = by
        }

        fileprivate var entry: Value {
            let end = fault.endedAt.map { WallTime(microseconds: $0.milliseconds &* 1000) } ?? WallTime.now
            let name = "undo \(fault.id) \(fault.kind.label) on \(fault.edge)"
            let provider: Value = [
                "type": "process", "path": "gameday", "arguments": .list(["fault", "stop", .text(fault.id)]),
            ]
            return [
                "activity": ["type": "action", "name": .text(name), "provider": provider],
                "output": .text("removed by \(by), from the ledger"), "start": .text(end.text), "status": "succeeded",
                "end": .text(end.text), "duration": .number(0),
            ]
        }
    }
}
