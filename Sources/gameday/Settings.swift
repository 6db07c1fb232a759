import Experiments
import FoundationEssentials
import MeshModel
import Yams

/// `gameday.yaml`: a mesh described by a person. Reading it tells every mistake at once, each with its line.
enum Settings {
    /// Why a file can not be used; the text has one mistake a line.
    struct Invalid: Error, CustomStringConvertible {
        var file: String
        var mistakes: [SettingsMistake]

        var description: String { mistakes.map { $0.text(file: file) }.joined(separator: "\n") }
    }

    /// Reads a file; one that is only to be judged by needs no proxies.
    static func read(file: String, needsProxies: Bool = true) throws(Invalid) -> MeshDescription {
        let text: String
        do {
            text = try FileContent.readText(file, upTo: FileContent.largestYAML)
        } catch {
            throw Invalid(file: file, mistakes: [SettingsMistake(line: 1, message: "\(error)", remedy: nil)])
        }
        return try parse(text, file: file, needsProxies: needsProxies)
    }

    static func parse(_ text: String, file: String, needsProxies: Bool = true) throws(Invalid) -> MeshDescription {
        let mistakes = SettingsMistakes()
        let description = description(of: text, file: file, needsProxies: needsProxies, log: mistakes)
        guard let description, mistakes.all.isEmpty else { throw Invalid(file: file, mistakes: mistakes.all) }
        return description
    }

    private static func description(
        of text: String, file: String, needsProxies: Bool, log: SettingsMistakes
    ) -> MeshDescription? {
        let root: Node
        do {
            guard let node = try compose(text, log) else {
                if !log.all.isEmpty { return nil }
                log.add(SettingsMistake(line: 1, message: "the file is empty", remedy: "The README shows an example."))
                return nil
            }
            root = node
        } catch {
            log.add(mistake(of: error))
            return nil
        }
        let keys = [
            "name", "entrance", "poll", "proxies", "slos", "guards", "protected", "longest-lease", "recording",
            "experiments",
        ]
        guard let members = SettingsNode(node: root, log: log).members(of: "the file", keys: keys) else { return nil }
        var mesh = MeshDescription(name: members["name"]?.text("name") ?? "mesh", proxies: [])
        mesh.entrance = members["entrance"]?.text("entrance").map { ServiceName($0) }
        mesh.pollInterval = members["poll"]?.seconds("poll", in: 0.2...60) ?? mesh.pollInterval
        mesh.longestLease = members["longest-lease"]?.seconds("longest-lease", in: 1...86400) ?? mesh.longestLease
        mesh.experiments = members["experiments"]?.text("experiments")
        for item in members["protected"]?.items(of: "protected") ?? [] {
            if let name = item.text("a protected service") { mesh.protected.insert(ServiceName(name)) }
        }
        if let proxies = members["proxies"] {
            mesh.proxies = self.proxies(proxies, beside: file)
        } else if needsProxies {
            log.add(
                SettingsMistake(
                    line: 1, message: "'proxies' is missing",
                    remedy: "List at least one: - admin: http://127.0.0.1:9901"))
        }
        mesh.objectives = (members["slos"]?.items(of: "slos") ?? []).flatMap { objectives($0, beside: file) }
        tellRepeated(mesh.objectives.map(\.name), in: members["slos"])
        if let recording = members["recording"] { mesh.recording = self.recording(recording) }
        mesh.guards = (members["guards"]?.items(of: "guards") ?? []).compactMap { item in
            let rule = guardRail(item, mesh.objectives)
            if case .blastRadius? = rule, mesh.entrance == nil {
                item.mistake("'blast-radius' is a share of what enters", "Name the service with `entrance:`.")
            }
            return rule
        }
        return mesh
    }

    /// The one document of a text; nil when it holds none, or a key that no reader could bear.
    static func compose(_ text: String, _ log: SettingsMistakes) throws -> Node? {
        if let line = YAMLBounds.lineOfHugeKey(in: text) {
            log.add(SettingsMistake(line: line, message: "a key must be a plain text, not a list or an alias"))
            return nil
        }
        return try Yams.compose(yaml: text)
    }

