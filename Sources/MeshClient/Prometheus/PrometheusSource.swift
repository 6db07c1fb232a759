internal import MeshModel

/// One Prometheus: finds out what it knows of the mesh, and asks one round of few questions after another.
struct PrometheusSource {
    let settings: PrometheusSettings
    let objectives: [Objective]
    let transport: any HTTPTransport
    let meter: PollMeter
    let name: String

    var discovery: PrometheusDiscovery?
    var discoveredAt = 0.0
    var version: String?
    var sampler: RateSampler
    var roundAt: Double?
    var told: SourceReport?
    var down: Set<String> = []

    /// So many questions are asked at once: a server has others to answer as well.
    private static let atOnce = 4
    /// What was found out is looked at again after so many seconds.
    private static let discoveryLasts = 600.0
    /// A mesh of more edges is shown without those of the least traffic: labels may be made up by callers.
    static let mostEdges = 20_000

    init(
        _ settings: PrometheusSettings, name: String, objectives: [Objective],
        transport: any HTTPTransport,
        meter: PollMeter
    ) {
        self.settings = settings
        self.name = name
        self.objectives = objectives
        self.transport = transport
        self.meter = meter
        let own = objectives.compactMap(\.ownQuantile)
        sampler = RateSampler(quantiles: Set([0.5, 0.95, 0.99] + own).sorted())
    }

    /// Seconds from the begin of one round to that of the next: new figures come with scrapes.
    var pause: Double { told?.state == .fresh ? interval : min(interval, 5) }

    var interval: Double {
        settings.scrape ?? discovery?.interval ?? PrometheusDiscovery.usualInterval
    }

    /// Seconds that rates are averaged over: a rate needs two scrapes, and one of them may be late.
    var window: Double { max(settings.window ?? 0, 4 * interval) }

    var deadline: Duration { .seconds(min(30, max(5, interval))) }

    /// One round, at this many seconds of any clock.
    mutating func round(at now: Double) async -> [Observation] {
        do {
            if discovery == nil || now - discoveredAt > Self.discoveryLasts {
                discovery = try await discover() ?? discovery
                discoveredAt = now
            }
            let seconds = roundAt.map { min(2 * interval, max(0.1, now - $0)) } ?? interval
            let asked = await answersToObjectives(seconds: seconds)
            let mesh: [Observation]
            if let discovery {
                mesh = try await round(discovery, seconds, asked.refusals)
            } else {
                mesh = withoutMesh(asked.refusals)
            }
            roundAt = now
            return mesh + asked.reports.map { .traffic($0) }
        } catch {
            return tell(
                .unreachable, [error.summary, error.remedy].compactMap(\.self).joined(separator: ". "))
        }
    }

    /// Somebody may want nothing of it but answers to the queries of objectives.
    private mutating func withoutMesh(_ refusals: [String]) -> [Observation] {
        guard settings.kind == nil, objectives.contains(where: { $0.query != nil }) else {
            return tell(.stale, nothingFound)
        }
        return tell(
            .fresh, (["only queries of SLOs: \(nothingFound)"] + refusals).joined(separator: "; "))
    }

    private mutating func round(
        _ discovery: PrometheusDiscovery, _ seconds: Double, _ refusals: [String]
    ) async throws(PrometheusError) -> [Observation] {
        var found = try await answers(discovery)
        found.losses += refusals
        var mesh = discovery.metrics.mesh(of: found.answers)
        guard !mesh.isEmpty else {
            self.discovery = nil
            return tell(.stale, "no \(discovery.word) series changed in the last \(Self.plain(window))")
        }
        if let left = mesh.limit(to: Self.mostEdges) {
            found.losses.append("\(left) edges are left out")
        }
        let reports = sampler.reports(of: mesh, source: name, seconds: seconds)
        let notes = found.health.news(since: down)
        down = found.health.down
        return tell(.fresh, words(discovery, found.health, found.losses))
            + notes.map { .note(Note(by: name, text: $0)) } + reports.map { .traffic($0) }
    }

    /// What a round of questions brings: the mesh, its targets, and what is missing, in words.
    private func answers(
        _ discovery: PrometheusDiscovery
    ) async throws(PrometheusError) -> (
        answers: MeshAnswers, health: PrometheusHealth, losses: [String]
    ) {
        var asking = MeshAsking(
            window: PrometheusTargets.promQL(window), matchers: settings.matchers,
            quantiles: sampler.quantiles)
        asking.isNative = discovery.isNative
        let questions =
            discovery.metrics.questions(asking).filter {
                if case .latency = $0.part { discovery.hasLatencies } else { true }
            } + [PrometheusHealth.question(jobs: discovery.jobs)]
        var answers = MeshAnswers()
        var health = PrometheusHealth()
        var losses: [String] = discovery.hasLatencies ? [] : ["no latency series"]
        for (question, result) in zip(questions, await ask(questions)) {
            switch result {
            case .success(let answer):
                losses += answer.warnings
                if question.part == .targets {
                    health = PrometheusHealth(answer)
                } else {
                    answers.take(answer, for: question.part)
                }
            case .failure(let error) where question.part.isNeeded: throw error
            case .failure(let error): losses.append(error.summary)
            }
        }
        return (answers, health, losses)
    }

    /// Asks some questions, a few at a time; the answers are in their order.
    func ask(_ questions: [MeshQuestion]) async -> [Result<PrometheusAnswer, PrometheusError>] {
        var results: [Result<PrometheusAnswer, PrometheusError>] = []
        for start in stride(from: 0, to: questions.count, by: Self.atOnce) {
            let some = Array(questions[start..<min(questions.count, start + Self.atOnce)])
            var requests: [HTTPRequest] = []
            do throws(PrometheusError) {
                for question in some {
                    requests.append(try settings.endpoint.query(question.text, deadline: deadline))
                }
            } catch {
                return results + questions[start...].map { _ in .failure(error) }
            }
            var found = some.map { _ in
                Result<PrometheusAnswer, PrometheusError>.failure(.transport(.cancelled))
            }
            for await answers in transport.answers(to: requests) {
                for answer in answers {
                    let result = Result { () throws(PrometheusError) in
                        try settings.endpoint.answer(answer.result, labels: some[answer.place].labels)
                    }
                    found[answer.place] = result
                    count(answer, isGood: (try? result.get()) != nil)
                }
            }
            results += found
        }
        return results
    }

    private func count(_ answer: HTTPAnswer, isGood: Bool) {
        var sums = PollMeter.Sums()
        if isGood { sums.polls = 1 } else { sums.failed = 1 }
        if case .success(let response) = answer.result { sums.bytes = UInt64(response.body.count) }
        meter.add(sums)
    }
}
