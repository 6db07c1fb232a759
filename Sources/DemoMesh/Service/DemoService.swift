public import MeshClient

/// One service of the bar in this process: an HTTP server which asks the others through its own sidecar.
public struct DemoService: Sendable {
    private var plan: ServicePlan
    private let port: UInt16
    private let random: SharedRandom
    private let workers: Workers
    private let work: BarWork

    /// Nil when the bar has no service of this name. `egress` are its sidecar's ports, `glances` other services' own;
    /// of an instance that fails more than its service does, `failing` is the share.
    public init?(
        name: String, port: UInt16, egress: [String: Int], glances: [String: Int] = [:], failing: Double? = nil,
        seed: UInt64, transport: any HTTPTransport
    ) {
        guard let plan = MeshPlan.bar.service(name) else { return nil }
        self.plan = plan
        self.plan.failing = failing ?? plan.failing
        self.port = port
        random = SharedRandom(seed: seed, mixedWith: name)
        workers = Workers(count: plan.workers, longestQueue: 200)
        let errands = Errands(plan: plan, egress: egress, transport: transport)
        let glances = Glances(ports: glances, transport: transport)
        work = BarWork(service: name, closed: { await glances.closed() }, ask: { await errands.ask($0, $1) })
    }

    /// Serves until the task is cancelled.
    public func run() async throws {
        try await ServiceServer(place: .port(port)) { await answer($0) }.run()
    }

    func answer(_ request: ServiceRequest) async -> ServiceAnswer {
        if request.path == "/healthz" { return .ok("ok\n") }
        guard await workers.take() else {
            return Problem(503, "full", "Full", "Too many wait for the \(plan.name) already.").answer
        }
        var answer = await answerWithWorker(request)
        await workers.giveBack()
        if answer.isSuccess { answer.body += smallPrint(filling: plan.answerBytes - answer.body.utf8.count) }
        return answer
    }

    private func answerWithWorker(_ request: ServiceRequest) async -> ServiceAnswer {
        let (time, fails) = random.draw {
            (plan.work.sample(with: &$0), Double.random(in: 0..<1, using: &$0) < plan.failing)
        }
        // A request that was cancelled meanwhile still gets an answer; nobody will read it.
        try? await Task.sleep(for: time)
        if fails {
            return Problem(500, "hiccup", "Hiccup", "The \(plan.name) dropped it; trying again helps.").answer
        }
        return await work.answer(request)
    }

    /// Answers have the size of real ones, so that a limit on the rate is felt.
    private func smallPrint(filling bytes: Int) -> String {
        let line = "# Prices include the music. The house may change what it wants when it wants to.\n"
        return String(repeating: line, count: max(0, bytes) / line.utf8.count)
    }
}
