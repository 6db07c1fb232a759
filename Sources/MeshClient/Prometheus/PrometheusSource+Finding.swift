internal import MeshModel

extension PrometheusSource {
    /// Finds out which mesh there is; nil when there is none that is known here.
    mutating func discover() async throws(PrometheusError) -> PrometheusDiscovery? {
        if version == nil { version = await serverVersion() }
        let question = PrometheusDiscovery.question(kind: settings.kind, matchers: settings.matchers)
        guard var found = PrometheusDiscovery(try await rows(question), kind: settings.kind) else { return nil }
        if found.word == EnvoyMetrics.word {
            if let label = settings.label {
                found.metrics = EnvoyMetrics(label: label)
            } else {
                found.takeLabel(try await rows(PrometheusDiscovery.labelQuestion(matchers: settings.matchers)))
            }
        }
        if let scrape = settings.scrape {
            found.interval = scrape
        } else if let known = await scrapeInterval(found) {
            found.interval = known
        } else {
            found.isAssumed = true
        }
        return found
    }

    private func rows(_ question: MeshQuestion) async throws(PrometheusError) -> [MeshAnswers.Row] {
        var answers = MeshAnswers()
        for result in await ask([question]) { answers.take(try result.get(), for: question.part) }
        return answers.rates(question.part)
    }

    /// By the list of targets; by how often a series was seen where that list is closed to us, or not kept.
    private func scrapeInterval(_ found: PrometheusDiscovery) async -> Double? {
        if let request = try? settings.endpoint.targets(deadline: deadline),
            let response = try? await transport.send(request), response.status == 200,
            let interval = PrometheusTargets.interval(response.body, jobs: found.jobs)
        {
            return interval
        }
        let series = PrometheusDiscovery.marks.first { $0.word == found.word }?.series ?? "up"
        let question = MeshQuestion(.services, "max(count_over_time(\(series)[5m]))", labels: [])
        return (try? await rows(question))?.first.flatMap { PrometheusTargets.interval(seen: $0.value) }
    }

    private func serverVersion() async -> String? {
        guard let request = try? settings.endpoint.buildInfo(deadline: deadline),
            let response = try? await transport.send(request), response.status == 200,
            let page = try? JSON(parsing: response.body)
        else { return nil }
        return page["data"]?["version"]?.string.map { String($0.prefix(40)) }
    }
}

/// How the targets do that tell of the mesh.
struct PrometheusHealth: Equatable, Sendable {
    private(set) var targets = 0
    private(set) var downCount = 0
    /// Those that are down, by job and address, when there are not too many to name.
    private(set) var down: Set<String> = []

    private static let mostNamed = 20

    init() {}

    static func question(jobs: Set<String>) -> MeshQuestion {
        let braces =
            jobs.isEmpty || jobs.count > 50 ? "" : "{job=~\"\(PrometheusTargets.alternatives(jobs.sorted()))\"}"
        let up = "up\(braces)"
        return MeshQuestion(
            .targets,
            "label_replace(count(\(up)), \"x\", \"all\", \"\", \"\")"
                + " or label_replace(count(\(up) == 0), \"x\", \"down\", \"\", \"\")"
                + " or topk(\(mostNamed + 1), \(up) == 0)", labels: ["instance", "job", "x"])
    }

    init(_ answer: PrometheusAnswer) {
        for series in answer.series {
            let value = series.points.last.flatMap { RequestRates.usable($0.value) } ?? 0
            switch series.labels[2] {
            case "all": targets = Int(value)
            case "down": downCount = Int(value)
            default: down.insert("\(series.labels[0]) (\(series.labels[1]))")
            }
        }
        if down.count > Self.mostNamed { down = [] }
    }

    /// What has changed, a sentence each.
    func news(since before: Set<String>) -> [String] {
        down.subtracting(before).sorted().map { "the target \($0) is down: its data is missing" }
            + (downCount > Self.mostNamed ? [] : before.subtracting(down).sorted().map { "\($0) is no longer down" })
    }

    /// `2 of 14 targets are down: a, b`; nil when all are up.
    var words: String? {
        guard downCount > 0 else { return nil }
        let names = down.sorted().prefix(3).joined(separator: ", ")
        return "\(downCount) of \(targets) targets are down" + (names.isEmpty ? "" : ": \(names)")
    }
}

extension RateMesh {
    /// Leaves out the edges of the least traffic beyond so many; how many these were, or nil.
    mutating func limit(to most: Int) -> Int? {
        guard edges.count > most else { return nil }
        let kept = edges.sorted { $0.value.rates.completed > $1.value.rates.completed }.prefix(most)
        defer { edges = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) }) }
        return edges.count - most
    }
}
