/// What a service of the bar does with a request, given a way to ask the others. It knows no sockets and no clock.
struct BarWork: Sendable {
    /// Asks another service and always gets an answer: a failure to get one is an answer of 502 or 504.
    typealias Ask = @Sendable (_ callee: String, _ request: ServiceRequest) async -> ServiceAnswer

    let service: String
    let ask: Ask
    let memory = MenuMemory()
    /// What the bouncer sees of the services it looks in on: the first that is closed.
    private let closed: @Sendable () async -> String?

    init(service: String, closed: @escaping @Sendable () async -> String? = { nil }, ask: @escaping Ask) {
        self.service = service
        self.closed = closed
        self.ask = ask
    }

    func answer(_ request: ServiceRequest) async -> ServiceAnswer {
        switch (service, request.method, request.path) {
        case ("door", _, _): await welcome(request)
        case ("bouncer", "GET", "/check"): await check()
        case ("bar", "POST", "/orders"): await serve(request)
        case ("bar", "POST", "/payments"): await passOn(request, to: "tab")
        case ("menu", "GET", "/menu"): .ok(Menu.today.text)
        case ("taps", "POST", "/pours"): await fetch("beer", for: request)
        case ("kitchen", "POST", "/meals"): await fetch("potatoes", for: request)
        case ("tab", "POST", "/entries"): .ok("noted\n")
        case ("tab", "POST", "/payments"): await passOn(request, to: "till", path: "/charges")
        case ("till", "POST", "/charges"): .ok("paid\n")
        case ("bathroom", "GET", "/bathroom"): await fetch("water", for: request)
        case ("cellar", "POST", "/draws"): .ok("brought up: \(request.body)\n")
        default: Problem(404, "no-such-thing", "No such thing", "The \(service) does not do that.").answer
        }
    }

    /// The door lets nobody in whom the bouncer has not seen.
    private func welcome(_ request: ServiceRequest) async -> ServiceAnswer {
        let callee: String
        switch (request.method, request.path) {
        case ("POST", "/orders"), ("POST", "/payments"): callee = "bar"
        case ("GET", "/bathroom"): callee = "bathroom"
        default: return Problem(404, "no-such-thing", "No such thing", "This is a bar.").answer
        }
        let check = await ask("bouncer", ServiceRequest(method: "GET", path: "/check", baggage: request.baggage))
        guard check.isSuccess else { return unavailable("bouncer", check) }
        return await passOn(request, to: callee)
    }

    private func check() async -> ServiceAnswer {
        guard let closed = await closed() else { return .ok("come in\n") }
        return Problem(
            503, "fire-regulations", "Nobody comes in",
            "Fire regulations: the \(closed) is closed, so everybody stays out."
        ).answer
    }

    private func passOn(
        _ request: ServiceRequest, to callee: String, path: String? = nil
    ) async -> ServiceAnswer {
        var handed = request
        handed.path = path ?? request.path
        let answer = await ask(callee, handed)
        return answer.isSuccess || answer.isRefusal ? answer : unavailable(callee, answer)
    }

    /// Everything is kept in the cellar, the water main included.
    private func fetch(_ thing: String, for request: ServiceRequest) async -> ServiceAnswer {
        let draw = ServiceRequest(method: "POST", path: "/draws", body: thing, baggage: request.baggage)
        let answer = await ask("cellar", draw)
        return answer.isSuccess ? .ok("here you are: \(thing)\n") : unavailable("cellar", answer)
    }

    func unavailable(_ callee: String, _ answer: ServiceAnswer) -> ServiceAnswer {
        Problem(
            503, "\(callee)-unavailable", "The \(callee) does not answer",
            "The \(service) asked the \(callee) and got \(answer.status)."
        ).answer
    }
}
