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
        var neighbours = EnvoyNeighbours()
        var services: [ServiceName] = []
        for (endpoint, answer) in zip(endpoints, told) {
            let service = EnvoyShape.service(
                of: answer.outline.node, given: endpoint.service, address: endpoint.authority, rules: endpoint.names
            ).value
            services.append(service)
            neighbours.add(service)
        }
        for (place, endpoint) in endpoints.enumerated() {
            var others = neighbours
            for (other, answer) in told.enumerated() where other != place {
                others.doors += answer.outline.doors(of: services[other], services[other].text, at: endpoints[other])
            }
            let shape = EnvoyShape(
                told[place].outline, given: endpoint.service, address: endpoint.authority, rules: endpoint.names,
                neighbours: others)
            found.append(
                Found(endpoint: endpoint, outline: told[place].outline, shape: shape, trouble: told[place].trouble))
            let source = directory.unique(services[place].text)
            directory.add(EnvoyDirectory.Entry(source: source, service: services[place], endpoint: endpoint))
            if !shape.isPrepared { directory.set(shape, of: source) }
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
            let words = [ability.word] + amounts + ["known as \(ability.evidence.rawValue)"]
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
            EnvoyOutline(pages), endpoint.loginTrouble ?? "its pages answer with status \(words) and nothing that tells"
        )
    }
}

extension EnvoyOutline {
    /// Where the proxy listens, for those who look for who is where they call.
    func doors(of service: ServiceName, _ source: String, at endpoint: EnvoyEndpoint) -> [EnvoyNeighbours.Door] {
        gates.compactMap { gate in
            gate.address.map {
                EnvoyNeighbours.Door(service: service, source: source, host: endpoint.host, address: $0)
            }
        }
    }
}
