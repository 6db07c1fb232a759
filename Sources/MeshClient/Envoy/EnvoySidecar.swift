internal import MeshModel

/// One sidecar as a poller sees it: what to ask it next, and what its answer says. It does no I/O and has no clock.
final class EnvoySidecar {
    /// After so many silent polls in a row a proxy counts as unreachable, and not as late.
    private static let patience = 3

    let endpoint: EnvoyEndpoint
    private let naming: EnvoyNaming
    /// The seed, if what answers says that it only plays an Envoy.
    private(set) var simulatorSeed: String?
    /// Is it still the service that it said it was? Then it is asked again, and what it tells meanwhile is nobody's.
    private var isDoubted = false
    private var isConfirmed = false
    /// True when the last answer leads to another question, to be asked at once.
    private(set) var asksAgain = false
    private(set) var service: ServiceName?
    private var questions: EnvoyQuestions
    private var wire: EnvoyStatsWire
    private var sampler = EnvoySampler()
    private var page = EnvoyStatsPage()
    private var lastGood: Double?
    private var failures = 0
    /// What the proxy last said of itself.
    private var node: EnvoyOutline.Node?
    private var voice: EnvoyVoice
    /// It says no name of its own, so that its service is its address until somebody calls it something.
    private var isNameless = false
    private var calledName: ServiceName?
    /// Polls for which it waited to be called something.
    private var waited = 0
    /// What kind of Envoy it is, and what is being found out about that.
    var survey = EnvoySurvey()

    init(_ endpoint: EnvoyEndpoint, naming: EnvoyNaming, deadline: Duration, isNew: Bool = false) {
        self.endpoint = endpoint
        self.naming = naming
        service = endpoint.service
        questions = EnvoyQuestions(endpoint, stats: naming.statsPath, deadline: deadline)
        wire = EnvoyStatsWire(naming: naming)
        voice = EnvoyVoice(endpoint, isNew: isNew)
    }

    /// The name of the source, once it was reported under it; it stays for as long as the same service is there.
    var source: String? { voice.source }

    /// True when the last answer was none, or no use.
    var isFailing: Bool { failures > 0 }

    /// The next question: who are you, until that is known; how are you made, once and whenever that changes; and else
    /// always the same page.
    var request: HTTPRequest {
        if service == nil || isDoubted { return questions.whoAreYou }
        if let page = survey.page { return questions.howAreYouMade(page) }
        return survey.pending != nil ? questions.howAreYouMade(.hosts) : questions.stats
    }

    /// Takes the answer to the last question, at a time in seconds on any scale that never goes back. The directory
    /// gives the source a name of its own, and hears what service it is.
    func receive(
        _ result: Result<HTTPResponse, TransportError>, at time: Double, directory: EnvoyDirectory
    ) -> [Observation] {
        asksAgain = false
        if let service, !isDoubted {
            if let page = survey.page { return learn(page, result, service, at: time, directory) }
            if survey.pending != nil { return tellPending(result) }
        }
        do {
            let response = try result.get()
            if let seed = response.header(EnvoyQuestions.simulatorHeader) { simulatorSeed = seed }
            if response.status == 400, questions.askForBuckets() {
                (survey.buckets, asksAgain) = (EnvoyQuestions.buckets, true)
                return []
            }
            guard response.status == 200 else {
                let trouble = endpoint.loginTrouble.map { ": \($0)" } ?? ""
                return fail(
                    "The admin page returns status \(response.status)\(trouble)", isSilent: false, directory)
            }
            guard let service, !isDoubted else {
                let node = try EnvoyServerInfoWire.node(response.body)
                asksAgain = true
                (self.node, survey.node) = (node, nil)
                let own = EnvoyShape.ownName(of: node, given: nil, address: endpoint.authority, rules: endpoint.names)
                isNameless = own == nil && calledName == nil
                return take(own?.value ?? calledName ?? ServiceName(endpoint.authority), directory)
            }
            return try read(response.body, service, at: time, directory)
        } catch let error as TransportError {
            return error == .cancelled ? [] : fail(error.summary, isSilent: error.isSilence, directory)
        } catch let error as WireError {
            return fail(error.summary, isSilent: false, directory)
        } catch {
            return fail("\(error)", isSilent: false, directory)
        }
    }

