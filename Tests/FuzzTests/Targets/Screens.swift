import MeshModel
import TerminalCanvas

@testable import CursesTerminal
@testable import Dashboard
@testable import gameday

extension FuzzTarget {
    /// What reaches the person.
    static let screens: [FuzzTarget] = [
        FuzzTarget(name: "dashboard", longest: 16384) { bytes in
            // A hostile control plane: its lines are decoded, folded and drawn.
            var dashboard = DashboardState(
                DashboardState.Options(user: "fuzz"), size: Size(100, 30), now: FuzzDay.now)
            for line in bytes.split(separator: 0x0A).prefix(40) {
                guard let reading = try? EventWire.read(Array(line)), case .event(let event) = reading else { continue }
                _ = dashboard.update(.event(event))
                _ = dashboard.update(.tick(event.at))
            }
            try requireDrawn(dashboard)
            _ = dashboard.update(.size(Size(80, 24)))
            _ = dashboard.update(.tick(FuzzDay.now))
            try requireDrawn(dashboard)
        },
        FuzzTarget(name: "dashboard-keys", longest: 512) { bytes in
            var dashboard = FuzzDay.dashboard
            for key in keys(of: bytes, most: 40) {
                _ = dashboard.update(.key(key))
                dashboard.markDrawn()
                dashboard.markSeen()
            }
            try requireDrawn(dashboard)
        },
        FuzzTarget(name: "terminal", longest: 2048) { bytes in
            for case .character(let character) in keys(of: bytes, most: .max) {
                try requireSame(Text.sanitised(String(character)), String(character), "a key would be obeyed")
            }
        },
    ]

    /// The keys of bursts that a line brings one after the other, with the pause that the first byte of each tells.
    private static func keys(of bytes: [UInt8], most: Int) -> [Key] {
        var decoder = KeyDecoder(KeySequences(hasMouse: true))
        var now = ContinuousClock.now
        return bytes.split(separator: 0xFF).prefix(most).flatMap { burst in
            now += .milliseconds(8 * Int(burst.first ?? 0))
            return decoder.settle(at: now) + decoder.receive(burst, at: now)
        } + decoder.settle(at: now + .seconds(60))
    }

    private static func requireDrawn(_ dashboard: DashboardState) throws {
        let canvas = Screen.draw(dashboard)
        for cell in canvas.cells where cell.glyph.width > 0 {
            try require(String(Character(cell.glyph.scalar)).isPlain, "a cell would be obeyed by the terminal")
        }
    }
}

/// A day at the bar, for what needs one.
enum FuzzDay {
    static let now = Timestamp(milliseconds: 1_764_000_060_000)
    static let state: MeshState = dashboardState.mesh
    static let dashboard: DashboardState = dashboardState

    static let rendering = ScreenRendering(theme: .midnight, size: Size(80, 24))

    private static let dashboardState: DashboardState = {
        var dashboard = DashboardState(
            DashboardState.Options(user: "fuzz", themes: ["midnight", "daylight"]), size: Size(100, 30), now: now)
        _ = dashboard.update(.connection(.connected))
        for (place, observation) in observations.enumerated() {
            let at = now.advanced(bySeconds: Double(place - observations.count) / 10)
            _ = dashboard.update(.event(Event(number: UInt64(place + 1), at: at, observation: observation)))
        }
        _ = dashboard.update(.tick(now))
        return dashboard
    }()

    private static let observations: [Observation] = {
        let calls: [(ServiceName, [ServiceName])] = [("door", ["bar"]), ("bar", ["taps", "kitchen"]), ("taps", [])]
        let objective = Objective(name: "orders", service: "door", indicator: .success(target: 0.99))
        let session = Session(
            id: "S1", name: "the bar", mode: .live, startedAt: now.advanced(bySeconds: -60), entrance: "door",
            pollInterval: 1, objectives: [objective])
        var sample = TrafficSample(seconds: 1)
        sample.completed = 40
        sample.answers2xx = 39
        sample.answers5xx = 1
        sample.latency = LatencyHistogram([LatencyHistogram.Bin(lower: 10, width: 1, count: 40)])
        let reports = calls.map { service, to in
            Observation.traffic(
                TrafficReport(
                    source: service.text, service: service, inbound: sample,
                    outbound: to.map { TrafficReport.Outbound(to: $0, sample: sample) }))
        }
        let fault = Fault(
            id: "F1", kind: .delay(milliseconds: 300), edge: Edge(from: "bar", to: "taps"), share: 0.5, by: "fuzz",
            requestedAt: now, leaseEnds: now.advanced(bySeconds: 60), phase: .active, sources: ["bar"])
        return [.session(session)] + reports + reports + [.fault(fault)] + reports
    }()
}