    static func mistake(of error: any Error) -> SettingsMistake {
        guard let error = error as? YamlError else { return SettingsMistake(line: 1, message: "\(error)") }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return SettingsMistake(line: mark.line, message: "no valid YAML: \(problem)")
        case .reader(let problem, let offset, _, let text):
            let line = text.utf8.prefix(offset ?? 0).count { $0 == 0x0A } + 1
            return SettingsMistake(line: line, message: "no valid YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.prefix(10).map { Output.short("\($0)") }.joined(separator: ", ")
            return SettingsMistake(line: context.mark.line, message: "written twice: \(names)")
        default:
            return SettingsMistake(line: 1, message: "no valid YAML: \(error)")
        }
    }

    private static func proxies(_ list: SettingsNode, beside file: String) -> [MeshDescription.Proxy] {
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        var seen: Set<String> = []
        let items = list.items(of: "proxies")
        if items.isEmpty { list.mistake("'proxies' is empty", "List at least one: - admin: http://127.0.0.1:9901") }
        return items.compactMap { item in
            guard let members = item.members(of: "a proxy", keys: proxyKeys) else { return nil }
            guard let admin = members["admin"] else {
                item.mistake("a proxy needs 'admin'", "The URL of Envoy's admin page, like http://127.0.0.1:9901.")
                return nil
            }
            guard let text = admin.text("admin"), let url = self.url(text) else {
                admin.mistake("admin is no http or https URL", "Write it like http://127.0.0.1:9901.")
                return nil
            }
            // It stands on screens and in recordings, where no secret may go.
            if let whole = URL(string: url), whole.user() != nil || whole.password() != nil {
                admin.mistake("admin has a name or password in it", "Envoy's admin page asks for none: leave it out.")
            }
            if !seen.insert(url).inserted { admin.mistake("\(url) is listed twice", "Remove one of them.") }
            var proxy = MeshDescription.Proxy(
                service: members["service"]?.text("service").map { ServiceName($0) }, admin: url)
            proxy.takeCertificates(from: members, in: folder)
            return proxy
        }
    }

