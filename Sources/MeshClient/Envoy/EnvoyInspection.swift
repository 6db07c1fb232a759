internal import MeshModel

/// A look at some Envoys, once: what each is taken for, why, and what can be done there. It changes nothing.
struct EnvoyInspection: Sendable {
    /// One proxy, and what it told.
    struct Found: Sendable {
        var endpoint: EnvoyEndpoint
        var outline: EnvoyOutline
        var shape: EnvoyShape
        /// Why nothing was told.
        var trouble: String?
    }

    private(set) var found: [Found] = []
    private let directory = EnvoyDirectory()
    private let transport: any HTTPTransport

    /// Asks all of them at once, or so many that a small machine bears it.
    init(_ endpoints: [EnvoyEndpoint], _ transport: any HTTPTransport) async {
        self.transport = transport
        let told = await each(endpoints) { await Self.outline(of: $0, transport) }
        // Who has no name of its own gets it from those who call it, who have to be known first.
        var called: [String: EnvoyShape.Reasoned<ServiceName>] = [:]
        for shape in Self.shapes(of: endpoints, told.map(\.outline), called: [:]) {
            called.merge(shape.called) { first, _ in first }
        }
        let shapes = Self.shapes(of: endpoints, told.map(\.outline), called: called)
        for ((endpoint, answer), shape) in zip(zip(endpoints, told), shapes) {
            found.append(
                Found(endpoint: endpoint, outline: answer.outline, shape: shape, trouble: answer.trouble))
            let service = shape.service.value
            let source = directory.unique(service.text)
            directory.add(EnvoyDirectory.Entry(source: source, service: service, endpoint: endpoint))
            if !shape.isPrepared { directory.set(shape, of: source) }
        }
    }

    /// What each is taken for among the others; sources are called by their addresses here.
    private static func shapes(
        of endpoints: [EnvoyEndpoint], _ outlines: [EnvoyOutline], called: [String: EnvoyShape.Reasoned<ServiceName>]
    ) -> [EnvoyShape] {
        var neighbours = EnvoyNeighbours()
        let doors = zip(endpoints, outlines).map { endpoint, outline in
            let own = EnvoyShape.ownName(
                of: outline.node, given: endpoint.service, address: endpoint.authority, rules: endpoint.names)
            let name = own ?? called[endpoint.authority]
            let service = name?.value ?? ServiceName(endpoint.authority)
            neighbours.add(service)
            return outline.doors(of: service, endpoint.authority, at: endpoint, isNameless: name == nil)
        }
        return zip(endpoints, outlines).enumerated().map { place, one in
            var others = neighbours
            for (other, doors) in doors.enumerated() where other != place { others.doors += doors }
            return EnvoyShape(
                one.1, given: one.0.service, address: one.0.authority, rules: one.0.names, neighbours: others,
                called: called[one.0.authority])
        }
    }

    /// All that is known, a line each.
    func lines() async -> [String] {
        var lines: [String] = []
        let injector = EnvoyFaultInjector(directory: directory, transport: transport)
        for one in found {
            lines.append(one.endpoint.shown)
            if let trouble = one.trouble {
                lines.append("    not read: \(trouble)")
                continue
            }
            lines += one.shape.lines.map { "    " + $0 }
            var remedies: [String] = []
            for edge in one.shape.isPrepared ? [] : one.shape.outgoing {
                let scope = Scope.edge(Edge(from: one.shape.service.value, to: edge.to))
                let abilities = await injector.abilities(at: scope)
                lines.append("    faults on \(one.shape.service.value)>\(edge.to): " + Self.words(abilities))
                for remedy in abilities.compactMap(\.remedy) where !remedies.contains(remedy) {
                    remedies.append(remedy)
                }
            }
            lines += remedies.map { "    " + $0 }
        }
        return lines
    }

    /// What their configurations lack for faults, as YAML.
    var adoption: [String] {
        found.flatMap { one in
            one.trouble.map { ["# \(one.endpoint.shown) is not read: \($0)"] }
                ?? EnvoyAdoption(outline: one.outline, shape: one.shape).lines(for: one.endpoint.shown)
        }
    }

    private static func words(_ abilities: [FaultAbility]) -> String {
        if let refusal = abilities.first?.refusal, abilities.allSatisfy({ $0.refusal == refusal }) {
            return "none (\(refusal))"
        }
        return abilities.map { ability in
            if let refusal = ability.refusal { return "no \(ability.word) (\(refusal))" }
            let amounts = ability.steps.first.map { [$0.value.map(String.init).joined(separator: ", ")] } ?? []
            let words = [ability.word] + amounts + ["evidence: \(ability.evidence.rawValue)"]
            return words.joined(separator: " ") + (ability.note.map { " (\($0))" } ?? "")
        }.joined(separator: "; ")
    }

    private static func outline(
        of endpoint: EnvoyEndpoint, _ transport: any HTTPTransport
    ) async -> (outline: EnvoyOutline, trouble: String?) {
        var pages: [EnvoyOutline.Page: JSON] = [:]
        var statuses: Set<Int> = []
        for page in EnvoyOutline.Page.allCases {
            do {
                let answer = try await transport.send(
                    endpoint.request("GET", page.rawValue, deadline: .seconds(3)))
                statuses.insert(answer.status)
                if answer.status == 200, let json = try? JSON(parsing: answer.body) { pages[page] = json }
            } catch {
                return (EnvoyOutline(pages), error.summary)
            }
        }
        guard pages.isEmpty else { return (EnvoyOutline(pages), nil) }
        let words = statuses.sorted().map { "\($0)" }.joined(separator: ", ")
        return (
            EnvoyOutline(pages), endpoint.loginTrouble ?? "its pages return status \(words) without useful data"
        )
    }
}

extension EnvoyOutline {
    /// Where the proxy listens, for those who look for who is where they call.
    func doors(
        of service: ServiceName, _ source: String, at endpoint: EnvoyEndpoint, isNameless: Bool
    ) -> [EnvoyNeighbours.Door] {
        gates.compactMap { gate in
            gate.address.map {
                EnvoyNeighbours.Door(
                    service: service, source: source, host: endpoint.host, address: $0, isNameless: isNameless)
            }
        }
    }
}
