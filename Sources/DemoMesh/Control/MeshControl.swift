import Glibc
import MeshModel

/// The control plane of the bar's mesh: tells every sidecar its listeners, routes, clusters, hosts and certificates, and
/// holds each question until there is something new to tell.
///
/// What somebody asked for is in its memory alone: one that died and came back has the plan and nothing else.
public actor MeshControl {
    /// A question is held for so long; then the answer is that nothing is new.
    private static let hold = Duration.seconds(45)
    /// The name of the mesh in its list of who has what.
    private static let mesh = "bar"

    private let plan: MeshPlan
    private let layout: MeshLayout
    private let socket: String
    private let makers: BarCertificates
    private let doorLimit: Int
    private let logs: String
    private var book: DiscoveryBook
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Serves the bar whose ports begin at `base` on a socket in this directory, beside its certificates.
    public init(base: Int, directory: String, rate: Double) async {
        plan = .bar
        layout = MeshLayout(of: plan, base: base)
        socket = Self.socket(in: directory)
        makers = BarCertificates(directory: directory, services: plan.services.map(\.name))
        doorLimit = Self.doorLimit(rate: rate)
        logs = directory
        book = Self.book(plan, layout, await makers.make(generation: 0), doorLimit, logs, policy: MeshPolicy())
    }

    /// Where it listens.
    static func socket(in directory: String) -> String { directory + "/mesh-control.sock" }

    /// Far above what usually comes.
    private static func doorLimit(rate: Double) -> Int { max(200, Int(rate * 3)) }

    private static func book(
        _ plan: MeshPlan, _ layout: MeshLayout, _ certificates: String?, _ doorLimit: Int, _ logs: String,
        policy: MeshPolicy
    ) -> DiscoveryBook {
        var book = DiscoveryBook(prefix: "\(time(nil))") { subject, policy in
            guard let place = layout.places.first(where: { $0.node == subject.node }) else { return nil }
            var resources = SidecarResources(place: place, mesh: plan, layout: layout)
            (resources.policy, resources.certificates, resources.doorLimit) = (policy, certificates, doorLimit)
            resources.logs = logs
            return resources.all(subject.kind, subject.names)
        }
        if policy != MeshPolicy() { book.put(policy) }
        return book
    }

    /// Serves until the task is cancelled.
    public func run() async throws {
        let renewing = Task { await renew() }
        let waking = Task { await keepWaking() }
        defer {
            renewing.cancel()
            waking.cancel()
        }
        try await ServiceServer(place: .socket(socket), patience: 120) { await self.answer($0) }.run()
    }

    private func renew() async {
        var generation = 1
        while (try? await Task.sleep(for: BarCertificates.renewal)) != nil {
            guard let certificates = await makers.make(generation: generation) else { continue }
            book = Self.book(plan, layout, certificates, doorLimit, logs, policy: book.policy)
            generation += 1
            wake()
        }
    }

    /// Whoever is held looks now and then whether its time is up.
    private func keepWaking() async {
        while (try? await Task.sleep(for: .seconds(5))) != nil { wake() }
    }

    private func wake() {
        let all = waiting
        waiting = []
        for one in all { one.resume() }
    }

    private func answer(_ request: ServiceRequest) async -> ServiceAnswer {
        let discovery = "/v3/discovery:"
        if request.path.hasPrefix(discovery),
            let kind = DiscoveryBook.Kind(
                rawValue: String(request.path.dropFirst(discovery.count)))
        {
            return await discover(kind, request)
        }
        switch (request.method, request.path) {
        case ("GET", "/healthz"): return .ok("ok\n")
        case ("GET", "/debug/syncz"): return .json(book.syncz(mesh: Self.mesh))
        case ("GET", BoxPage.path): return .json(page)
        case ("POST", BoxPage.path): return change(request)
        default: return Problem(404, "no-such-thing", "No such thing", "This is a control plane of sidecars.").answer
        }
    }

    private func discover(_ kind: DiscoveryBook.Kind, _ request: ServiceRequest) async -> ServiceAnswer {
        guard let asked = DiscoveryRequest(Array(request.body.utf8)) else {
            return Problem(400, "no-node", "Who asks?", "The request names no node.").answer
        }
        let subject = DiscoveryBook.Subject(node: asked.node, kind: kind, names: asked.names)
        let clock = ContinuousClock()
        let end = clock.now + Self.hold
        var isAgain = false
        while clock.now < end, !Task.isCancelled {
            switch book.decide(subject, has: asked.version, isAgain: isAgain) {
            case .send(let resources): return .json(resources)
            case .unknown: return Problem(404, "nobody", "Nobody", "Nothing is known of \(asked.node).").answer
            case .wait: break
            }
            isAgain = true
            await withCheckedContinuation { waiting.append($0) }
        }
        return ServiceAnswer(status: 304)
    }

    private var page: JSON {
        BoxPage.json(
            book.policy.values, offers: MeshPolicy.offers(of: plan, layout), isSettled: book.isTaken { _ in true }
        ) { key in
            let place = key.prefix { $0 != "/" }
            guard place.contains(">") else { return book.isTaken { _ in true } }
            let caller = place.prefix { $0 != ">" }
            let isCaller: (String) -> Bool = { [layout] node in
                layout.places(of: String(caller)).contains { $0.node == node }
            }
            let isBad = key.hasSuffix("/" + MeshPolicy.Word.badRoute.rawValue)
            return isBad ? book.isRefused(by: isCaller) : book.isTaken(by: isCaller)
        }
    }

    private func change(_ request: ServiceRequest) -> ServiceAnswer {
        var policy = book.policy
        do throws(MeshPolicy.Mistake) {
            for setting in BoxPage.settings(request.body) {
                try policy.set(setting.key, to: setting.value, in: plan, layout)
            }
        } catch {
            return Problem(400, "not-taken", "Not taken", error.words).answer
        }
        if policy != book.policy {
            book.put(policy)
            wake()
        }
        return .ok("ok\n")
    }
}
