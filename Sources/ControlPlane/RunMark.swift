internal import Glibc
internal import MeshModel

/// What is on disk while a run is on: that there is one, where its journal is, and how its programs are told from
/// others. Whoever finds it after the run's control plane died can end both.
struct RunMark: Equatable, Sendable {
    var id: String
    /// The path of the experiment.
    var document: String
    var title: String
    var by: String
    var journal: String
    var startedAt: Timestamp
    /// The value of `GAMEDAY_RUN` in the environment of the run's programs, and of all that these start.
    var word: String
    /// The life of the control plane whose run it is; nil where it was not told.
    var life: Int?

    static let variable = "GAMEDAY_RUN"

    var bytes: [UInt8] {
        let json: JSON = [
            "run": .string(id), "document": .string(document), "title": .string(title), "by": .string(by),
            "journal": .string(journal), "t": .integer(startedAt.milliseconds), "mark": .string(word),
            "life": JSON(life),
        ]
        return json.bytes + [0x0A]
    }

    /// Where the mark of the runs beside a ledger is.
    static func path(beside ledger: String) -> String { ledger + ".run" }

    /// Puts the mark on the disk; when this returns, a crash leaves nothing that can't be ended.
    func write(to path: String) throws(LedgerError) {
        guard Folders.make(Folders.parent(of: path)) else { throw LedgerError("cannot create the folder of \(path)") }
        let beside = path + ".new"
        let file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw LedgerError("cannot open \(beside)") }
        defer { close(file) }
        let bytes = bytes
        guard bytes.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == bytes.count, fsync(file) == 0,
            rename(beside, path) == 0
        else { throw LedgerError("cannot write \(path)") }
        Folders.sync(Folders.parent(of: path))
    }

    /// The mark there; nil when no run is on.
    init?(at path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        self.init(parsing: Array(bytes.prefix(count)))
    }

    /// Nil for what is no mark.
    init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes) else { return nil }
        let fields = WireFields(json, page: "run")
        do {
            id = try fields.string("run")
            document = try fields.string("document")
            title = try fields.string("title")
            by = try fields.string("by")
            journal = try fields.string("journal")
            startedAt = try fields.timestamp("t")
            word = try fields.string("mark")
            life = fields.value("life") == nil ? nil : try fields.integer("life")
        } catch {
            return nil
        }
    }

    init(id: String, document: String, title: String, by: String, journal: String, startedAt: Timestamp, word: String) {
        self.id = id
        self.document = document
        self.title = title
        self.by = by
        self.journal = journal
        self.startedAt = startedAt
        self.word = word
    }

    /// The document's name, without its folder.
    var file: String { document.split(separator: "/").last.map(String.init) ?? document }

    static func remove(at path: String) { unlink(path) }
}

extension RunMark {
    /// Kills every process that was started by the run, at any remove. They are found by their environment: neither a
    /// new group, nor a new session, nor the death of a parent takes the mark away.
    func killProcesses() {
        // What is forked while we look is found the next time.
        for _ in 0..<5 {
            let found = processes
            if found.isEmpty { return }
            for process in found { kill(process, SIGKILL) }
        }
    }

    /// Those that are alive now.
    var processes: [pid_t] {
        let wanted = Array("\(Self.variable)=\(word)".utf8)
        return ProcessList.others.filter { process in
            ProcessList.words(in: "environ", of: process).contains { $0.elementsEqual(wanted) }
        }
    }
}
