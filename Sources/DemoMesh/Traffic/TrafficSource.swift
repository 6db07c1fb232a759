import Glibc
public import MeshClient

/// The customers: they come at a steady rate, whether or not those before them were served (an open loop), each on one
/// of the journeys.
public struct TrafficSource: Sendable {
    /// Requests a second.
    public var rate: Double
    public var seed: UInt64
    /// The port at which customers come in.
    public var entrance: Int
    /// Where the counts are appended each second, as JSON lines; nil for nowhere.
    public var report: String?

    private let transport: any HTTPTransport
    private let tally = TrafficTally()
    private static let mostUnderWay = 400

    public init(rate: Double, seed: UInt64, entrance: Int, report: String?, transport: any HTTPTransport) {
        self.rate = rate
        self.seed = seed
        self.entrance = entrance
        self.report = report
        self.transport = transport
    }

    /// Sends requests until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await keepReporting() }
            var generator = SeededRandom(seed: seed)
            let clock = ContinuousClock()
            var next = clock.now
            while !Task.isCancelled {
                next = max(next, clock.now - .seconds(1)) + Self.pause(at: rate, with: &generator)
                let journey = Journey.next(with: &generator)
                try? await clock.sleep(until: next, tolerance: .zero)
                guard tally.begin(journey.name, atMost: Self.mostUnderWay) else { continue }
                group.addTask { await send(journey) }
            }
        }
    }

    /// The time to the next customer: the sum of four exponential times, since groups at a door are less ragged than
    /// chance alone would make them, and a steady rate is easier to read on a screen.
    static func pause(at rate: Double, with generator: inout some RandomNumberGenerator) -> Duration {
        let stages = 4
        let sum = (0..<stages).reduce(0.0) { sum, _ in
            sum - log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &generator))
        }
        return .seconds(sum / Double(stages) / max(rate, 0.001))
    }

    /// Each customer begins a trace (W3C Trace Context), which all services hand on.
    private static func traceParent() -> String {
        func digits() -> String {
            let text = String(UInt64.random(in: 1 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "00-\(digits())\(digits())-\(digits())-01"
    }

    private func send(_ journey: Journey) async {
        let request = HTTPRequest(
            journey.method, "http://127.0.0.1:\(entrance)\(journey.path)",
            headers: [
                HTTPHeader("x-journey", journey.name), HTTPHeader("content-type", "text/plain"),
                HTTPHeader("traceparent", Self.traceParent()),
            ],
            body: journey.body.map { Array($0.utf8) }, deadline: .seconds(10), largestBody: 1 << 20)
        let response = try? await transport.send(request)
        tally.end(journey.name, status: response?.status)
    }

    private func keepReporting() async {
        guard let report else { return }
        let file = ReportFile(path: report)
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            file.append(tally.line(at: time(nil)))
        }
    }
}
