import Experiments
import FoundationEssentials
import MeshClient
import MeshModel
import TerminalCanvas

/// `gameday.yaml`: a mesh described by a person, and what observes it. Reading it tells every mistake at once, each with
/// its line.
struct Settings: Sendable {
    var mesh: MeshDescription
    /// What is asked for of the adapters, each from its own key.
    var adapters: [AdapterPart] = []

    /// Why a file can not be used; the text has one mistake a line.
    struct Invalid: Error, CustomStringConvertible {
        var file: String
        var mistakes: [SettingsMistake]

        var description: String { mistakes.map { $0.text(file: file) }.joined(separator: "\n") }
    }

    /// A cluster that the command line names, in place of the one of the file.
    struct Cluster: Sendable {
        var context: String?
        /// Empty for the one that the context names, nil for all.
        var namespaces: [String]?

        /// What a mesh is called that no file names.
        var name: String {
            let spaces = namespaces.map { $0.joined(separator: ",") } ?? "all"
            return [context ?? "cluster", spaces].filter { !$0.isEmpty }.joined(separator: "/")
        }

        /// As the file would say it: JSON is YAML too.
        fileprivate func node(_ log: SettingsMistakes) -> SettingsNode? {
            var members: [JSON.Member] = []
            if let context { members.append(JSON.Member("context", .string(context))) }
            if let namespaces {
                if !namespaces.isEmpty {
                    members.append(JSON.Member("namespaces", .array(namespaces.map { .string($0) })))
                }
            } else {
                members.append(JSON.Member("namespaces", "all"))
            }
            return SettingsNode(yaml: JSON.object(members).text, log: log)
        }
    }

    /// Reads a file; one that is only to be judged by needs nothing to observe.
    static func read(
        file: String, needsAdapters: Bool = true, cluster: Cluster? = nil
    ) throws(Invalid) -> Settings {
        let text: String
        do {
            text = try FileContent.readText(file, upTo: FileContent.largestYAML)
        } catch {
            throw Invalid(file: file, mistakes: [SettingsMistake(line: 1, message: "\(error)")])
        }
        return try parse(text, file: file, needsAdapters: needsAdapters, cluster: cluster)
    }

    static func parse(
        _ text: String, file: String, needsAdapters: Bool = true, cluster: Cluster? = nil
    ) throws(Invalid) -> Settings {
        let log = SettingsMistakes()
        let settings = settings(of: text, file: file, needsAdapters: needsAdapters, cluster: cluster, log: log)
        guard let settings, log.all.isEmpty else { throw Invalid(file: file, mistakes: log.all) }
        return settings
    }

    private static func settings(
        of text: String, file: String, needsAdapters: Bool, cluster: Cluster?, log: SettingsMistakes
    ) -> Settings? {
        guard let root = SettingsNode(yaml: text, log: log) else {
            if log.all.isEmpty {
                log.add(
                    SettingsMistake(
                        line: 1, message: "the file is empty", remedy: "Run `gameday config --default` for an example.")
                )
            }
            return nil
        }
        let keys = [
            "name", "entrance", "poll", "slos", "guards", "protected", "longest-lease", "recording", "experiments",
            "links", "certificate-warning",
        ]
        guard var members = root.members(of: "the file", keys: keys + Adapters.keys) else { return nil }
        if let cluster { members[Adapters.clusterKey] = cluster.node(log) }
        var mesh = MeshDescription(name: members["name"]?.text("name") ?? cluster?.name ?? "mesh")
        mesh.entrance = members["entrance"]?.text("entrance").map { ServiceName($0) }
        mesh.pollInterval = members["poll"]?.seconds("poll", in: 0.2...60) ?? mesh.pollInterval
        mesh.longestLease = members["longest-lease"]?.seconds("longest-lease", in: 1...86400) ?? mesh.longestLease
        mesh.certificateWarning = members["certificate-warning"]?.seconds(
            "certificate-warning", in: 1...31_622_400)
        mesh.experiments = members["experiments"]?.text("experiments")
        for item in members["protected"]?.items(of: "protected") ?? [] {
            if let name = item.text("a protected service") { mesh.protected.insert(ServiceName(name)) }
        }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        let adapters = Adapters.parts(of: members, in: folder)
        if needsAdapters, !Adapters.isNamed(in: members) { log.add(Adapters.missing) }
        let canQuery = adapters.contains(where: \.answersQueries)
        mesh.objectives = (members["slos"]?.items(of: "slos") ?? []).flatMap {
            objectives($0, beside: file, canQuery: canQuery)
        }
        tellRepeated(mesh.objectives.map(\.name), in: members["slos"])
        if let recording = members["recording"] { mesh.recording = self.recording(recording) }
        mesh.links = members["links"]?.links() ?? []
        mesh.guards = (members["guards"]?.items(of: "guards") ?? []).compactMap { item in
            let rule = guardRail(item, mesh.objectives)
            if case .blastRadius? = rule, mesh.entrance == nil {
                item.mistake(
                    "'blast-radius' needs an entry point", "Add `entrance:` with the service where requests enter.")
            }
            return rule
        }
        return Settings(mesh: mesh, adapters: adapters)
    }

