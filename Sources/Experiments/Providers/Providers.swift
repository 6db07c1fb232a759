public import MeshClient
internal import Synchronization

/// All that activities can act with. Modules of Python which we know how to act for ourselves are asked first.
struct Providers: Sendable {
    let process: ProcessProvider
    let http: HTTPDoor
    let python: PythonProvider
    let native: [any NativeModule]
    let isStrict: Bool

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        switch call.provider["type"]?.text {
        case "process": return try await process.run(call)
        case "http":
            let transport: any HTTPTransport
            do { transport = try http.open() } catch {
                throw .crashed(Crash("OSError", "no memory or descriptors left for the network"))
            }
            let surroundings = RequestSurroundings(environment: process.environment, isStrict: isStrict)
            return try await HTTPProvider(transport: transport, surroundings: surroundings, isStrict: isStrict)
                .run(call)
        case "python":
            for module in native where await module.acts(for: call, isChecking: false) {
                return try await module.run(call)
            }
            return try await python.run(call)
        default:
            // The original does nothing for a provider it doesn't know, once validation is off.
            guard call.activity["provider"] != nil else { throw .crashed(Crash("KeyError", "'provider'")) }
            return .null
        }
    }
}

/// A Python extension whose functions we do by ourselves, without Python.
protocol NativeModule: ActivityProvider {
    /// The function that an activity calls, if it is one that we know.
    func signature(of call: ActivityCall) -> NativeSignature?
    /// Whether the call is one for us: not every target is ours. Before a run its arguments may still hold variables.
    func acts(for call: ActivityCall, isChecking: Bool) async -> Bool
    /// Why arguments without variables would be refused in the run, or nil.
    func mistake(in call: ActivityCall, _ arguments: Value) -> String?
    /// What a call for another mesh than this one names that is not here, or nil.
    func lack(of call: ActivityCall) async -> String?
}

extension NativeModule {
    func mistake(in call: ActivityCall, _ arguments: Value) -> String? { nil }
    func lack(of call: ActivityCall) async -> String? { nil }
}

/// The list of them.
enum NativeModules {
    static func all(
        _ mesh: ExperimentMesh?, _ network: HTTPDoor, _ surroundings: RequestSurroundings
    ) -> [any NativeModule] {
        guard let mesh else { return [] }
        let queries = PrometheusQueries(mesh: mesh, network: network, surroundings: surroundings)
        let environment = surroundings.environment
        let cluster = ClusterActivities(
            mesh: mesh,
            door: { context throws(ClusterDoor.Refusal) in
                let transport: any HTTPTransport
                do throws(TransportError) { transport = try network.open() } catch {
                    throw ClusterDoor.Refusal(status: nil, message: error.summary)
                }
                return try ClusterDoor(context: context, environment: environment, transport: transport)
            }, environment: environment)
        return [IstioFaults(mesh: mesh), Toxics(mesh: mesh), queries, cluster]
    }
}

/// The way to the network, opened at the first need: an experiment without a request does without libcurl.
public final class HTTPDoor: Sendable {
    private let make: @Sendable () throws(TransportError) -> any HTTPTransport
    private let opened = Mutex<(any HTTPTransport)?>(nil)

    public init(_ make: @escaping @Sendable () throws(TransportError) -> any HTTPTransport) {
        self.make = make
    }

    func open() throws(TransportError) -> any HTTPTransport {
        if let transport = opened.withLock({ $0 }) { return transport }
        let made = try make()
        return opened.withLock { transport in
            let kept = transport ?? made
            transport = kept
            return kept
        }
    }
}
