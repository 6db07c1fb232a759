import MeshModel
import Testing

@testable import MeshClient

/// Proxies that say no name of their own: those who call them have one for them.
struct EnvoyCalledNameTests {
    private typealias Plain = EnvoySurveyingTests.Plain

    private static let front = EnvoyPages(
        listeners: [EnvoyPages.http("ingress_http", to: ["service1"])],
        clusters: [EnvoyPages.cluster("service1", "10.1.1.2", 8000)], node: ["cluster": "front"])
    private static let nameless = EnvoyPages(
        listeners: [EnvoyPages.http("ingress_http", to: ["local_service"], port: 8000)],
        clusters: [EnvoyPages.cluster("local_service", "127.0.0.1", 8080)])

    @Test func `a proxy without a name is called what the cluster is called that leads to it`() throws {
        let directory = EnvoyDirectory()
        let nameless = Plain(Self.nameless, admin: "http://10.1.1.2:9901", directory: directory)
        let front = Plain(Self.front, directory: directory)
        var told: [Observation] = []
        for count in 1...4 {
            told += nameless.turn("server.uptime=\(count) http.ingress_http.downstream_rq_completed=\(count * 10)")
            told += front.turn("server.uptime=\(count) cluster.service1.upstream_rq_completed=\(count * 10)")
        }
        #expect(Set(told.compactMap(\.report).map(\.name)) == ["front", "service1"])
        let last = try #require(told.compactMap(\.traffic).last { $0.source == "service1" })
        #expect(last.service == "service1" && last.inbound?.completed == 10)
        #expect(told.compactMap(\.traffic).last { $0.source == "front" }?.outbound.map(\.to) == ["service1"])
        #expect(directory.sidecars(of: "service1").map(\.endpoint.admin) == ["http://10.1.1.2:9901"])
    }

    @Test func `replicas behind one cluster are instances of one service`() {
        let directory = EnvoyDirectory()
        let replicas = [2, 3].map {
            Plain(Self.nameless, admin: "http://10.1.1.\($0):9901", directory: directory)
        }
        var pages = Self.front
        pages.clusters = [
            EnvoyPages.cluster("service1", "10.1.1.2", 8000, also: ["10.1.1.3"])
        ]
        let front = Plain(pages, directory: directory)
        for count in 1...4 {
            for plain in replicas + [front] { _ = plain.turn("server.uptime=\(count)") }
        }
        #expect(directory.sidecars(of: "service1").count == 2)
        #expect(Set(replicas.map(\.sidecar.source)) == ["service1", "service1 2"])
    }

    @Test func `one that nobody calls is called by its address, and by its name once somebody does`() {
        let directory = EnvoyDirectory()
        let nameless = Plain(Self.nameless, admin: "http://10.1.1.2:9901", directory: directory)
        var told: [Observation] = []
        for count in 1...4 { told += nameless.turn("server.uptime=\(count)") }
        #expect(told.compactMap(\.report).map(\.name) == ["10.1.1.2:9901"])
        let front = Plain(Self.front, directory: directory)
        for count in 5...8 {
            _ = front.turn("server.uptime=\(count)")
            told += nameless.turn("server.uptime=\(count)")
        }
        let reports = told.compactMap(\.report)
        #expect(reports.map(\.name) == ["10.1.1.2:9901", "10.1.1.2:9901", "service1"])
        #expect(reports.map(\.state) == [.fresh, .unreachable, .fresh])
    }

    @Test func `its name stays when it starts anew`() {
        let directory = EnvoyDirectory()
        let nameless = Plain(Self.nameless, admin: "http://10.1.1.2:9901", directory: directory)
        let front = Plain(Self.front, directory: directory)
        for count in 1...4 {
            _ = nameless.turn("server.uptime=\(count * 100) cluster.local_service.upstream_rq_completed=\(count)")
            _ = front.turn("server.uptime=\(count)")
        }
        let told = nameless.turn("server.uptime=0 cluster.local_service.upstream_rq_completed=0")
        #expect(Set(told.compactMap(\.traffic).map(\.source)) == ["service1"])
        #expect(nameless.sidecar.service == "service1")
    }

    @Test func `each address of loopback is a place of its own`() {
        func door(_ address: String, host: String) -> EnvoyNeighbours.Door {
            EnvoyNeighbours.Door(
                service: "a", source: "a", host: host, address: EnvoyOutline.Host(address: address, port: 80))
        }
        let place = EnvoyOutline.Host(address: "127.0.2.4", port: 80)
        #expect(!door("127.0.2.1", host: "127.0.2.1").isAt(place))
        #expect(door("127.0.2.4", host: "127.0.0.1").isAt(place))
        #expect(door("0.0.0.0", host: "127.0.0.1").isAt(place))
        #expect(door("127.0.0.1", host: "127.0.0.1").isAt(EnvoyOutline.Host(address: "localhost", port: 80)))
    }

    @Test func `a front proxy may say of its entrance that it leads out`() {
        let pages = EnvoyPages(
            listeners: [EnvoyPages.http("ingress_http", to: ["service1"], direction: "OUTBOUND")],
            clusters: [EnvoyPages.cluster("service1")], node: ["cluster": "front-proxy"])
        #expect(pages.shape().role.value == .frontProxy)
        #expect(pages.shape().inbound.value == ["http.ingress_http"])
        #expect(pages.shape().callees == ["service1"])
    }
}

extension Observation {
    fileprivate var report: SourceReport? {
        if case .source(let report) = self { report } else { nil }
    }
}
