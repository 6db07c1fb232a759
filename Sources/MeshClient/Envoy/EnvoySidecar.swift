internal import MeshModel

/// One sidecar as a poller sees it: what to ask it next, and what its answer says. It does no I/O and has no clock.
final class EnvoySidecar {
    /// After so many silent polls in a row a proxy counts as unreachable, and not as late.
    private static let patience = 3
    static let simulatorHeader = "x-gameday-simulated"

    let endpoint: EnvoyEndpoint
    private let deadline: Duration
    /// The name of the source, once it was reported under it; it stays for as long as the same service is there.
    private(set) var source: String?
    /// The seed, if what answers says that it only plays an Envoy.
    private(set) var simulatorSeed: String?
    /// Is it still the service that it said it was? Then it is asked again, and what it tells meanwhile is nobody's.
    private var isDoubted = false
    private var isConfirmed = false
    /// True when the last answer told its name and nothing else.
    private(set) var isJustNamed = false
    private var service: ServiceName?
    private let statsRequest: HTTPRequest
    private var wire: EnvoyStatsWire
    private var sampler = EnvoySampler()
    private var page = EnvoyStatsPage()
    private var lastGood: Double?
    private var failures = 0
    private var reported: SourceReport?
    private var isListed = false

    init(_ endpoint: EnvoyEndpoint, naming: EnvoyNaming, deadline: Duration) {
        self.endpoint = endpoint
        self.deadline = deadline
        service = endpoint.service
        statsRequest = Self.request(endpoint, naming.statsPath, deadline: deadline)
        wire = EnvoyStatsWire(naming: naming)
    }

    /// True when the last answer was none, or no use.
    var isFailing: Bool { failures > 0 }

    /// The next question: who are you, until that is known, and then always the same page.
    var request: HTTPRequest {
        service == nil || isDoubted ? Self.request(endpoint, "/server_info", deadline: deadline) : statsRequest
    }

    private static func request(_ endpoint: EnvoyEndpoint, _ path: String, deadline: Duration) -> HTTPRequest {
        var request = endpoint.request("GET", path, deadline: deadline)
        request.keptHeaders = [simulatorHeader]
        return request
    }

    /// Takes the answer to the last question, at a time in seconds on any scale that never goes back. The directory
    /// gives the source a name of its own, and hears what service it is.
    func receive(
        _ result: Result<HTTPResponse, TransportError>, at time: Double, directory: EnvoyDirectory
    ) -> [Observation] {
        isJustNamed = false
        do {
            let response = try result.get()
            if let seed = response.header(Self.simulatorHeader) { simulatorSeed = seed }
            guard response.status == 200 else {
                return fail("The admin page answers with status \(response.status)", isSilent: false, directory)
            }
            guard let service, !isDoubted else {
                let name = try EnvoyServerInfoWire.service(response.body) ?? ServiceName(endpoint.authority)
                isJustNamed = true
                return take(name, directory)
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
            (isDoubted, isJustNamed) = (true, true)
            return []
        }
        isConfirmed = false
        let state = page.state
        lastGood = time
        failures = 0
        let name = name(directory)
        list(name, in: directory)
        let report = sampler.sample(&page, scopes: wire.scopes, source: name, service: service, seconds: seconds)
        return tell(.fresh, Self.word(forState: state), name) + [.traffic(report)]
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
        var gone: [Observation] = []
        if let source {
            directory.moveOut(source)
            gone = tell(.unreachable, "Another proxy answers at its address: \(name)", source)
        }
        (source, reported, lastGood, failures, isListed) = (nil, nil, nil, 0, false)
        sampler = EnvoySampler()
        return gone
    }

    private func fail(_ why: String, isSilent: Bool, _ directory: EnvoyDirectory) -> [Observation] {
        failures += 1
        let isLost = lastGood == nil || (isSilent && failures >= Self.patience)
        let name = name(directory)
        list(name, in: directory)
        return tell(isLost ? .unreachable : .stale, why, name)
    }

    /// A report only if it says something new.
    private func tell(_ state: SourceState, _ explanation: String?, _ name: String) -> [Observation] {
        if let reported, reported.state == state, reported.explanation == explanation, reported.service == service {
            return []
        }
        let report = SourceReport(
            name: name, kind: .envoy, endpoint: endpoint.shown, service: service, state: state,
            explanation: explanation)
        reported = report
        return [.source(report)]
    }

    private func name(_ directory: EnvoyDirectory) -> String {
        if let source { return source }
        let name = directory.unique(service?.text ?? endpoint.authority)
        source = name
        return name
    }

    /// Puts it down once it has both names.
    private func list(_ name: String, in directory: EnvoyDirectory) {
        guard !isListed, let service else { return }
        isListed = true
        directory.add(EnvoyDirectory.Entry(source: name, service: service, endpoint: endpoint))
    }

    /// What is worth saying of a proxy that answers: `server.state` of Envoy's statistics.
    private static func word(forState state: UInt64?) -> String? {
        switch state {
        case 1: "The proxy is draining"
        case 2, 3: "The proxy is starting"
        default: nil
        }
    }
}

/// Reads who an Envoy is from `GET /server_info`, as Envoy 1.40 writes it.
enum EnvoyServerInfoWire {
    /// The cluster of its node, else its id; nil when it has neither.
    static func service(_ bytes: [UInt8]) throws(WireError) -> ServiceName? {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw WireError(page: "/server_info", path: "", found: error.message)
        }
        let node = json["node"]
        let names = [node?["cluster"]?.string, node?["id"]?.string].compactMap { $0 }
        return names.first { !$0.isEmpty }.map { ServiceName($0) }
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
