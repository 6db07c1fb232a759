internal import MeshClient
internal import MeshModel

/// What must hold before a fault is let through. It looks at values only, and says no with the numbers.
struct GuardRails: Sendable {
    /// Proxies count shares in ten-thousandths.
    static let smallestShare = 0.0001

    let description: MeshDescription

    /// Throws the rail that the request ran into. The abilities are those of the injectors on its edge.
    func check(
        _ request: FaultRequest, in state: MeshState, open: [Fault], abilities: [FaultAbility]
    ) throws(Problem) {
        if state.isHalted { throw .halted(state.halt) }
        try checkAmounts(request)
        try checkEdge(request.edge, in: state)
        if request.kind.description?.isOfCallee == true { try checkCallers(of: request.edge.to, in: state) }
        // Of several workloads behind a callee each may be meant by itself.
        let isOfCallee = request.kind.description?.isOfCallee == true
        let same = open.first {
            $0.edge == request.edge && $0.kind.word == request.kind.word
                && (!isOfCallee || $0.kind.only == request.kind.only)
        }
        if let same {
            throw .rail(
                "duplicate fault", "\(same.id) has kind \(same.kind.word) on \(request.edge): \(same.phase.word)",
                same.phase == .stuck
                    ? "Retrying every second. If its proxy is gone for good, run `gameday forget \(same.id)`."
                    : "Run `gameday fault stop \(same.id)` first: an edge can have one fault of each kind.")
        }
        if let ability = abilities.best(for: request.kind.word) { try check(request, within: ability) }
    }

    /// The sources that a fault has to do without, of those that are to hold it; the others must be steady.
    func absent(among names: [String], in state: MeshState, at now: Timestamp) throws(Problem) -> [SourceReport] {
        let names = Set(names)
        let absent = state.absentSources(at: now) { names.contains($0.name) }
        let all = names.compactMap { state.sources[$0] }
        let present = all.filter { !absent.contains($0.report) }
        // Where nobody is left, what is known of the absent says why.
        try checkSteady(present.isEmpty ? all : present, in: state, at: now)
        return absent
    }

    /// What the injector that would do it can do there.
    private func check(_ request: FaultRequest, within ability: FaultAbility) throws(Problem) {
        if let refusal = ability.refusal {
            throw .rail(
                "not possible on this edge", "\(request.kind.word) on \(request.edge): \(refusal)", ability.remedy)
        }
        for field in request.kind.description?.fields ?? [] {
            let range = ability.range(of: field)
            guard let amount = request.kind.amount(field.name), !range.contains(amount) else { continue }
            let detail =
                range.count > 1
                ? "\(field.unit.label(amount)) is outside \(field.span(range))"
                : "\(ability.injector) supports only \(field.unit.label(range.lowerBound)) there"
            throw .rail("invalid \(field.title)", detail, ability.note)
        }
        if let only = request.kind.only, !ability.takesConditions {
            throw .rail(
                "not possible on this edge",
                "\(ability.injector) cannot limit a fault to \(only.text)",
                "Remove the condition, or use an edge that Istio controls.")
        }
        guard request.share >= ability.smallestShare else {
            throw .rail(
                "invalid percentage",
                "\(request.share) is less than \(ability.smallestShare), the smallest share there",
                ability.note)
        }
    }

    /// What must hold before a fault is dialled. Less is always allowed: it is a step towards nothing.
    func check(_ share: Double, for fault: Fault, in state: MeshState, at now: Timestamp) throws(Problem) {
        try check(share: share)
        guard share > fault.share else { return }
        if state.isHalted { throw .halted(state.halt) }
        try checkSteady(fault.sources.compactMap { state.sources[$0] }, in: state, at: now)
    }

    private func check(share: Double) throws(Problem) {
        guard share.isFinite, share >= Self.smallestShare, share <= 1 else {
            throw .rail("invalid percentage", "\(share) is outside \(Self.smallestShare) to 1")
        }
    }

    func check(lease: Double) throws(Problem) {
        guard lease.isFinite, lease >= 1, lease <= description.longestLease else {
            let longest = Self.plain(description.longestLease)
            throw .rail(
                "invalid lease", "\(Self.plain(lease)) s is outside 1 s to \(longest) s",
                "Set the longest lease with `longest-lease` in gameday.yaml.")
        }
    }

    private func checkAmounts(_ request: FaultRequest) throws(Problem) {
        try check(share: request.share)
        try check(lease: request.lease)
        guard let description = request.kind.description, request.kind.isKnown else {
            throw .rail(
                "unknown fault", "unknown fault kind '\(request.kind.word)'",
                "Use one of \(FaultKindDescription.words).")
        }
        if !description.hasShare, request.share != 1 {
            throw .rail("invalid percentage", "\(description.name) has no percentage", "Use 100%.")
        }
        if let (field, amount) = description.outOfRange(request.kind) {
            let name = field.name == description.word ? "" : " of a \(description.name)"
            throw .rail("invalid \(field.title)\(name)", "\(field.unit.label(amount)) is outside \(field.span)")
        }
    }

    private func checkEdge(_ edge: Edge, in state: MeshState) throws(Problem) {
        guard state.edges[edge] != nil else {
            let near = Quantity.nearest(to: edge.description, among: state.edges.keys.map(\.description))
            throw Problem(
                .unknownEdge, status: 404, title: "unknown edge",
                detail: near.map { "unknown edge \(edge); did you mean \($0)?" }
                    ?? "unknown edge \(edge); \(state.edges.count) edges are known",
                remedy: "Run `gameday status` to list the edges.")
        }
        for service in [edge.from, edge.to] where description.protected.contains(service) {
            throw .rail(
                "protected service", "\(service) is protected in gameday.yaml", "Choose an edge that does not touch it."
            )
        }
    }

    /// What is done to the callee itself hits all who call it.
    private func checkCallers(of callee: ServiceName, in state: MeshState) throws(Problem) {
        let callers = state.edges.keys.filter { $0.to == callee }.map(\.from)
        guard let caller = callers.filter(description.protected.contains).min() else { return }
        throw .rail(
            "protected service", "\(caller) is protected in gameday.yaml and calls \(callee)",
            "What is done to a callee hits all who call it: choose one that \(caller) does not call, or a fault of requests."
        )
    }

    /// Steady data: a fault is never put into a source that is not heard, since nobody would see what it does.
    private func checkSteady(
        _ sources: [MeshState.SourceStatus], in state: MeshState, at now: Timestamp
    ) throws(Problem) {
        guard !sources.isEmpty else {
            throw .rail("no proxy for it", "no source that could inject the fault is fresh")
        }
        for source in sources.sorted(by: { $0.report.name < $1.report.name }) {
            let age = source.heardAt.map { max(0, now.seconds(since: $0)) } ?? .infinity
            if source.report.state != .fresh || age > ScopeState.patience(pace: state.pace(of: source.report.name)) {
                let why = source.report.explanation.map { ": \($0)" } ?? ""
                let heard = age.isFinite ? "last update \(Self.plain(age)) s ago" : "no data yet"
                throw .rail(
                    "data is stale", "\(source.report.name) is \(source.report.state.rawValue), \(heard)\(why)",
                    "Wait until the proxy answers again.")
            }
        }
    }

    /// A number without a needless fraction.
    static func plain(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let tenths = (value * 10).rounded() / 10
        return tenths.rounded() == tenths && abs(tenths) < 9e15 ? "\(Int64(tenths))" : "\(tenths)"
    }
}