    /// The URL without a slash at its end; nil when it is none that we could ask. What a name of a host may be is left
    /// to who asks it.
    private static func url(_ text: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix), text.count > scheme.count,
            !text.dropFirst(scheme.count).hasPrefix("/"), !text.contains(where: { "?# \t\\\"<>".contains($0) })
        else { return nil }
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }

    /// The objective of an item, or all of the OpenSLO files that it names.
    private static func objectives(_ item: SettingsNode, beside file: String) -> [Objective] {
        guard let path = item["openslo"] else { return objective(item).map { [$0] } ?? [] }
        guard let members = item.members(of: "an OpenSLO item", keys: ["openslo", "service"]) else { return [] }
        let service = members["service"]?.text("service").map { ServiceName($0) }
        let paths: [SettingsNode] = if case .sequence = path.node { path.items(of: "openslo") } else { [path] }
        return OpenSLO.objectives(of: paths, beside: file, service: service)
    }

    private static func objective(_ item: SettingsNode) -> Objective? {
        let keys = ["name", "service", "success", "latency", "window", "budget-left"]
        guard let members = item.members(of: "an SLO", keys: keys) else { return nil }
        guard let service = members["service"]?.text("service") else {
            if members["service"] == nil { item.mistake("an SLO needs 'service'") }
            return nil
        }
        let indicator: Objective.Indicator
        switch (members["success"], members["latency"]) {
        case (let success?, nil):
            guard let target = success.ratio("success") else { return nil }
            indicator = .success(target: target)
        case (nil, let latency?):
            guard let bound = self.latency(latency) else { return nil }
            indicator = bound
        default:
            item.mistake(
                "an SLO needs either 'success' or 'latency'", "Like success: 99.5%, or latency: {p99: 300ms}.")
            return nil
        }
        let name = members["name"]?.text("name") ?? "\(service) \(members["success"] == nil ? "latency" : "success")"
        var objective = Objective(name: name, service: ServiceName(service), indicator: indicator)
        objective.window = members["window"]?.seconds("window", in: 60...31_622_400) ?? objective.window
        objective.budgetAtStart = members["budget-left"]?.ratio("budget-left") ?? objective.budgetAtStart
        return objective
    }

    private static func latency(_ node: SettingsNode) -> Objective.Indicator? {
        let quantiles = ["p50", "p75", "p90", "p95", "p99", "p99.9"]
        guard let members = node.members(of: "latency", keys: quantiles) else { return nil }
        guard members.count == 1, let bound = members.first,
            let quantile = Double(bound.key.dropFirst()),
            let limit = bound.value.seconds(bound.key, in: 0.001...3600)
        else {
            if members.count != 1 { node.mistake("latency needs exactly one quantile", "Like latency: {p99: 300ms}.") }
            return nil
        }
        return .latency(quantile: quantile / 100, limit: limit * 1000)
    }

    private static func guardRail(_ item: SettingsNode, _ objectives: [Objective]) -> Guard? {
        let keys = ["broken", "for", "stale", "budget", "below", "duration", "blast-radius"]
        guard let members = item.members(of: "a guard", keys: keys) else { return nil }
        if let duration = members["duration"] {
            if members.count > 1 { item.mistake("'duration' stands alone in a guard") }
            return duration.seconds("duration", in: 1...86400).map { .duration(seconds: $0) }
        }
        if let share = members["blast-radius"] {
            if members.count > 1 { item.mistake("'blast-radius' stands alone in a guard") }
            return share.ratio("blast-radius").map { .blastRadius(share: $0) }
        }
        if let stale = members["stale"] {
            if members.count > 1 { item.mistake("'stale' stands alone in a guard") }
            return stale.seconds("stale", in: 1...3600).map { .stale(seconds: $0) }
        }
        if let budget = members["budget"], let name = budget.text("budget") {
            tellUnknown(name, budget, objectives)
            guard members.count == 2, let floor = members["below"]?.ratio("below") else {
                if members["below"] == nil || members.count != 2 {
                    item.mistake(
                        "'budget' needs 'below' and nothing else", "Like {budget: orders answered, below: 25%}.")
                }
                return nil
            }
            return .budget(objective: name, floor: floor)
        }
        guard let broken = members["broken"], let name = broken.text("broken") else {
            item.mistake(
                "a guard needs 'broken' with 'for', 'budget' with 'below', 'stale', 'duration' or 'blast-radius'",
                "Like {broken: orders answered, for: 30s}.")
            return nil
        }
        tellUnknown(name, broken, objectives)
        return .broken(objective: name, seconds: members["for"]?.seconds("for", in: 0...86400) ?? 0)
    }

    /// `off`, or how much is kept.
    private static func recording(_ item: SettingsNode) -> MeshDescription.Recording {
        var recording = MeshDescription.Recording()
        if case .scalar(let scalar) = item.node, ["off", "false", "no"].contains(scalar.string) {
            recording.isOn = false
            return recording
        }
        guard let members = item.members(of: "recording", keys: ["keep", "size"]) else { return recording }
        if let text = members["keep"]?.text("keep") {
            if let keep = Int(text), (1...100_000).contains(keep) {
                recording.keep = keep
            } else {
                members["keep"]?.mistake("keep '\(text)' is no number of recordings", "From 1 to 100000.")
            }
        }
        if let text = members["size"]?.text("size") {
            if let bytes = Quantity.bytes(text), bytes >= 1 << 20 {
                recording.bytes = bytes
            } else {
                members["size"]?.mistake("size '\(text)' is no size", "Write it like 500MB or 2GB; 1MB at least.")
            }
        }
        return recording
    }

    private static func tellUnknown(_ name: String, _ node: SettingsNode, _ objectives: [Objective]) {
        let names = objectives.map(\.name)
        guard !names.contains(name) else { return }
        let near = Quantity.nearest(to: name, among: names).map { "Did you mean '\($0)'?" }
        node.mistake("there is no SLO named '\(name)'", near)
    }

    private static func tellRepeated(_ names: [String], in list: SettingsNode?) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            list?.mistake("two SLOs are named '\(name)'", "Give each a name of its own.")
        }
    }
}
