internal import Glibc
internal import MeshModel

/// The folder of journals, and the list of how each run came out: a line a run, appended only.
struct RunHistory: Sendable {
    /// The folder of the journals.
    let folder: String

    /// The file with a line a run.
    var list: String { folder + "/runs.jsonl" }

    /// The place for the journal of a run that begins now. Names sort by time.
    func journal(of file: String, id: String, at: Timestamp) -> String? {
        guard Folders.make(folder) else { return nil }
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
        let plain = stem.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "-" }
        return "\(folder)/\(at.milliseconds)-\(id)-\(String(plain.prefix(80))).json"
    }

    /// Notes how a run of a document came out. What can't be noted only makes the catalogue forget it.
    func note(_ outcome: ExperimentReport.Verdict.Outcome, of document: String, journal: String, at: Timestamp) {
        guard Folders.make(folder) else { return }
        let file = open(list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        let json: JSON = [
            "document": .string(document), "outcome": .string(outcome.rawValue), "journal": .string(journal),
            "t": .integer(at.milliseconds),
        ]
        _ = (json.bytes + [0x0A]).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }

    /// How the last run of each document came out, by the document's path.
    func lastRuns() -> [String: ExperimentPlan.LastRun] {
        let file = open(list, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [:] }
        defer { close(file) }
        // The newest stand at the end; what is older than this is forgotten.
        let size = lseek(file, 0, SEEK_END)
        lseek(file, max(0, size - 256 << 10), SEEK_SET)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(file, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        var runs: [String: ExperimentPlan.LastRun] = [:]
        for line in bytes.split(separator: 0x0A) {
            guard let json = try? JSON(parsing: Array(line)) else { continue }
            let fields = WireFields(json, page: "runs")
            guard let document = try? fields.string("document"), let at = try? fields.timestamp("t"),
                let outcome = try? fields.word("outcome", ExperimentReport.Verdict.Outcome.self)
            else { continue }
            runs[document] = ExperimentPlan.LastRun(outcome: outcome, at: at)
        }
        return runs
    }
}