    private func read(
        _ body: [UInt8], _ service: ServiceName, at time: Double, _ directory: EnvoyDirectory
    ) throws(WireError) -> [Observation] {
        try wire.read(body, into: &page)
        let seconds = max(0, time - (lastGood ?? time))
        if endpoint.service == nil, !isConfirmed, isDoubtful(seconds) {
            (isDoubted, asksAgain) = (true, true)
            return []
        }
        isConfirmed = false
        if isNameless, let source, let called = directory.calledName(of: source) {
            return becomes(called, directory) + (try follow(called, at: time, seconds, directory))
        }
        return try follow(service, at: time, seconds, directory)
    }

    private func follow(
        _ service: ServiceName, at time: Double, _ seconds: Double, _ directory: EnvoyDirectory
    ) throws(WireError) -> [Observation] {
        let trouble = page.health.map { "The proxy is \($0)" }
        let isAnother = survey.shape != nil && sampler.continuity(page, seconds: seconds) != .same
        lastGood = time
        failures = 0
        voice.grow()
        let name = voice.name(for: service, in: directory)
        if survey.wantsPages(wire, page, at: time, isAnother: isAnother) {
            asksAgain = true
            // Nobody knows yet how to read what it counted.
            if survey.isUnknown { return isNameless ? [] : tell(.fresh, trouble, name) }
        }
        if survey.shape != nil, survey.revision != directory.revision { derive(service, directory) }
        let hidden = hiddenScopes
        var report = sampler.sample(
            &page, scopes: wire.scopes, source: name, service: service, seconds: seconds,
            knowsAll: survey.knowsAll, faultParts: wire.faultParts)
        // Of one that may have names of its own, what looks like an edge may be none.
        if survey.isUnknown, !wire.sawOurListener { report.outbound = [] }
        // Those who call it have been asked by then, and its neighbours with them.
        if isNameless, !voice.hasSpoken, waited < 2 {
            waited += asksAgain ? 0 : 1
            return []
        }
        let told = tell(.fresh, trouble, name)
        if survey.shape?.asksHosts == true, !asksAgain {
            survey.pending = EnvoySurvey.Pending(report: report, hidden: hidden, seconds: seconds)
            asksAgain = true
            return told
        }
        return told + [.traffic(report)]
    }

    /// The scopes of which the page says nothing, for somebody hides their statistics.
    private var hiddenScopes: Set<EnvoyStatsWire.Scope> {
        guard survey.shape?.asksHosts == true, !survey.knowsAll else { return [] }
        let told = wire.scopes.indices.filter { page.mentions($0) }.map { wire.scopes[$0] }
        return Set(wire.scopes).subtracting(told)
    }

    /// Takes a page of how the proxy is made; after the last it is known what the proxy is taken for.
    private func learn(
        _ page: EnvoyOutline.Page, _ result: Result<HTTPResponse, TransportError>, _ service: ServiceName,
        at time: Double, _ directory: EnvoyDirectory
    ) -> [Observation] {
        if case .failure(.cancelled) = result { return [] }
        let isLast = survey.take(page, result, at: time)
        asksAgain = survey.page != nil || isLast
        guard isLast else { return [] }
        // One with our names is read as ever, and so is one that tells nothing.
        if survey.outline != nil, !survey.isPrepared { derive(service, directory) }
        return []
    }

