import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// Captured VirtualServices, and what faults must make of their routes.
enum BreakingFixtures {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/istio/breaking")

    static func json(_ name: String) throws -> JSON {
        try JSON(parsing: Array(Data(contentsOf: folder.appending(path: name))))
    }

    static func http(_ name: String) throws -> [JSON] {
        try json(name).array ?? json(name)["spec"]?["http"]?.array ?? []
    }

    static let ratings = "ratings.bookinfo.svc.cluster.local"
    static let reviews = "reviews.bookinfo.svc.cluster.local"
}

/// What faults make of the routes of a VirtualService, and that others' requests meet what they met before.
struct VirtualServiceRoutesTests {
    private let ratings = VirtualServiceRoutes(source: "bookinfo/ratings", namespace: "bookinfo")
    private let reviews = VirtualServiceRoutes(source: "bookinfo/reviews", namespace: "bookinfo")

    private func abort(_ status: Int = 503, _ share: Double = 1, to host: String = BreakingFixtures.ratings)
        -> VirtualServiceFault
    {
        VirtualServiceFault(effect: .abort(status: status), share: share, host: host)
    }

    private func delay(_ milliseconds: Int, _ share: Double = 1, to host: String = BreakingFixtures.ratings)
        -> VirtualServiceFault
    {
        VirtualServiceFault(effect: .delay(milliseconds: milliseconds), share: share, host: host)
    }

    private func expect(_ http: [JSON], _ name: String, _ comment: Comment? = nil) throws {
        let wanted = JSON.array(try BreakingFixtures.http(name)).canonical.text
        #expect(JSON.array(http).canonical.text == wanted, comment)
    }

    @Test func `An abort and a delay for everybody stand beside each other in the route`() throws {
        let http = try ratings.adding(
            [abort(500, 0.5), delay(400, 0.3)], to: BreakingFixtures.http("ratings.json"))
        try expect(http, "ratings.http-both.json")
    }

    @Test func `A delay for one user comes first and leaves the others alone`() throws {
        var fault = delay(7000)
        fault.header = .init(name: "End-User", value: "jason")
        try expect(ratings.adding(fault, to: BreakingFixtures.http("ratings.json")), "ratings.http-jason.json")
    }

    @Test func `An abort for one caller is matched by its labels and its namespace`() throws {
        var fault = abort()
        fault.caller = .init(namespace: "bookinfo", labels: ["app": "reviews", "version": "v2"])
        try expect(ratings.adding(fault, to: BreakingFixtures.http("ratings.json")), "ratings.http-reviews-v2.json")
    }

    @Test func `Each route that the caller can meet is copied with its own matches narrowed, in its order`() throws {
        var fault = delay(2500, 0.005, to: BreakingFixtures.reviews)
        fault.caller = .init(namespace: "bookinfo", labels: ["app": "productpage"], pods: [["app": "productpage"]])
        let routes = try BreakingFixtures.http("reviews.routes.json")
        try expect(reviews.adding(fault, to: routes), "reviews.routes-productpage.json")
    }

    @Test func `A version is broken where it has a route of its own, and refused where weights split`() throws {
        var fault = abort(to: BreakingFixtures.reviews)
        fault.subsets = ["v2"]
        let routes = try BreakingFixtures.http("reviews.routes.json")
        let http = try reviews.adding(fault, to: routes)
        #expect(http[4]["fault"]?["abort"] != nil)
        #expect(Array(http[..<4]) == Array(routes[..<4]))
        fault.subsets = ["v1"]
        let refusal = #expect(throws: VirtualServiceRefusal.self) { try reviews.adding(fault, to: routes) }
        #expect(refusal?.reason.contains("splits by weight, so a fault there also hits") == true)
        fault.subsets = ["v7"]
        #expect(throws: VirtualServiceRefusal.self) { try reviews.adding(fault, to: routes) }
    }