    /// The objective of an item, or all of the OpenSLO files that it names.
    private static func objectives(_ item: SettingsNode, beside file: String, canQuery: Bool) -> [Objective] {
        guard let path = item["openslo"] else {
            guard let objective = objective(item) else { return [] }
            if objective.query != nil, !canQuery {
                item.mistake("'query' needs a Prometheus server", "Add one: prometheus: {url: http://…}.")
            }
            return [objective]
        }
        guard let members = item.members(of: "an OpenSLO item", keys: ["openslo", "service"]) else { return [] }
        let service = members["service"]?.text("service").map { ServiceName($0) }
        let paths = path.isList ? path.items(of: "openslo") : [path]
        return OpenSLO.objectives(of: paths, beside: file, service: service, runsQueries: canQuery)
    }

    private static func objective(_ item: SettingsNode) -> Objective? {
        let keys = ["name", "service", "success", "latency", "window", "budget-left"]
        guard let members = item.members(of: "an SLO", keys: keys) else { return nil }
        guard let service = members["service"]?.text("service") else {
            if members["service"] == nil { item.mistake("an SLO needs 'service'") }
            return nil
        }
        let bound: ObjectiveBound?
        switch (members["success"], members["latency"]) {
        case (let success?, nil): bound = ObjectiveBound(success: success)
        case (nil, let latency?): bound = ObjectiveBound(latency: latency)
        default:
            item.mistake(
                "an SLO needs either 'success' or 'latency'",
                "Use a target such as success: 99.5%, or latency: {p99: 300ms}.")
            return nil
        }
        let name = members["name"]?.text("name") ?? "\(service) \(members["success"] == nil ? "latency" : "success")"
        guard let bound else { return nil }
        var objective = Objective(name: name, service: ServiceName(service), indicator: bound.indicator)
        objective.query = bound.query
        objective.window = members["window"]?.seconds("window", in: 60...31_622_400) ?? objective.window
        objective.budgetAtStart = members["budget-left"]?.ratio("budget-left") ?? objective.budgetAtStart
        return objective
    }

    private static func guardRail(_ item: SettingsNode, _ objectives: [Objective]) -> Guard? {
        let keys = ["broken", "for", "stale", "budget", "below", "duration", "blast-radius"]
        guard let members = item.members(of: "a guard", keys: keys) else { return nil }
        if let duration = members["duration"] {
            if members.count > 1 { item.mistake("'duration' must be the only key of a guard") }
            return duration.seconds("duration", in: 1...86400).map { .duration(seconds: $0) }
        }
        if let share = members["blast-radius"] {
            if members.count > 1 { item.mistake("'blast-radius' must be the only key of a guard") }
            return share.ratio("blast-radius").map { .blastRadius(share: $0) }
        }
        if let stale = members["stale"] {
            if members.count > 1 { item.mistake("'stale' must be the only key of a guard") }
            return stale.seconds("stale", in: 1...3600).map { .stale(seconds: $0) }
        }
        if let budget = members["budget"], let name = budget.text("budget") {
            tellUnknown(name, budget, objectives)
            guard members.count == 2, let floor = members["below"]?.ratio("below") else {
                if members["below"] == nil || members.count != 2 {
                    item.mistake(
                        "'budget' needs 'below' and no other key",
                        "Use a guard such as {budget: orders answered, below: 25%}.")
                }
                return nil
            }
            return .budget(objective: name, floor: floor)
        }
        guard let broken = members["broken"], let name = broken.text("broken") else {
            item.mistake(
                "a guard needs 'broken' with 'for', 'budget' with 'below', 'stale', 'duration' or 'blast-radius'",
                "Use a guard such as {broken: orders answered, for: 30s}.")
            return nil
        }
        tellUnknown(name, broken, objectives)
        return .broken(objective: name, seconds: members["for"]?.seconds("for", in: 0...86400) ?? 0)
    }

    /// `off`, or how much is kept.
    private static func recording(_ item: SettingsNode) -> MeshDescription.Recording {
        var recording = MeshDescription.Recording()
        if let word = item.scalar, ["off", "false", "no"].contains(word) {
            recording.isOn = false
            return recording
        }
        guard let members = item.members(of: "recording", keys: ["keep", "size"]) else { return recording }
        if let text = members["keep"]?.text("keep") {
            if let keep = Int(text), (1...100_000).contains(keep) {
                recording.keep = keep
            } else {
                members["keep"]?.mistake("invalid keep '\(text)'", "Use a number from 1 to 100000.")
            }
        }
        if let text = members["size"]?.text("size") {
            if let bytes = Quantity.bytes(text), bytes >= 1 << 20 {
                recording.bytes = bytes
            } else {
                members["size"]?.mistake("invalid size '\(text)'", "Use a size such as 500MB or 2GB, at least 1MB.")
            }
        }
        return recording
    }

    private static func tellUnknown(_ name: String, _ node: SettingsNode, _ objectives: [Objective]) {
        let names = objectives.map(\.name)
        guard !names.contains(name) else { return }
        let near = Quantity.nearest(to: name, among: names).map { "Did you mean '\($0)'?" }
        node.mistake("unknown SLO '\(name)'", near)
    }

    private static func tellRepeated(_ names: [String], in list: SettingsNode?) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            list?.mistake("two SLOs are named '\(name)'", "Give each SLO a different name.")
        }
    }
}

extension SettingsMistake {
    func text(file: String) -> String {
        "\(self.file ?? file):\(line): \(Text.clipped(message, to: 2000))" + (remedy.map { "\n    \($0)" } ?? "")
    }
}
