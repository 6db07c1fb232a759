import MeshClient
import MeshModel
import Synchronization
import Testing

@testable import Experiments

/// The mesh modules of Python against a mesh on paper.
@Suite(.timeLimit(.minutes(5))) struct NativeModuleTests {
    /// A mesh that holds what it is told.
    private final class PaperMesh: Sendable {
        private let state = Mutex(MeshState())
        let refused: Set<String>

        init(_ edges: [Edge], refused: Set<String> = [], sources: [SourceReport] = []) {
            self.refused = refused
            state.withLock { state in
                for source in sources { state.sources[source.name] = .init(report: source, heardAt: nil) }
                for edge in edges {
                    state.edges[edge] = ScopeState()
                    state.services[edge.from] = ScopeState()
                    state.services[edge.to] = ScopeState()
                }
                state.lastAt = Timestamp(milliseconds: 0)
            }
        }

        var active: [String] {
            state.withLock { $0.activeFaults.map { "\($0.kind.label) \(Int($0.share * 100))% \($0.edge)" } }
        }

        var port: ExperimentMesh {
            ExperimentMesh(
                state: { self.state.withLock { $0 } },
                start: { request throws(ExperimentMesh.Refusal) in
                    guard !self.refused.contains(request.edge.description) else {
                        throw ExperimentMesh.Refusal("protected service")
                    }
                    return self.state.withLock { state in
                        let fault = Fault(
                            id: "F\(state.faults.count + 1)", kind: request.kind, edge: request.edge,
                            share: request.share, by: request.by, requestedAt: Timestamp(milliseconds: 0),
                            leaseEnds: Timestamp(milliseconds: 1), phase: .active)
                        state.faults.append(fault)
                        return fault
                    }
                },
                stop: { id throws(ExperimentMesh.Refusal) in
                    let fault = self.state.withLock { state -> Fault? in
                        guard let place = state.faults.firstIndex(where: { $0.id == id }) else { return nil }
                        state.faults[place].phase = .reverted
                        return state.faults[place]
                    }
                    guard let fault else { throw ExperimentMesh.Refusal("no fault \(id)") }
                    return fault
                })
        }
    }

    private static let edges = [
        Edge(from: "bar", to: "taps"), Edge(from: "bar", to: "cellar"), Edge(from: "taps", to: "cellar"),
    ]

    private func call(
        _ module: String, _ function: String, _ arguments: Value, configuration: Fields = Fields()
    ) -> ActivityCall {
        let activity: Value = [
            "type": "action", "name": "a",
            "provider": ["type": "python", "module": .text(module), "func": .text(function), "arguments": arguments],
        ]
        return ActivityCall(activity, Substitution(configuration: configuration))
    }

    private func istio(_ function: String, _ host: String, _ more: [(String, Value)] = []) -> ActivityCall {
        let fields: [(String, Value)] = [
            ("virtual_service_name", .text(host)),
            ("routes", [["destination": ["host": .text(host), "subset": "v1"]]]),
        ]
        return call("chaosistio.fault.actions", function, .mapping(Fields(fields + more)))
    }

    @Test func `an Istio fault is on every edge into its host, replaces another, and is removed`() async throws {
        let mesh = PaperMesh(Self.edges)
        let module = IstioFaults(mesh: mesh.port)
        let delay = istio(
            "add_delay_fault", "cellar.default.svc.cluster.local", [("fixed_delay", "1.5s"), ("percentage", 25)])
        #expect(await module.acts(for: delay, isChecking: false))
        let answer = try await module.run(delay)
        #expect(mesh.active == ["DELAY 1500 ms 25% bar>cellar", "DELAY 1500 ms 25% taps>cellar"])
        #expect(answer["status"]?.equals(200) == true)
        let shown = answer["body"]?["spec"]?["http"]?.list?.first?["fault"]?["delay"]
        #expect(shown?["fixedDelay"]?.text == "1500ms")
        _ = try await module.run(istio("add_abort_fault", "cellar", [("http_status", 503), ("percentage", 100)]))
        #expect(mesh.active == ["ABORT 503 100% bar>cellar", "ABORT 503 100% taps>cellar"])
        _ = try await module.run(istio("remove_abort_fault", "cellar"))
        #expect(mesh.active.isEmpty)
    }

    @Test func `a service that the mesh has not is left to Python`() async {
        let module = IstioFaults(mesh: PaperMesh(Self.edges).port)
        #expect(await !module.acts(for: istio("unset_fault", "reviews"), isChecking: false))
        #expect(await !module.acts(for: call("chaosk8s.pod.actions", "terminate_pods", [:]), isChecking: true))
    }

    @Test func `what an experiment for another mesh lacks is told in a line`() async {
        let mesh = PaperMesh(Self.edges).port
        let words = await IstioFaults(mesh: mesh).lack(of: istio("unset_fault", "go-demo-8"))
        #expect(words?.hasPrefix("go-demo-8 is no service of this mesh, which has ") == true)
        #expect(await IstioFaults(mesh: mesh).lack(of: istio("unset_fault", "taps")) == nil)
        let delete = call("chaostoxi.toxic.actions", "delete_toxic", ["for_proxy": "mysql", "toxic_name": "t"])
        #expect(await Toxics(mesh: mesh).lack(of: delete)?.hasPrefix("mysql is no proxy, edge or service") == true)
        let unknown = call("chaosk8s.pod.actions", "terminate_pods", [:])
        #expect(await IstioFaults(mesh: mesh).lack(of: unknown) == nil)
    }

    @Test func `validation names what another mesh has not, and what to do`() async {
        struct BarePython: PythonChecking {
            func mistake(in activity: Value) async -> PythonMistake? {
                PythonMistake("no module", remedy: "Install it.")
            }
            func mistake(inControl control: Value) async -> String? { nil }
        }
        let checking = CheckingWithNative(
            native: [IstioFaults(mesh: PaperMesh(Self.edges).port)], python: BarePython())
        let strange = await checking.mistake(in: istio("unset_fault", "go-demo-8").activity)
        #expect(strange?.message == "no module")
        #expect(strange?.remedy.hasPrefix("go-demo-8 is no service of this mesh, which has ") == true)
        #expect(strange?.remedy.hasSuffix(": name one of these. Or: Install it.") == true)
        #expect(await checking.mistake(in: istio("unset_fault", "taps").activity) == nil)
        // A variable may still become one of ours.
        #expect(await checking.mistake(in: istio("unset_fault", "${host}").activity) == nil)
    }

    @Test func `when one edge is refused nothing stays on the others`() async {
        let mesh = PaperMesh(Self.edges, refused: ["taps>cellar"])
        await #expect(throws: ActivityEnd.failed("chaosistio: protected service")) {
            let abort = istio("add_abort_fault", "cellar", [("http_status", 503), ("percentage", 100)])
            return try await IstioFaults(mesh: mesh.port).run(abort)
        }
        #expect(mesh.active.isEmpty)
    }

    @Test func `toxics of Toxiproxy are faults on an edge or on all edges into a service`() async throws {
        let mesh = PaperMesh(Self.edges)
        let module = Toxics(mesh: mesh.port)
        func act(_ function: String, _ arguments: Value, proxy: Bool = false) async throws -> Value {
            try await module.run(call("chaostoxi.\(proxy ? "proxy" : "toxic").actions", function, arguments))
        }
        let slow: Value = ["for_proxy": "bar>taps", "toxic_name": "slow", "latency": 300]
        #expect(try await act("create_latency_toxic", slow).equals(true))
        _ = try await act(
            "create_toxic",
            [
                "for_proxy": "cellar", "toxic_name": "thin", "toxic_type": "bandwidth", "toxicity": .number(0.5),
                "attributes": ["rate": 64],
            ])
        #expect(
            mesh.active == [
                "DELAY 300 ms 100% bar>taps", "LIMIT 64 KiB/s 50% bar>cellar", "LIMIT 64 KiB/s 50% taps>cellar",
            ])
        _ = try await act("delete_toxic", ["for_proxy": "bar>taps", "toxic_name": "slow"])
        _ = try await act("disable_proxy", ["proxy_name": "bar-taps"], proxy: true)
        #expect(mesh.active.last == "ABORT 503 100% bar>taps")
        _ = try await act("reset", [:], proxy: true)
        #expect(mesh.active.isEmpty)
    }

    /// The proxy `redis_master` of a Toxiproxy that is observed, on the edge from bar to cellar.
    private static var toxiproxy: SourceReport {
        var report = SourceReport(
            name: "redis_master", kind: .toxiproxy, endpoint: "http://127.0.0.1:8474", service: "bar", state: .fresh)
        report.callee = "cellar"
        return report
    }

    @Test func `toxics of a Toxiproxy that is observed are what they are there, and go through the ledger`()
        async throws
    {
        let mesh = PaperMesh(Self.edges, sources: [Self.toxiproxy])
        let module = Toxics(mesh: mesh.port)
        let given = Fields([("toxiproxy_host", "127.0.0.1")])
        func act(_ function: String, _ arguments: Value, proxy: Bool = false) async throws {
            let asked = self.call(
                "chaostoxi.\(proxy ? "proxy" : "toxic").actions", function, arguments, configuration: given)
            #expect(await module.acts(for: asked, isChecking: false))
            _ = try await module.run(asked)
        }
        let toxic: [(String, Value)] = [("for_proxy", "redis_master"), ("toxic_name", "t")]
        func with(_ more: (String, Value)...) -> Value { .mapping(Fields(toxic + more)) }
        try await act("create_latency_toxic", with(("latency", 300), ("jitter", 50)))
        try await act("create_bandwith_degradation_toxic", with(("rate", 66)))
        try await act("create_timeout_toxic", with(("timeout", 0)))
        try await act("create_slow_connection_close_toxic", with(("delay", 500)))
        try await act("create_slicer_toxic", with(("average_size", 64), ("size_variation", 8), ("delay", 10)))
        try await act("create_limiter_toxic", with(("bytes_limit", 1000)))
        try await act(
            "create_toxic",
            with(
                ("toxic_type", "reset_peer"), ("stream", "upstream"), ("toxicity", .number(0.5)),
                ("attributes", ["timeout": 100])))
        try await act("disable_proxy", ["proxy_name": "redis_master"], proxy: true)
        #expect(
            mesh.active == [
                "DELAY 300 ms ±50 ms 100% bar>cellar", "BANDWIDTH 64 KiB/s 100% bar>cellar",
                "TIMEOUT 0 ms 100% bar>cellar", "SLOW CLOSE 500 ms 100% bar>cellar",
                "SLICES 64 B ±8 B pause 10 µs 100% bar>cellar", "DATA LIMIT 1000 B 100% bar>cellar",
                "RESET after 100 ms up 50% bar>cellar", "OFF 100% bar>cellar",
            ])
        try await act("enable_proxy", ["proxy_name": "redis_master"], proxy: true)
        try await act("delete_toxic", ["for_proxy": "redis_master", "toxic_name": "t"])
        #expect(mesh.active.isEmpty)
        // A toxic of the server that nobody here knows is Python's.
        let other = call(
            "chaostoxi.toxic.actions", "delete_toxic", ["for_proxy": "else", "toxic_name": "t"], configuration: given)
        #expect(await !module.acts(for: other, isChecking: false))
    }

    @Test func `with a Toxiproxy in the configuration that nobody observes Python acts`() async {
        let given = Fields([("toxiproxy_url", "http://127.0.0.1:8474")])
        let create = call(
            "chaostoxi.toxic.actions", "delete_toxic", ["for_proxy": "taps", "toxic_name": "t"], configuration: given)
        #expect(await !Toxics(mesh: PaperMesh(Self.edges).port).acts(for: create, isChecking: false))
    }

    @Test func `arguments are checked before a run, in the words of the original`() {
        let module = IstioFaults(mesh: PaperMesh(Self.edges).port)
        func mistake(_ call: ActivityCall) -> String? {
            module.signature(of: call)?.mistake(in: call.activity)?.message
        }
        #expect(mistake(istio("add_delay_fault", "taps", [("fixed_delay", "1s")])) == nil)
        #expect(
            mistake(istio("add_delay_fault", "taps"))
                == "required argument 'fixed_delay' is missing from activity 'add_delay_fault'")
        #expect(
            mistake(istio("unset_fault", "taps", [("delay", 3)]))
                == "argument 'delay' is not part of the function signature in activity 'unset_fault'")
    }

    @Test func `what a run's modules left behind is taken back at its end`() async throws {
        let mesh = PaperMesh(Self.edges)
        var options = RunOptions()
        options.mesh = mesh.port
        options.environment = ["PATH": "/usr/bin:/bin"]
        let text = """
            {"title": "t", "description": "d", "method": [{"type": "action", "name": "a", "provider": {
              "type": "python", "module": "chaosistio.fault.actions", "func": "add_abort_fault", "arguments": {
              "virtual_service_name": "taps", "http_status": 503, "percentage": 100,
              "routes": [{"destination": {"host": "taps"}}]}}}]}
            """
        let document = try ExperimentDocument(source: "t.json", text: text, format: .json)
        let network = HTTPDoor { () throws(TransportError) in throw .badURL("none") }
        let runner = ExperimentRunner(document, options: options, network: network)
        #expect(await runner.check().isEmpty)
        let vague = try ExperimentDocument(
            source: "t.json", text: text.replacing("\"percentage\": 100", with: "\"percentage\": \"all\""),
            format: .json)
        let problem = await ExperimentRunner(vague, options: options, network: network).check().first
        #expect(problem?.message.contains("invalid percentage 'all'") == true && problem?.position?.line == 1)
        #expect(try await runner.run().status == .completed)
        #expect(mesh.active.isEmpty)
    }
}
