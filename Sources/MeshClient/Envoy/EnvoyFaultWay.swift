internal import MeshModel

/// How one proxy does one kind of fault at one scope: by which keys, how much, and what counts it.
struct EnvoyFaultWay: Equatable, Sendable {
    /// Why there is no way, and what to do about it.
    struct Refusal: Error, Equatable {
        var reason: String
        var remedy: String?
    }

    /// The field of the kind that its amounts are bounds of.
    var field: String
    /// With `{step}` for the amount where each has a key of its own.
    var shareKeys: [String]
    var amountKey: String?
    var amounts: ClosedRange<Int>
    /// The only amounts that there are, where the configuration says which.
    var steps: [Int] = []
    var wantsWholePercents = false
    /// The statistics that count what is hit, by their whole names.
    var counters: [String]
    var evidence = Evidence.counted
    var note: String?

    private var unit: String { field == "rate-limit" ? "KiB/s" : field }

    /// The settings that make the fault, its actual amount and share, and how they differ from what was asked for.
    func settings(amount: Int, share: Double) -> (settings: [EnvoySetting], amount: Int, share: Double, words: String?)
    {
        var words: [String] = []
        // Nearest by ratio: 90 is nearer to 128 than to 64.
        let actual = steps.min { Self.distance($0, amount) < Self.distance($1, amount) } ?? amount
        if actual != amount { words.append("rounded to \(actual) \(unit), the step nearest to \(amount)") }
        var settings = shareKeys.map { key in
            let parts = key.split(separator: "{step}", omittingEmptySubsequences: false)
            return EnvoySetting(key: parts.joined(separator: "\(actual)"), value: EnvoySetting.share(share))
        }
        var actualShare = share
        if wantsWholePercents {
            let percent = max(1, Int((share * 100).rounded()))
            actualShare = Double(percent) / 100
            if abs(actualShare - share) > 0.000_05 { words.append("only whole percentages are possible: \(percent)%") }
            settings = shareKeys.map { EnvoySetting(key: $0, value: "\(percent)") }
        }
        if let amountKey { settings.append(EnvoySetting(key: amountKey, value: "\(actual)")) }
        return (settings, actual, actualShare, words.isEmpty ? nil : words.joined(separator: "; "))
    }

    private static func distance(_ step: Int, _ wish: Int) -> Double {
        Double(max(step, wish)) / Double(max(1, min(step, wish)))
    }
}

extension EnvoySetting {
    /// A share of requests in the finest form that Envoy reads.
    static func share(_ share: Double) -> String {
        let parts = max(1, Int((share * 10_000).rounded()))
        return "{\"numerator\":\(parts),\"denominator\":\"TEN_THOUSAND\"}"
    }
}

extension EnvoyShape {
    /// The way to do a kind of fault, by its word, at an edge or at all that comes in.
    func way(_ word: String, at scope: Scope, admin: String) throws(EnvoyFaultWay.Refusal) -> EnvoyFaultWay {
        let remedy = "Run `gameday adopt \(admin)` and add its output to the proxy's configuration."
        if hasAdminLayer == false {
            throw .init(
                reason: "\(service.value)'s Envoy has no admin layer for runtime settings", remedy: remedy)
        }
        let edge = try edge(of: scope)
        let target: String = edge.map { "\($0.to)" } ?? "\(service.value)"
        do throws(EnvoyFaultWay.Refusal) {
            return try filterWay(word, edge?.to, target, remedy)
        } catch {
            guard word == "abort", let way = maintenanceWay(edge) else { throw error }
            return way
        }
    }

    private func edge(of scope: Scope) throws(EnvoyFaultWay.Refusal) -> Outgoing? {
        guard case .edge(let edge) = scope else { return nil }
        guard let known = outgoing.first(where: { $0.to == edge.to }) else {
            throw .init(reason: "\(service.value)'s proxy has no cluster for \(edge.to)")
        }
        if known.isTCP {
            throw .init(reason: "\(edge.to) is called over TCP, where Envoy cannot inject faults", remedy: nil)
        }
        if known.isMirror { throw .init(reason: "\(edge.to) only gets mirrored requests, whose responses are ignored") }
        return known
    }

