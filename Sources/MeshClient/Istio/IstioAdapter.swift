public import MeshModel
internal import Synchronization

/// Istio on Kubernetes: `kubernetes` of gameday.yaml. Who is there is watched at the API server, each sidecar is polled
/// through it, and faults go into VirtualServices.
public struct IstioAdapter: Adapter {
    private let mesh: IstioMesh
    private let guide: IstioGuide
    private let standings: EnvoyStandings
    public let injectors: [any Injector]

    init(_ settings: IstioSettings, _ access: KubeAccess, in surroundings: AdapterSurroundings) {
        let cluster = IstioCluster(settings, access, transport: surroundings.transport)
        mesh = IstioMesh(cluster, in: surroundings)
        guide = IstioGuide(directory: mesh.breaking, reach: cluster.reach)
        standings = EnvoyStandings(bound: surroundings.certificateWarning)
        injectors = Self.injectors(
            mesh.breaking, IstioUpkeep(mesh.breaking, image: settings.deadManImage)
        ) { _ in cluster.reach }
    }

    /// Those that write share who keeps a namespace, and who watches over it.
    private static func injectors(
        _ directory: IstioDirectory, _ upkeep: IstioUpkeep,
        _ reach: @escaping @Sendable (FaultUndo.Part) -> IstioReach?
    ) -> [any Injector] {
        [
            IstioInjector(directory: directory, reach: reach, upkeep: upkeep),
            WorkloadInjector(directory: directory, reach: reach, upkeep: upkeep),
            ChaosInjector(directory: directory, reach: reach),
        ]
    }

    public var meter: PollMeter { mesh.fleet.meter }

    public func observe(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async {
        await mesh.observe(telling: turns)
    }

    public func pollSoon(_ sources: Set<String>) { mesh.fleet.pollSoon(sources) }

    public func knowledge(of edge: Edge) async -> [EdgeReport] {
        await guide.reports(of: edge) + mesh.policies(of: [edge])
    }

    public func standings(of edges: [Edge]) async -> [EdgeReport] {
        await standings.reports(of: guide.callers(of: edges)) + mesh.newPolicies(of: edges)
    }

    public func log(of edge: Edge) async -> [ProxyLog] { await guide.logs(of: edge) }
}

extension IstioAdapter: AdapterKind {
    public static var keys: [String] { [Adapters.clusterKey] }

    public static func read(_ members: [String: SettingsNode], in folder: String) -> AdapterPart? {
        guard let node = members[Adapters.clusterKey], let settings = IstioSettings(node, in: folder) else {
            return nil
        }
        let access: KubeAccess
        do throws(KubeconfigError) {
            access = try IstioCluster.access(context: settings.context, kubeconfig: settings.kubeconfig)
        } catch {
            for mistake in error.mistakes { node.log.add(mistake) }
            return nil
        }
        var part = AdapterPart(summary: settings.summary) { IstioAdapter(settings, access, in: $0) }
        let naming = IstioNaming(watching: settings.watched(usual: access.namespace))
        part.calledHere = { naming.shown($0) }
        part.explain = { await IstioInspection(IstioCluster(settings, access, transport: $0)).lines() }
        part.advise = { transport, address in
            guard address == nil else { return [] }
            return await IstioInspection(IstioCluster(settings, access, transport: transport)).advice()
        }
        return part
    }

    public static func injectors(_ transport: any HTTPTransport) -> [any Injector] {
        let clusters = IstioClusterBook(transport)
        let directory = IstioDirectory(.init(server: ""))
        return injectors(directory, IstioUpkeep(directory, image: nil)) { clusters.reach(of: $0) }
    }
}
