import MeshClient
import MeshModel

/// Who takes part in a demo, how each is started, and how to tell that all are ready.
struct Cast: Sendable {
    /// Started together, in this order.
    var first: [ChildRole]
    /// Started when somebody they can't do without is there.
    var next: [ChildRole] = []
    /// Whether those who are next can begin.
    var isAnnounced: @Sendable () async -> Bool = { true }
    /// Started when all of these are ready.
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
        let tasting = Tasting(layout: layout, control: MeshControl.socket(in: directory.path), transport: transport)
        var cast = Cast(
            first: [.meshControl] + layout.places.map { .service($0.name) },
            next: layout.places.map { .sidecar($0.name) }, isAnnounced: { await tasting.hasControl() },
            last: [.traffic], files: [:], mesh: MeshFile(of: plan, at: layout, in: directory.path), layout: layout,
            words: [:],
            isReady: { await tasting.isServed() }, missing: { await tasting.missing() })
        for place in layout.places {
            let configuration = place.name + "-envoy.json"
            let bootstrap = EnvoyBootstrap(place: place, control: tasting.control)
            cast.files[configuration] = bootstrap.document.bytes
            cast.words[.sidecar(place.name)] = [
                envoy.path, "-c", directory.file(configuration), "--concurrency", "1", "--disable-hot-restart",
                "--log-level", "warning", "--file-flush-interval-msec", "500",
            ]
            cast.words[.service(place.name)] = words(of: place, plan, layout, settings)
        }
        cast.words[.meshControl] = [
            settings.program, "demo-mesh-control", "--base", String(base), "--directory", directory.path, "--rate",
            String(settings.rate),
        ]
        cast.words[.traffic] = [
            settings.program, "demo-traffic", "--port", String(layout.place(of: plan.entrance)?.inbound ?? 0),
            "--rate", String(settings.rate), "--seed", String(settings.seed), "--report",
            directory.file("traffic.jsonl"),
        ]
        return cast
    }

    private static func words(
        of place: MeshLayout.Place, _ plan: MeshPlan, _ layout: MeshLayout, _ settings: DemoSettings
    ) -> [String] {
        let callees = place.egress.sorted { $0.key < $1.key }.flatMap { ["--to", "\($0.key)=\($0.value)"] }
        let glances = (plan.service(place.service)?.glances ?? []).flatMap { name in
            ["--glance", "\(name)=\(layout.place(of: name)?.app ?? 0)"]
        }
        let failing = place.plan.failing > 0 ? ["--failing", String(place.plan.failing)] : []
        return [settings.program, "demo-service", place.service, "--port", String(place.app)]
            + ["--seed", String(settings.seed)] + callees + glances + failing
    }

    /// The model of a mesh, which answers as the admin pages of its sidecars would.
    static func simulated(
        _ settings: DemoSettings, services: Int?, base: Int, transport: any HTTPTransport
    ) -> Cast {
        let plan = MeshPlan.simulated(services: services, seed: settings.seed)
        let port = base + 1
        let places = Dictionary(plan.services.enumerated().map { ($1.name, $0) }) { first, _ in first }
        let pages: @Sendable (String) -> String = { name in
            "http://\(SimulatedAddress.host(of: places[name] ?? 0)):\(port)/proxies/\(name)"
        }
        let size = services.map { ["--services", String($0)] } ?? []
        let isReady: @Sendable () async -> Bool = {
            let request = HTTPRequest("GET", "\(pages(plan.entrance))/ready", deadline: .seconds(1))
            return (try? await transport.send(request))?.status == 200
        }
        return Cast(
            first: [.simulator], last: [], files: [:], mesh: MeshFile(of: plan, admin: pages),
            layout: MeshLayout(of: MeshPlan(name: "", entrance: "", services: []), base: base),
            words: [
                .simulator: [settings.program, "demo-simulator", "--port", String(port)] + size
                    + ["--seed", String(settings.seed), "--rate", String(settings.rate)]
            ],
            isReady: isReady, missing: { ["simulator"] })
    }
}