    /// By the fault filters that hit this callee, or all that comes in, and nothing else.
    private func filterWay(
        _ word: String, _ to: ServiceName?, _ target: String, _ remedy: String
    ) throws(EnvoyFaultWay.Refusal) -> EnvoyFaultWay {
        func block(_ point: EnvoyFaultPoint) -> EnvoyFaultSettings.Block? { point.settings.block(word) }
        let able = faultPoints.filter { point in
            block(point) != nil && (to.map { point.serves.contains($0) } ?? point.isInbound)
        }
        guard !able.isEmpty else {
            throw .init(reason: "no fault filter on the way to \(target) supports \(word)", remedy: remedy)
        }
        let exact = able.filter { point in
            let sharing = faultPoints.filter { block($0)?.shareKey == block(point)?.shareKey }
            return sharing.allSatisfy { other in to.map { other.serves == [$0] } ?? other.isInbound }
        }
        guard let first = exact.first, let known = block(first) else {
            let others = Set(able.flatMap(\.serves)).subtracting([to].compactMap(\.self)).sorted().map(\.text)
            let also = others.isEmpty ? "other callees" : others.joined(separator: ", ")
            throw .init(reason: "the fault filter on the way to \(target) also hits \(also)", remedy: remedy)
        }
        let blocks = exact.compactMap(block)
        let steps = word == "rate-limit" ? Array(Set(blocks.map(\.amount))).sorted() : []
        var way = EnvoyFaultWay(
            field: word, shareKeys: Set(blocks.map(\.shareKey)).sorted(),
            amountKey: known.amountKey, amounts: EnvoyFaultSettings.amounts(word), steps: steps,
            counters: Set(exact.map { "http.\($0.prefix).fault.\(EnvoyFaultSettings.counter(word))" }).sorted())
        if let step = steps.first {
            way.steps = [step]
            way.amounts = step...step
            way.shareKeys = Set(blocks.filter { $0.amount == step }.map(\.shareKey)).sorted()
        }
        if to.map({ isAttributed(exact, to: $0) }) == false { way.evidence = .held }
        if exact.contains(where: \.settings.isNarrowed) {
            way.note = "its filter hits only requests with certain headers or from certain nodes"
        }
        return way
    }

    /// Whether what these count is told as the edge's.
    private func isAttributed(_ points: [EnvoyFaultPoint], to callee: ServiceName) -> Bool {
        points.allSatisfy {
            names.listeners[$0.prefix] == .edge(to: callee) || names.faults[$0.prefix] == .edge(to: callee)
        }
    }

    /// Without any filter: the cluster itself answers as if it were being maintained.
    private func maintenanceWay(_ edge: Outgoing?) -> EnvoyFaultWay? {
        let clusters = edge?.clusters ?? locals
        guard !clusters.isEmpty else { return nil }
        return EnvoyFaultWay(
            field: "abort", shareKeys: clusters.map { EnvoySetting.maintenance + $0.cluster }, amounts: 503...503,
            steps: [503], wantsWholePercents: true,
            counters: clusters.map { "cluster.\($0.statName).upstream_rq_maintenance_mode" },
            evidence: hidesStatistics ? .held : .counted,
            note: "through the cluster's maintenance mode: 503 only, in whole percentages")
    }
}

extension EnvoySetting {
    /// What stands before the name of a cluster in the key of its maintenance mode.
    static let maintenance = "upstream.maintenance_mode."
}

extension EnvoyFaultSettings {
    func block(_ word: String) -> Block? {
        switch word {
        case "abort": abort
        case "delay": delay
        case "rate-limit": rateLimit
        default: nil
        }
    }

    /// What Envoy can do; it checks nothing itself, and a wrong value silently means something else.
    static func amounts(_ word: String) -> ClosedRange<Int> {
        FaultKindDescription.of(word)?.mainField?.range ?? 0...0
    }

    static func counter(_ word: String) -> String {
        switch word {
        case "abort": "aborts_injected"
        case "delay": "delays_injected"
        default: "response_rl_injected"
        }
    }
}