    /// Decides again what the proxy is taken for. Another reading begins with a first page.
    private func derive(_ service: ServiceName, _ directory: EnvoyDirectory) {
        guard let outline = survey.outline, let source else { return }
        survey.revision = directory.revision
        directory.set(
            doors: outline.doors(of: service, source, at: endpoint, isNameless: isNameless), of: source)
        let shape = EnvoyShape(
            outline, given: service, address: endpoint.authority, rules: endpoint.names,
            neighbours: directory.neighbours(of: source), naming: naming)
        guard shape != survey.shape else { return }
        survey.shape = shape
        directory.set(shape, of: source)
        let isSame = wire.names == shape.names
        questions.ask(shape.statsPath(buckets: survey.buckets))
        guard !isSame else { return }
        wire = EnvoyStatsWire(naming: naming, names: shape.names)
        (sampler, page) = (EnvoySampler(isPlain: true), EnvoyStatsPage())
        survey.changes = nil
        survey.hosts = nil
    }

    /// Tells the report that waited for its hosts, with them if they came.
    private func tellPending(_ result: Result<HTTPResponse, TransportError>) -> [Observation] {
        if case .failure(.cancelled) = result { return [] }
        guard let pending = survey.pending.take() else { return [] }
        var report = pending.report
        if let body = try? result.get(), body.status == 200, let json = try? JSON(parsing: body.body) {
            let hosts = EnvoyHosts(json)
            if let earlier = survey.hosts, let names = survey.shape?.names {
                report.take(hosts, since: earlier, names, hidden: pending.hidden, seconds: pending.seconds)
            }
            survey.hosts = hosts
        }
        return [.traffic(report)]
    }

    /// Whatever goes on counting is the same process. Of another one, and after a silence, nobody knows who it is.
    private func isDoubtful(_ seconds: Double) -> Bool {
        lastGood != nil
            && (failures > 0 || sampler.isUptimeOdd(page, seconds: seconds)
                || sampler.continuity(page, seconds: seconds) != .same)
    }

    /// Takes the name that a proxy says of itself. With another one it is another source from now on, to which none of
    /// the old one's figures belong.
    private func take(_ name: ServiceName, _ directory: EnvoyDirectory) -> [Observation] {
        defer { service = name }
        isDoubted = false
        guard let service, service != name else {
            isConfirmed = service != nil
            return []
        }
        let gone = moveOut("Another proxy answers at its address: \(name)", directory)
        voice.fallSilent()
        (lastGood, failures) = (nil, 0)
        sampler = EnvoySampler()
        survey = EnvoySurvey()
        questions.ask(naming.statsPath)
        wire = EnvoyStatsWire(naming: naming)
        return gone
    }

    /// Takes the name by which others call it. What was told under its address ends.
    private func becomes(_ name: ServiceName, _ directory: EnvoyDirectory) -> [Observation] {
        let gone = moveOut("Its callers call it \(name)", directory)
        voice.fallSilent()
        (isNameless, calledName, service) = (false, name, name)
        survey.revision = 0
        return gone
    }

    private func fail(_ why: String, isSilent: Bool, _ directory: EnvoyDirectory) -> [Observation] {
        failures += 1
        let isLost = lastGood == nil || (isSilent && failures >= Self.patience)
        let name = voice.name(for: service, in: directory)
        return tell(isLost ? .unreachable : .stale, why, name)
    }

    /// Nothing names it any more: it is no part of the mesh, and no fault goes there.
    func leave(_ directory: EnvoyDirectory) -> [Observation] {
        moveOut("removed from its list", directory, health: SourceReport.gone)
    }

    /// The source ends under its name, if it was ever told.
    private func moveOut(_ why: String, _ directory: EnvoyDirectory, health: String? = nil) -> [Observation] {
        guard let source else { return [] }
        directory.moveOut(source)
        return voice.hasSpoken ? tell(.unreachable, why, source, health: health) : []
    }

    private func tell(
        _ state: SourceState, _ explanation: String?, _ name: String, health: String? = nil
    ) -> [Observation] {
        voice.tell(
            state, explanation, as: name, of: service, survey.node ?? node, health: health ?? page.health)
    }
}

extension TransportError {
    /// True when nothing came back; false when something did, which is no use.
    fileprivate var isSilence: Bool {
        switch self {
        case .notHTTP, .tooLarge: false
        default: true
        }
    }
}