    @Test func `A fault of others is never overwritten, and another effect stands beside it`() throws {
        let routes = try BreakingFixtures.http("ratings.json").map {
            $0.setting("fault", to: ["delay": ["fixedDelay": "1s", "percentage": ["value": 10]]])
        }
        #expect(throws: VirtualServiceRefusal.self) { try ratings.adding(delay(200), to: routes) }
        let http = try ratings.adding(abort(), to: routes)
        #expect(http[0]["fault"]?["delay"]?["fixedDelay"] == "1s")
        #expect(
            VirtualServiceRoutes.removing([abort()], added: [], from: http).map(\.canonical) == routes.map(\.canonical))
    }

    @Test func `A second fault hits what the first one's copies take, too`() throws {
        var jason = delay(7000)
        jason.header = .init(name: "end-user", value: "jason")
        var caller = abort()
        caller.caller = .init(namespace: "bookinfo", labels: ["app": "reviews"])
        let http = try ratings.adding([jason, caller], to: BreakingFixtures.http("ratings.json"))
        #expect(http.count == 4)
        #expect(http[0]["fault"]?.members.map(\.name).sorted() == ["abort", "delay"])
        #expect(
            http[0]["match"]?.array?.first?["headers"] != nil && http[0]["match"]?.array?.first?["sourceLabels"] != nil)
        #expect(http[1]["fault"]?["delay"] == nil && http[2]["fault"]?["abort"] == nil)
    }

    @Test(arguments: [
        (#"[{"redirect":{"uri":"/x"}}]"#, "responds itself (redirect)"),
        (#"[{"directResponse":{"status":503}}]"#, "responds itself (directResponse)"),
        (
            #"[{"delegate":{"name":"other","namespace":"team"}}]"#,
            "delegates its routes to another VirtualService, team/other"
        ),
        (#"[]"#, "has no HTTP routes"),
        (#"[{"route":[{"destination":{"host":"details"}}]}]"#, "no route of bookinfo/ratings leads to"),
        (
            #"[{"route":[{"destination":{"host":"ratings"},"weight":50},{"destination":{"host":"other"},"weight":50}]}]"#,
            "also hits other"
        ),
    ])
    func `What can't hold a fault says why`(routes: String, words: String) throws {
        let http = try JSON(parsing: routes).array ?? []
        let refusal = #expect(throws: VirtualServiceRefusal.self) { try ratings.adding(abort(), to: http) }
        #expect(refusal?.reason.contains(words) == true, "\(refusal?.reason ?? "")")
    }

    @Test func `Destinations of weight zero get nothing, so they are no obstacle`() throws {
        let http = try JSON(
            parsing:
                #"[{"route":[{"destination":{"host":"ratings"},"weight":100},{"destination":{"host":"x"},"weight":0}]}]"#
        )
        #expect(try ratings.adding(abort(), to: http.array ?? [])[0]["fault"] != nil)
    }

    @Test func `Amounts that Istio or Envoy would refuse are refused before anybody is asked`() {
        for fault in [abort(600), abort(150), abort(503, 1.5), abort(503, 0.000_000_1), delay(0)] {
            #expect(throws: VirtualServiceRefusal.self) { try fault.validate() }
        }
        #expect(throws: Never.self) { try abort(599, 0.000_001).validate() }
        #expect(abort(503, 0.000_001).block["percentage"]?["value"] == 0.0001)
        #expect(
            [1, 20, 400, 7000, 1050].map(VirtualServiceFault.duration) == ["0.001s", "0.02s", "0.4s", "7s", "1.05s"])
    }

    @Test func `Short and whole host names are the same, and a name with a dot is not completed`() {
        #expect(IstioHost.resolved("ratings", in: "bookinfo") == BreakingFixtures.ratings)
        #expect(IstioHost.resolved(BreakingFixtures.ratings, in: "x") == BreakingFixtures.ratings)
        #expect(IstioHost.resolved("ratings.bookinfo", in: "bookinfo") == "ratings.bookinfo")
        #expect(IstioHost.isWildcard("*.bookinfo.svc.cluster.local", covering: BreakingFixtures.ratings))
    }

    @Test func `A header that a route matches already is narrowed where that is exact, else refused`() throws {
        func match(_ condition: String) throws -> JSON? {
            try RouteSelection(header: .init(name: "end-user", value: "jason"))
                .narrowed(JSON(parsing: #"[{"headers":{"end-user":\#(condition)}}]"#))
        }
        #expect(try match(#"{"exact":"jason"}"#) != nil)
        #expect(try match(#"{"exact":"anna"}"#) == nil)
        #expect(try match(#"{"prefix":"ja"}"#)?.array?[0]["headers"]?["end-user"]?["exact"] == "jason")
        #expect(try match(#"{"prefix":"an"}"#) == nil)
        #expect(throws: VirtualServiceRefusal.self) { try match(#"{"regex":"j.*"}"#) }
    }
}
