import Glibc
import MeshModel

/// Kills, stops and spoils processes of the bar on request, and takes that back. While somebody wants a process dead, it
/// is not started again.
actor InstanceDesk {
    private enum Word: String, CaseIterable {
        case kill, freeze, spoil
        /// Of a whole service, one instance after the other.
        case restart
    }

    /// What a key asks for, and of whom.
    private struct Wish {
        var word: Word
        var roles: [ChildRole]

        /// Nil for a key that means nothing: it is `kitchen-2/kill`, `kitchen/restart` or `mesh-control/kill`.
        init?(_ key: String, in layout: MeshLayout) {
            let parts = key.split(separator: "/").map(String.init)
            guard parts.count == 2, let word = Word(rawValue: parts[1]) else { return nil }
            self.word = word
            roles =
                parts[0] == InstanceDesk.control
                ? word == .kill ? [.meshControl] : []
                : layout.places.filter { (word == .restart ? $0.service : $0.name) == parts[0] }.map {
                    .service($0.name)
                }
            if roles.isEmpty { return nil }
        }
    }

    /// An instance that is spoilt fails everything but its health checks.
    private static let spoilt = ["--failing", "1"]
    private static let control = "mesh-control"

    private let running: RunningMesh
    private var values: [String: Int] = [:]
    private var starting: Set<ChildRole> = []
    /// Those whose process is a spoilt one.
    private var spoilt: Set<ChildRole> = []

    init(_ running: RunningMesh) {
        self.running = running
    }

    static func socket(in directory: String) -> String { directory + "/keeper.sock" }

    /// Serves until the task is cancelled.
    func run() async throws {
        let socket = Self.socket(in: running.directory.path)
        try await ServiceServer(place: .socket(socket)) { await self.answer($0) }.run()
    }

    /// Starts a process that has ended, unless somebody wants it dead; nil when there is nothing to do.
    func revive(_ role: ChildRole) async -> DemoEvent? {
        guard values["\(role)/kill"] == nil, starting.insert(role).inserted else { return nil }
        defer { starting.remove(role) }
        guard await running.keeper.running[role] == nil else { return nil }
        let isSpoilt = values["\(role)/spoil"] != nil
        do throws(DemoFailure) {
            try await running.start(role, with: isSpoilt ? Self.spoilt : [])
            if isSpoilt { spoilt.insert(role) } else { spoilt.remove(role) }
            return .restarted(role)
        } catch {
            return .notRestarted(role, error)
        }
    }

    private func answer(_ request: ServiceRequest) async -> ServiceAnswer {
        switch (request.method, request.path) {
        case ("GET", BoxPage.path): return .json(await page)
        case ("POST", BoxPage.path):
            for setting in BoxPage.settings(request.body) {
                guard let wish = Wish(setting.key, in: running.cast.layout) else {
                    return Problem(400, "not-taken", "Not taken", "\(setting.key) is nothing that can be asked.").answer
                }
                await change(setting.key, wish, isOn: !setting.value.isEmpty)
            }
            return .ok("ok\n")
        default: return Problem(404, "no-such-thing", "No such thing", "This keeps the bar's processes.").answer
        }
    }

    private func change(_ key: String, _ wish: Wish, isOn: Bool) async {
        guard (values[key] != nil) != isOn else { return }
        values[key] = isOn ? 1 : nil
        switch wish.word {
        case .kill where isOn: await end(wish)
        case .kill: for role in wish.roles { _ = await revive(role) }
        case .freeze: await running.keeper.send(isOn ? SIGSTOP : SIGCONT) { wish.roles.contains($0) }
        case .restart where !isOn: return
        case .spoil, .restart:
            for role in wish.roles {
                await running.keeper.end(patience: .zero) { $0 == role }
                _ = await revive(role)
            }
        }
    }

    private func end(_ wish: Wish) async {
        await running.keeper.end(patience: .zero) { wish.roles.contains($0) }
    }

    private var page: JSON {
        get async {
            let processes = await running.keeper.running
            let held = values.keys.filter { key in
                guard let wish = Wish(key, in: running.cast.layout) else { return false }
                return wish.roles.allSatisfy { role in
                    switch wish.word {
                    case .kill: processes[role] == nil
                    case .freeze: processes[role].map(Self.isStopped) ?? false
                    case .spoil: processes[role] != nil && spoilt.contains(role)
                    case .restart: processes[role] != nil
                    }
                }
            }
            return BoxPage.json(values, offers: offers, isSettled: true) { held.contains($0) }
        }
    }

    private var offers: [BoxPage.Offer] {
        let places = running.cast.layout.places
        let services = Dictionary(grouping: places, by: \.service).sorted { $0.key < $1.key }
        return services.flatMap { service, instances in
            Word.allCases.map { word in
                BoxPage.Offer(at: service, does: word.rawValue, of: word == .restart ? 1 : instances.count)
            }
        } + [BoxPage.Offer(at: "*", does: "kill-control", of: 1)]
    }

    /// Whether a process was stopped by a signal, as `/proc` has it behind its name.
    private static func isStopped(_ process: Int32) -> Bool {
        guard let file = fopen("/proc/\(process)/stat", "re") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return false }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: ")").last?.split(separator: " ").first == "T"
    }
}
