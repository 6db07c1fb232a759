internal import Glibc
internal import MeshModel
internal import PinnedThreads

/// Looks at one list of targets again and again. A list that can't be had, or has a mistake, changes nothing: the last
/// good one stays, and what is wrong is told.
///
/// It has a thread of its own, since a resolver or a disk may hang.
actor TargetWatch {
    /// What a look brought.
    struct Look: Equatable, Sendable {
        /// Nil where they are the same as before.
        var targets: [FoundTarget]?
        /// What is wrong now, in words for a person; nil where nothing is.
        var trouble: String?
    }

    /// What tells one state of a file from another.
    private struct FileState: Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let list: TargetList
    private let thread = PinnedThread.forWork(name: "targets")
    private let resolve: @Sendable (String) throws(Addresses.Unknown) -> [String]
    private var known: [FoundTarget]?
    private var fileState: FileState?
    private var trouble: String?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(
        _ list: TargetList,
        resolve: @escaping @Sendable (String) throws(Addresses.Unknown) -> [String] = Addresses.all
    ) {
        self.list = list
        self.resolve = resolve
    }

    deinit { thread.stop() }

    func look() -> Look {
        let targets: [FoundTarget]?
        switch list.place {
        case .file(let path): targets = read(path)
        case .name(let host, let port): targets = addresses(of: host, port)
        }
        guard let targets, targets != known else { return Look(targets: nil, trouble: trouble) }
        known = targets
        return Look(targets: targets, trouble: trouble)
    }

    /// Reads the file if it is another than before.
    private func read(_ path: String) -> [FoundTarget]? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            (fileState, trouble) = (nil, keeping("\(path): \(String(cString: strerror(errno)))"))
            return nil
        }
        let state = FileState(
            inode: UInt(status.st_ino), size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
        guard state != fileState else { return nil }
        fileState = state
        let text: String
        do { text = try FileContent.readText(path) } catch {
            trouble = keeping("\(path): \(error)")
            return nil
        }
        let log = SettingsMistakes()
        guard let targets = FileSD.targets(text, in: path, of: list, log: log) else {
            let shown = log.all.prefix(3).map { "\(path):\($0.line): \($0.message)" }
            let more = log.all.count > 3 ? ["and \(log.all.count - 3) more"] : []
            trouble = keeping((shown + more).joined(separator: "; "))
            return nil
        }
        trouble = nil
        return targets
    }

    private func addresses(of host: String, _ port: UInt16) -> [FoundTarget]? {
        do throws(Addresses.Unknown) {
            let addresses = try resolve(host)
            trouble = nil
            return addresses.map { FoundTarget(url: "\(list.scheme)://\($0):\(port)", service: list.service) }
        } catch {
            trouble = keeping("\(host): \(error.cause)")
            return nil
        }
    }

    private func keeping(_ what: String) -> String {
        what + (known.map { "; keeping the last valid list of \($0.count)" } ?? "")
    }
}
