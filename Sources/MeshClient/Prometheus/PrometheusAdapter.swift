internal import MeshModel

/// A Prometheus, or what speaks as it does, by its query API: `prometheus` of gameday.yaml. It is told of a mesh as large
/// as one server holds, some seconds late; faults are put into it by others.
public struct PrometheusAdapter: Adapter {
    public let meter = PollMeter()
    private let settings: PrometheusSettings
    private let surroundings: AdapterSurroundings

    init(_ settings: PrometheusSettings, in surroundings: AdapterSurroundings) {
        self.settings = settings
        self.surroundings = surroundings
    }

    public var injectors: [any Injector] { [] }

    public func observe(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async {
        let clock = ContinuousClock()
        let start = clock.now
        var source = PrometheusSource(
            settings, name: surroundings.names.unique("prometheus"), objectives: surroundings.objectives,
            transport: surroundings.transport, meter: meter)
        while !Task.isCancelled {
            let begun = clock.now
            let observations = await source.round(at: start.duration(to: begun).seconds)
            if Task.isCancelled { return }
            if !observations.isEmpty {
                turns(AdapterTurn(observations.map { $0.calling(called) }))
            }
            let next = begun.advanced(by: .seconds(source.pause))
            meter.turn(isLate: clock.now > next)
            // A server that is slower than its scrapes is left in peace for a while.
            try? await clock.sleep(until: max(next, clock.now.advanced(by: .milliseconds(500))), tolerance: nil)
        }
    }

    /// The scope of a query is no service, whatever its objective is called.
    private func called(_ name: ServiceName) -> ServiceName {
        Objective.name(ofScope: name) == nil ? surroundings.calledHere(name) : name
    }

    /// Asking again would bring the same: new figures come with the next scrape.
    public func pollSoon(_ sources: Set<String>) {}
}

extension PrometheusAdapter: AdapterKind {
    public static var keys: [String] { ["prometheus"] }

    private static let members =
        ["url", "kind", "label", "tenant", "scrape", "window", "match", "ca", "certificate", "key"] + ServerLogin.keys

    public static func read(_ members: [String: SettingsNode], in folder: String) -> AdapterPart? {
        guard let node = members["prometheus"], let own = node.members(of: "prometheus", keys: Self.members) else {
            return nil
        }
        let example = "http://127.0.0.1:9090"
        guard let address = own["url"] else {
            node.mistake("prometheus needs 'url'", "Add one, such as url: \(example).")
            return nil
        }
        guard let url = address.url("url", like: example) else { return nil }
        // It stands on screens and in recordings, where no secret may go.
        if !URLCredentials.all(in: url).isEmpty {
            address.mistake(
                "url must not contain a user name or password", "Use basic: {user: NAME, password-file: FILE}.")
        }
        var settings = PrometheusSettings(endpoint: PrometheusEndpoint(url: url))
        settings.endpoint.tls = TLSOptions(own, for: url, in: folder)
        settings.endpoint.login = ServerLogin(own, for: url, in: folder)
        settings.endpoint.tenant = own["tenant"].flatMap { tenant($0) }
        settings.kind = own["kind"].flatMap { kind($0) }
        settings.label = own["label"].flatMap { label($0) }
        settings.scrape = own["scrape"]?.seconds("scrape", in: 0.1...3600)
        settings.window = own["window"]?.seconds("window", in: 1...86_400)
        settings.matchers = own["match"].flatMap { matchers($0) } ?? ""
        let summary = "a Prometheus (\(settings.kind ?? "auto"))"
        return AdapterPart(summary: summary, answersQueries: true) { [settings] in PrometheusAdapter(settings, in: $0) }
    }

    /// Nil to find out.
    private static func kind(_ node: SettingsNode) -> String? {
        let words = PrometheusDiscovery.marks.map(\.word)
        guard let word = node.text("kind"), word != "auto" else { return nil }
        guard words.contains(word) else {
            node.mistake("unknown kind '\(word.prefix(40))'", "Use one of auto, \(words.joined(separator: ", ")).")
            return nil
        }
        return word
    }

    private static func label(_ node: SettingsNode) -> String? {
        guard let text = node.text("label") else { return nil }
        guard text.first?.isNumber == false, text.utf8.allSatisfy({ $0 == 0x5F || isLetterOrFigure($0) }) else {
            node.mistake("invalid label name", "Use a name such as label: app.")
            return nil
        }
        return text
    }

    private static func isLetterOrFigure(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func tenant(_ node: SettingsNode) -> String? {
        guard let text = node.text("tenant") else { return nil }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), text.utf8.count <= 150 else {
            node.mistake("tenant has characters that a header cannot have", "Use the tenant's name on its server.")
            return nil
        }
        return text
    }

    private static func matchers(_ node: SettingsNode) -> String? {
        guard let text = node.text("match") else { return nil }
        guard !text.contains(where: { "{}\n".contains($0) }), text.contains("=") else {
            node.mistake(
                "match must be a list of label matchers",
                "Use matchers such as match: cluster=\"east\",namespace=~\"shop|pay\".")
            return nil
        }
        return text
    }
}
