/// A simulated mesh that is alive: the model runs in real time, and its admin pages are served on a loopback port, at
/// `/proxies/<service>/…`. Every answer says that it is simulated, by the header `x-gameday-simulated` with the seed.
public struct Simulator: Sendable {
    // Not public itself: Swift 6.3 can't compile another module that uses an actor with an isolated deinit.
    private let loop: SimulatorLoop

    /// Opens the port, 0 for any, and starts the model; both end when nobody holds this any more.
    public init(of plan: MeshPlan, rate: Double, seed: UInt64, port: UInt16) throws(DemoFailure) {
        loop = try SimulatorLoop(of: plan, rate: rate, seed: seed, port: port)
    }

    /// The port it serves on.
    public var port: Int { loop.port }

    /// Lets the proxies of these services, and of no others, take requests and never answer.
    public func hang(_ services: Set<String>) async { await loop.hang(services) }

    /// Serves until the task is cancelled.
    public func run() async {
        while (try? await Task.sleep(for: .seconds(3_600))) != nil {}
        withExtendedLifetime(loop) {}
    }
}
