import MeshModel
import Testing

@testable import DemoMesh

@Suite(.timeLimit(.minutes(5))) struct BarWorkTests {
    /// A service of the bar whose callees answer as told, or well.
    private func service(_ name: String, _ answers: [String: Int] = [:]) -> BarWork {
        BarWork(service: name) { callee, request in
            if let status = answers[callee] { return ServiceAnswer(status: status) }
            return await BarWork(service: callee) { _, _ in .ok("") }.answer(request)
        }
    }

    private func order(_ words: String) -> ServiceRequest {
        ServiceRequest(method: "POST", path: "/orders", body: words)
    }

    @Test func `a failing menu is hidden by the one remembered, and said in a header`() async {
        let memory = Failing()
        let bar = BarWork(service: "bar") { callee, request in
            if callee == "menu", await memory.isFailing { return ServiceAnswer(status: 503) }
            return await BarWork(service: callee) { _, _ in .ok("") }.answer(request)
        }
        let fresh = await bar.answer(order("a beer"))
        await memory.fail()
        let remembered = await bar.answer(order("a beer"))
        #expect(fresh.status == 200 && fresh.headers["x-menu"] == "fresh")
        #expect(remembered.status == 200)
        #expect(remembered.headers["x-menu"] == "from memory, the menu answered 503")
    }

    @Test func `a menu that nobody has seen yet is an error`() async {
        #expect(await service("bar", ["menu": 503]).answer(order("a beer")).status == 503)
    }

    @Test func `without a kitchen the beers still come, and it is said`() async {
        let answer = await service("bar", ["kitchen": 500]).answer(order("two beers and a meal"))
        #expect(answer.status == 200)
        #expect(answer.headers["x-degraded"] == "no meal: the kitchen answered 500")
        #expect(await service("bar", ["kitchen": 500]).answer(order("a meal")).status == 503)
    }

    @Test(arguments: ["taps", "tab"]) func `the bar fails when a needed service does`(callee: String) async {
        let answer = await service("bar", [callee: 500]).answer(order("two beers and a meal"))
        #expect(answer.status == 503)
        #expect(answer.body.contains("\(callee)-unavailable"))
    }

    @Test func `a lizard is not on the menu`() async throws {
        let answer = await service("bar").answer(order("a lizard"))
        #expect(answer.status == 404)
        #expect(answer.headers["content-type"] == "application/problem+json")
        let problem = try JSON(parsing: answer.body)
        #expect(problem["status"]?.integer == 404)
        #expect(problem["title"]?.string == "Not on the menu")
    }

    @Test func `nobody comes in when the bouncer does not answer`() async {
        #expect(await service("door", ["bouncer": 504]).answer(order("a beer")).status == 503)
    }

    @Test func `the door hands on what the bar refuses, and reports what it can't get`() async {
        #expect(await service("door", ["bar": 422]).answer(order("0 beers")).status == 422)
        #expect(await service("door", ["bar": 500]).answer(order("a beer")).status == 503)
    }

    @Test(arguments: [("taps", "/pours"), ("kitchen", "/meals"), ("bathroom", "/bathroom")])
    func `everything depends on the cellar`(name: String, path: String) async {
        let method = name == "bathroom" ? "GET" : "POST"
        let request = ServiceRequest(method: method, path: path)
        #expect(await service(name).answer(request).status == 200)
        #expect(await service(name, ["cellar": 503]).answer(request).status == 503)
    }

    @Test func `what is asked on a customer's behalf carries the journey`() async {
        let seen = Seen()
        let bar = BarWork(service: "bar") { callee, request in
            await seen.add(request.baggage["x-journey"] ?? "none")
            return await BarWork(service: callee) { _, _ in .ok("") }.answer(request)
        }
        var request = order("two beers and a meal")
        request.baggage["x-journey"] = "hunger"
        _ = await bar.answer(request)
        #expect(await seen.values == ["hunger", "hunger", "hunger", "hunger"])
    }

    private actor Failing {
        var isFailing = false
        func fail() { isFailing = true }
    }

    private actor Seen {
        var values: [String] = []
        func add(_ value: String) { values.append(value) }
    }
}
