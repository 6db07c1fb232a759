import MeshModel
import Testing

@testable import DemoMesh

@Suite struct DiscoveryTests {
    private let subject = DiscoveryBook.Subject(node: "taps-1", kind: .routes, names: ["to_cellar"])
    private let layout = MeshLayout(of: .bar, base: 21_000)

    private func book(_ prefix: String = "7") -> DiscoveryBook {
        let layout = layout
        return DiscoveryBook(prefix: prefix) { subject, policy in
            guard let place = layout.places.first(where: { $0.node == subject.node }) else { return nil }
            var resources = SidecarResources(place: place, mesh: .bar, layout: layout)
            resources.policy = policy
            return resources.all(subject.kind, subject.names)
        }
    }

    private func policy(deadline: String) throws -> MeshPolicy {
        var policy = MeshPolicy()
        try policy.set("taps>cellar/deadline", to: deadline, in: .bar, layout)
        return policy
    }

    private func version(_ decision: DiscoveryBook.Decision) -> String? {
        guard case .send(let resources) = decision else { return nil }
        return resources["version_info"]?.string
    }

    @Test func `a request of Envoy is read at its ends, whatever it was built with`() throws {
        let extensions = (0..<500).map { #"{"name":"envoy.\#($0)","type_urls":["a.b.C"]}"# }.joined(separator: ",")
        func body(_ version: String) -> [UInt8] {
            Array(
                (#"{\#(version)"node":{"id":"taps-2","cluster":"taps","user_agent_build_version":{"version":"#
                    + #"{"major_number":1}},"extensions":[\#(extensions)]},"resource_names":["to_cellar"],"#
                    + #""type_url":"type.googleapis.com/envoy.config.route.v3.RouteConfiguration"}"#).utf8)
        }
        let first = try #require(DiscoveryRequest(body("")))
        #expect(first.node == "taps-2" && first.version.isEmpty && first.names == ["to_cellar"])
        #expect(DiscoveryRequest(body(#""version_info":"7.1","#))?.version == "7.1")
        #expect(DiscoveryRequest(Array("{}".utf8)) == nil && DiscoveryRequest([]) == nil)
    }

    @Test func `a sidecar is sent what it does not have, and waits for what is new`() throws {
        var book = book()
        #expect(version(book.decide(subject, has: "", isAgain: false)) == "7.1")
        #expect(!book.isTaken { _ in true })
        #expect(book.decide(subject, has: "7.1", isAgain: false) == .wait)
        #expect(book.isTaken { _ in true })
        book.put(try policy(deadline: "30"))
        #expect(version(book.decide(subject, has: "7.1", isAgain: true)) == "7.2")
        #expect(book.decide(subject, has: "7.2", isAgain: false) == .wait)
    }

    @Test func `a change elsewhere is no new version`() throws {
        var book = book()
        _ = book.decide(subject, has: "", isAgain: false)
        var policy = MeshPolicy()
        try policy.set("tab>till/retries", to: "5", in: .bar, layout)
        book.put(policy)
        #expect(book.decide(subject, has: "7.1", isAgain: true) == .wait)
    }

    @Test func `who comes back twice without what it was sent has refused it, until there is something else`() throws {
        var book = book()
        _ = book.decide(subject, has: "", isAgain: false)
        _ = book.decide(subject, has: "7.1", isAgain: false)
        book.put(try policy(deadline: "30"))
        #expect(version(book.decide(subject, has: "7.1", isAgain: true)) == "7.2")
        // The first answer may have been lost.
        #expect(version(book.decide(subject, has: "7.1", isAgain: false)) == "7.2")
        #expect(book.decide(subject, has: "7.1", isAgain: false) == .wait)
        let sync = try #require(book.syncz(mesh: "bar").array?.first)
        let standing = sync["resources"]?["type.googleapis.com/envoy.config.route.v3.RouteConfiguration"]
        #expect(sync["proxy"] == "taps-1.bar" && standing?["sent"] == "7.2" && standing?["acked"] == "7.1")
        #expect(standing?["lastError"]?.string?.contains("to_cellar") == true)
        book.put(MeshPolicy())
        #expect(version(book.decide(subject, has: "7.1", isAgain: true)) == "7.3")
    }

    @Test func `one that was restarted begins anew, and versions of an earlier control plane are none of ours`() throws
    {
        var book = book()
        _ = book.decide(subject, has: "", isAgain: false)
        _ = book.decide(subject, has: "7.1", isAgain: false)
        #expect(version(book.decide(subject, has: "", isAgain: false)) == "7.1")
        var later = self.book("8")
        #expect(version(later.decide(subject, has: "7.1", isAgain: false)) == "8.1")
    }

    @Test func `nobody else is told anything`() {
        var book = book()
        let stranger = DiscoveryBook.Subject(node: "lizard", kind: .listeners, names: [])
        let other = DiscoveryBook.Subject(node: "taps-1", kind: .routes, names: ["to_tab"])
        #expect(book.decide(stranger, has: "", isAgain: false) == .unknown)
        #expect(book.decide(other, has: "", isAgain: false) == .unknown)
    }
}
