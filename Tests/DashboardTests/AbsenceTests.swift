import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Idle is only who is looked at.
@Suite struct AbsenceTests {
    @Test func `where nobody tells of traffic, the screen says why`() {
        func frame(_ state: SourceState) -> String {
            let source = SourceReport(
                name: "lab", kind: .envoy, endpoint: "https://127.0.0.1:1", service: nil, state: state,
                explanation: "No permission to access the pod: get pods/portforward is not allowed")
            let options = DashboardState.Options(user: "mv", isObserver: false, themes: ["midnight"], keymap: Keymap())
            var dashboard = DashboardState(options, size: Size(80, 24), now: BarDay.start)
            _ = dashboard.update(.connection(.connected))
            _ = dashboard.update(.event(Event(number: 1, at: BarDay.start, observation: .source(source))))
            return CanvasText.glyphs(Screen.draw(dashboard))
        }
        let silent = frame(.unreachable)
        #expect(silent.contains(" No data: No permission to access the pod"))
        #expect(silent.contains("No service known yet") && silent.contains("┃ No permission to access the pod: get"))
        #expect(!frame(.fresh).contains("No permission to access"))
    }

    @Test func `hits that somebody counted are shown of a fault that its holder tells`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        let only = FaultKind.abort(status: 503).only(FaultCondition.header("end-user", value: "jason"))
        for (id, kind) in [("F1", FaultKind.abort(status: 503)), ("F2", only)] {
            var fault = BarDay.fault(id, kind, Edge(from: "bar", to: "taps"), share: 1, at: day.now)
            fault.evidence = .held
            #expect(FaultWords.seen(fault, day.state.mesh).hasPrefix("confirmed by"))
            day.begin(fault)
            day.run(seconds: 8)
            let words = FaultWords.seen(day.state.mesh.faults.first { $0.id == id } ?? fault, day.state.mesh)
            #expect(words.hasSuffix(id == "F1" ? "%" : "% of all"), "\(words)")
        }
    }

    @Test func `a callee without a proxy and one that is unreachable are not idle`() {
        let now = BarDay.start
        var sample = TrafficSample(seconds: 1)
        sample.completed = 30
        func source(_ name: ServiceName, _ state: SourceState) -> Observation {
            .source(
                SourceReport(
                    name: name.text, kind: .envoy, endpoint: "http://127.0.0.1:1", service: name, state: state))
        }
        let report = TrafficReport(
            source: "bar", service: "bar", inbound: sample,
            outbound: [TrafficReport.Outbound(to: "db", sample: sample)])
        var mesh = MeshState()
        let observations = [
            source("bar", .fresh), source("cart", .unreachable), source("menu", .fresh), .traffic(report),
        ]
        for (place, observation) in observations.enumerated() {
            mesh.apply(Event(number: UInt64(place) + 1, at: now, observation: observation))
        }
        let readings = Readings(of: mesh, at: now)
        #expect(Look.word(readings["db"]) == "not observed")
        #expect(Look.word(readings["cart"]) == "no data")
        #expect(Look.word(readings["menu"]) == "idle")
        #expect(Look.word(readings["bar"]) == "ok")
    }

    @Test func `a call without requests tells its bytes, and is idle once there were requests`() {
        let edge = Edge(from: "till", to: "ledger")
        func day(requests: UInt64) -> BarDay {
            var day = BarDay(Size(200, 60))
            for second in 1...8 {
                day.run(seconds: 1)
                var sample = TrafficSample(seconds: 1)
                (sample.connections, sample.bytesReceived, sample.bytesSent) = (3, 2_000_000, 500_000)
                if second == 1 { sample.completed = requests }
                let calls = [TrafficReport.Outbound(to: edge.to, sample: sample)]
                day.send(.traffic(TrafficReport(source: "till", service: "till", inbound: nil, outbound: calls)))
            }
            return day
        }
        var tcp = day(requests: 0)
        tcp.press("v v")
        #expect(CanvasText.glyphs(Screen.draw(tcp.state)).contains("2.5 MB/s, 3.0/s conn"))
        var http = day(requests: 9)
        #expect(http.state.readings[edge].silence != nil && http.state.readings[edge].stream == nil)
        http.press("v v")
        let tree = CanvasText.glyphs(Screen.draw(http.state))
        #expect(!tree.contains("MB/s"))
    }

    @Test(arguments: [(0.4, "0 B/s"), (870, "870 B/s"), (12_000, "12 kB/s"), (3_400_000, "3.4 MB/s")])
    func `bytes a second are told in the unit that fits`(bytes: Double, words: String) {
        #expect(Format.throughput(bytes) == words)
    }
}
