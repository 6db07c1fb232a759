internal import MeshModel

/// One pod's sidecar as a poller sees it: which page to ask next, and what its answer says. It does no I/O and has no
/// clock.
final class IstioSidecar: Polled {
    /// How to ask a pod for a page.
    typealias Asking = @Sendable (IstioPod, IstioPod.Page) -> HTTPRequest

    /// After so many failures in a row a pod counts as unreachable, and not as late.
    private static let patience = 3
    /// Whoever came later is called new for so many answers.
    private static let newFor = 30
    /// Where a pod offers no metrics, so many polls pass until it is asked again whether it does.
    private static let probeEvery = 10
    /// The longest that a pod is left alone, in seconds: each try may open a way into it.
    private static let longestRest = 30.0

    private(set) var target: IstioPod
    private let ask: Asking
    private let services: PolledServices
    private let pages: [IstioPod.Page]
    /// The page that is asked, which is the right one once it is settled.
    private var place = 0
    private var isSettled = false
    private var nextProbe = 0
    private var polls = 0
    private(set) var source: String?
    private(set) var asksAgain = false
    private var wire = IstioPageWire()
    private var page = IstioPage()
    private var sampler = IstioSampler()
    private var figures = IstioEdgeFigures()
    private var attempts = IstioAttempts()
    private var lastGood: Double?
    private var failures = 0
    private var restsUntil = 0.0
    private var reported: SourceReport?
    private var newness: Int

    init(_ pod: IstioPod, services: PolledServices, isNew: Bool = false, asking ask: @escaping Asking) {
        target = pod
        pages = pod.pages
        self.ask = ask
        self.services = services
        newness = isNew ? Self.newFor : 0
    }

    var isFailing: Bool { failures > 0 }
    var simulatorSeed: String? { nil }
    var request: HTTPRequest { ask(target, pages[place]) }

    func update(_ target: IstioPod) { self.target = target }

    func isDue(at time: Double) -> Bool { time >= restsUntil }

    func receive(_ result: Result<HTTPResponse, TransportError>, at time: Double) -> [Observation] {
        asksAgain = false
        if case .failure(.cancelled) = result { return [] }
        do {
            let response = try result.get()
            guard response.status == 200 else { return try no(response) }
            switch pages[place] {
            case .metrics: return try read(metrics: response.body, at: time)
            case .clusters: return try read(clusters: response.body, at: time)
            }
        } catch let error as TransportError {
            if error.isOfPort, goesOn() { return [] }
            return fail(error.shown, at: time)
        } catch let error as WireError {
            return fail(error.summary, at: time)
        } catch {
            return goesOn() ? [] : fail("\(error)", at: time)
        }
    }

    /// The page is not to be had, so that another may be.
    private struct NotThere: Error, CustomStringConvertible {
        var description: String
    }

    private func no(_ response: HTTPResponse) throws -> [Observation] {
        throw NotThere(description: "\(pages[place].shown) returns status \(response.status)")
    }

    /// Turns to the next page; false when the pod is settled on this one, or it is the last.
    private func goesOn() -> Bool {
        if let back = probedFrom {
            (place, probedFrom, asksAgain) = (back, nil, true)
            return true
        }
        guard !isSettled, place + 1 < pages.count else { return false }
        place += 1
        asksAgain = true
        return true
    }

    /// The page to go back to, while another is tried.
    private var probedFrom: Int?

    private func read(metrics body: [UInt8], at time: Double) throws -> [Observation] {
        try wire.read(body, into: &page)
        // One that has counted nothing yet says that it is Istio's all the same.
        if !isSettled || probedFrom != nil {
            guard wire.isIstio else { throw NotThere(description: "\(pages[place].shown) has no Istio metrics") }
            if probedFrom != nil { lastGood = nil }
            (isSettled, probedFrom) = (true, nil)
        }
        let (name, seconds) = begin(at: time)
        let around = IstioSampler.Surroundings(
            service: target.service, isGateway: target.isGateway, name: services.name, isHeard: services.isHeard,
            senders: services.senders(to: target.service))
        let reports = sampler.sample(&page, of: wire, source: name, seconds: seconds, in: around)
        services.set(callees: Set(reports[0].outbound.map(\.to)), of: target.service)
        let cut = wire.isCut ? "It has more label sets than are read" : nil
        let edges = figures.take(sampler.counted, source: name, seconds: seconds, in: around)
        return tell(.fresh, cut, name) + reports.map { .traffic($0) } + edges.map { .edge($0) }
    }

    private func read(clusters body: [UInt8], at time: Double) throws -> [Observation] {
        let clusters = try IstioClusters(body)
        let (name, seconds) = begin(at: time)
        let report = attempts.sample(
            clusters, source: name, service: target.service, isGateway: target.isGateway, seconds: seconds)
        isSettled = true
        polls += 1
        if polls.isMultiple(of: Self.probeEvery), pages.count > 1 {
            probedFrom = place
            place = nextProbe
            nextProbe = (nextProbe + 1) % (pages.count - 1)
        }
        return tell(.fresh, IstioAttempts.explanation, name) + [.traffic(report)]
    }

    private func begin(at time: Double) -> (name: String, seconds: Double) {
        let seconds = max(0, time - (lastGood ?? time))
        (lastGood, failures, restsUntil) = (time, 0, 0)
        newness = max(0, newness - 1)
        let name = name
        services.set(name, of: target.service, isHeard: true)
        return (name, seconds)
    }

    private func fail(_ why: String, at time: Double) -> [Observation] {
        failures += 1
        restsUntil = failures > 1 ? time + min(Self.longestRest, Double(1 << min(failures - 1, 5))) : 0
        if !isSettled { place = 0 }
        let isLost = lastGood == nil || failures >= Self.patience
        let name = name
        if isLost { services.set(name, of: target.service, isHeard: false) }
        return tell(isLost ? .unreachable : .stale, why, name)
    }

    func leave() -> [Observation] {
        guard let source else { return [] }
        services.set(source, of: target.service, isHeard: false)
        return reported == nil ? [] : tell(.unreachable, "the pod is gone", source, health: SourceReport.gone)
    }

    private var name: String {
        if let source { return source }
        let name = services.names.unique(target.id)
        source = name
        return name
    }

    /// A report only if it says something new.
    private func tell(
        _ state: SourceState, _ explanation: String?, _ name: String, health: String? = nil
    ) -> [Observation] {
        var report = SourceReport(
            name: name, kind: .sidecar, endpoint: "http://\(target.id):\(pages[place].port)", service: target.service,
            state: state, explanation: explanation)
        (report.version, report.zone) = (target.version, target.zone)
        report.health = health ?? (newness > 0 ? SourceReport.new : nil)
        if report == reported { return [] }
        reported = report
        return [.source(report)]
    }
}

extension TransportError {
    /// The port is closed; whether another is open it does not say.
    fileprivate var isOfPort: Bool { if case .refused = self { true } else { false } }

    /// For a person, with what the cluster said where it said something.
    fileprivate var shown: String {
        if case .tunnel(_, let cause) = self { return "\(summary): \(cause)" }
        return summary
    }
}
