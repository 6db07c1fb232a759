import MeshClient
import MeshModel

/// Who takes part in a demo, how each is started, and how to tell that all are ready.
struct Cast: Sendable {
    /// Started together, in this order.
    var first: [ChildRole]
    /// Started when the first are ready.
    var last: [ChildRole]
    /// Files that must be there before.
    var files: [String: [UInt8]]
    var mesh: MeshFile
    var layout: MeshLayout
    /// The program and arguments of each.
    var words: [ChildRole: [String]]
    var isReady: @Sendable () async -> Bool
    /// The names of what is not up.
    var missing: @Sendable () async -> [String]

    /// The bar with its real sidecars.
    static func bar(
        _ settings: DemoSettings, envoy: EnvoyBinary, base: Int, in directory: RuntimeDirectory,
        transport: any HTTPTransport
    ) -> Cast {
        let plan = MeshPlan.bar
        let layout = MeshLayout(of: plan, base: base)
        let tasting = Tasting(layout: layout, transport: transport)
        var cast = Cast(
            first: layout.places.flatMap { [.service($0.service), .sidecar($0.service)] }, last: [.traffic], files: [:],
            mesh: MeshFile(of: plan) { service in
                layout.place(of: service).map { "http://127.0.0.1:\($0.admin)" }
            },
            layout: layout, words: [:], isReady: { await tasting.isServed() }, missing: { await tasting.missing() })
        for place in layout.places {
            let configuration = place.service + "-envoy.json"
            cast.files[configuration] = EnvoyBootstrap(service: place.service, of: plan, at: layout)?.document.bytes
            cast.words[.sidecar(place.service)] = [
                envoy.path, "-c", directory.file(configuration), "--concurrency", "1", "--disable-hot-restart",
                "--log-level", "warning",
            ]
            let callees = place.egress.sorted { $0.key < $1.key }.flatMap { ["--to", "\($0.key)=\($0.value)"] }
            let glances = (plan.service(place.service)?.glances ?? []).flatMap { name in
                ["--glance", "\(name)=\(layout.place(of: name)?.app ?? 0)"]
            }
            cast.words[.service(place.service)] =
                [settings.program, "demo-service", place.service, "--port", String(place.app)]
                + ["--seed", String(settings.seed)] + callees + glances
        }
        cast.words[.traffic] = [
            settings.program, "demo-traffic", "--port", String(layout.place(of: plan.entrance)?.inbound ?? 0),
            "--rate", String(settings.rate), "--seed", String(settings.seed), "--report",
            directory.file("traffic.jsonl"),
        ]
        return cast
    }

    /// The model of a mesh, which answers as the admin pages of its sidecars would.
    static func simulated(
        _ settings: DemoSettings, services: Int?, base: Int, transport: any HTTPTransport
    ) -> Cast {
        let plan = MeshPlan.simulated(services: services, seed: settings.seed)
        let port = base + 1
        let pages = "http://127.0.0.1:\(port)/proxies/"
        let size = services.map { ["--services", String($0)] } ?? []
        let isReady: @Sendable () async -> Bool = {
            let request = HTTPRequest("GET", "\(pages)\(plan.entrance)/ready", deadline: .seconds(1))
            return (try? await transport.send(request))?.status == 200
        }
        return Cast(
            first: [.simulator], last: [], files: [:], mesh: MeshFile(of: plan) { pages + $0 },
            layout: MeshLayout(of: MeshPlan(name: "", entrance: "", services: []), base: base),
            words: [
                .simulator: [settings.program, "demo-simulator", "--port", String(port)] + size
                    + ["--seed", String(settings.seed), "--rate", String(settings.rate)]
            ],
            isReady: isReady, missing: { ["simulator"] })
    }
}
