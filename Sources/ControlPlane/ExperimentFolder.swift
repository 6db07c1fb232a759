internal import Experiments
internal import Glibc
internal import MeshClient
internal import MeshModel

/// The experiments of a folder. A file is read again only when it has changed.
struct ExperimentFolder {
    private struct Known {
        var stamp: Stamp
        var plan: ExperimentPlan
    }

    private struct Stamp: Equatable {
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    /// A folder with more is no catalogue that a person could choose from.
    private static let most = 200
    private static let largest = 4 << 20

    let path: String
    private let history: RunHistory
    private let network: HTTPDoor
    private var known: [String: Known] = [:]
    /// How the last runs came out, and the list as it was when that was read.
    private var runs: [String: ExperimentPlan.LastRun] = [:]
    private var runsStamp: Stamp?

    init(path: String, history: RunHistory, network: HTTPDoor) {
        self.path = path
        self.history = history
        self.network = network
    }

    /// The path of a file of the catalogue; nil when it has none of this name.
    func file(_ name: String) -> String? {
        !name.contains("/") && known[name] != nil ? "\(path)/\(name)" : nil
    }

    /// What the folder holds now, in the order of the names.
    mutating func read() -> [ExperimentPlan] {
        let names = Array(names.prefix(Self.most))
        known = known.filter { names.contains($0.key) }
        readRuns()
        for name in names {
            let file = "\(path)/\(name)"
            guard let stamp = Self.stamp(of: file) else {
                known[name] = nil
                continue
            }
            if known[name]?.stamp != stamp { known[name] = Known(stamp: stamp, plan: plan(of: file, name, stamp)) }
            known[name]?.plan.lastRun = runs[file]
        }
        return names.compactMap { known[$0]?.plan }
    }

    /// Reads the list of runs again when it has grown; on most looks it has not.
    private mutating func readRuns() {
        let stamp = Self.stamp(of: history.list)
        guard stamp == nil || stamp != runsStamp else { return }
        runsStamp = stamp
        runs = history.lastRuns()
    }

    private func plan(of file: String, _ name: String, _ stamp: Stamp) -> ExperimentPlan {
        guard stamp.size <= Self.largest else {
            return ExperimentPlan(file: name, title: name, problems: ["it is larger than 4 MiB"])
        }
        do throws(DocumentError) {
            return ExperimentPlan(try ExperimentSource(file, network: network, environment: [:]).read(), file: name)
        } catch {
            return ExperimentPlan(file: name, title: name, problems: error.report.prefix(3).map { Excerpt.line($0) })
        }
    }

    private var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let isDocument = [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
            if isDocument, !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func stamp(of file: String) -> Stamp? {
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Stamp(
            size: Int(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }
}
