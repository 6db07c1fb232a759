import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// The stand-in for an API server answers what a real one answered, request by request.
@Suite(.timeLimit(.minutes(2))) struct StandInClusterTests {
    /// What differs from server to server and from day to day.
    private static let passing: Set = [
        "resourceVersion", "uid", "creationTimestamp", "time", "continue", "deletionTimestamp", "generation",
    ]

    private static func cluster() throws -> StandInCluster {
        let cluster = try StandInCluster(objects: try KubernetesFixtures.bookinfo())
        let review = try KubernetesFixtures.exchange("057")
        let rules = try #require(review["answer"]?["status"]?["resourceRules"]?.array)
        let reading = rules.filter { $0["verbs"]?.array?.contains("list") == true }
        cluster.admit("admin", token: "admin")
        cluster.admit("operator", token: "operator", rules: rules)
        cluster.admit("viewer", token: "viewer", rules: reading)
        cluster.admit("nobody", token: "nobody", rules: [])
        let own = rules.map { rule -> JSON in
            guard case .object(let members) = rule else { return rule }
            return .object(members + [JSON.Member("namespaces", ["bookinfo"])])
        }
        cluster.admit("olivia", token: "olivia", rules: own)
        return cluster
    }

    @Test func `It answers what a real API server answered`() async throws {
        let cluster = try Self.cluster()
        let transport = try CurlTransport()
        var lists: [String] = []
        for exchange in try KubernetesFixtures.exchanges() {
            let name = exchange["name"]?.string ?? ""
            switch name.prefix(3) {
            case "070": Self.breakRoute(of: "ratings", cluster, isMended: true, by: "kubectl-client-side-apply")
            case "112": try Self.addRatings(cluster)
            case "125": Self.breakRoute(of: "reviews", cluster)
            case "126": Self.breakRoute(of: "reviews", cluster, isMended: true)
            case "130": Self.breakRoute(of: "details", cluster)
            default: break
            }
            if name.hasPrefix("147") { cluster.forget() }
            cluster.forbidEviction(name.hasPrefix("112") || name.hasPrefix("113"))
            let answer = try await transport.send(try Self.request(exchange, to: cluster, lists.last))
            #expect(answer.status == exchange["status"]?.integer.map(Int.init), "\(name)")
            if let plain = exchange["plain"]?.string {
                #expect(String(decoding: answer.body, as: UTF8.self).hasPrefix(plain), "\(name)")
            } else if let events = exchange["events"]?.array {
                let seen = try answer.body.split(separator: 0x0A).map { try JSON(parsing: Array($0)) }
                Self.compare(.array(seen), .array(events), name)
            } else if let expected = exchange["answer"] {
                let body = try JSON(parsing: answer.body)
                if let token = body["metadata"]?["continue"]?.string { lists.append(token) }
                Self.compare(body, expected, name)
            }
        }
    }

    /// What happened before the next of the exchanges, and was not kept of them.
    private static func breakRoute(
        of name: String, _ cluster: StandInCluster, isMended: Bool = false, by manager: String = "gameday"
    ) {
        guard let object = cluster.object("VirtualService", name, in: "bookinfo"), case .object(let members) = object
        else { return }
        let route: JSON = ["route": [["destination": ["host": .string(name), "subset": "v1"]]]]
        let fault: JSON = [
            "fault": ["abort": ["percentage": ["value": 25], "httpStatus": 503]], "route": route["route"] ?? .null,
        ]
        let spec: JSON = ["hosts": [.string(name)], "http": [isMended ? route : fault]]
        let new = members.map { $0.name == "spec" ? JSON.Member("spec", spec) : $0 }
        cluster.put(.object(new), by: manager)
    }

    private static func addRatings(_ cluster: StandInCluster) throws {
        let answer = try #require(try KubernetesFixtures.exchange("116")["answer"])
        guard case .object(let parts)? = answer["metadata"] else { return }
        let metadata = JSON.object(parts.filter { !$0.name.hasPrefix("deletion") })
        let pod: JSON = [
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": answer["spec"] ?? [:],
            "status": answer["status"] ?? [:],
        ]
        cluster.put(pod)
        let other = pod.text.replacing("b5jks", with: "w8c5w").replacing("40057d6bd56f", with: "40057d6bd570")
        cluster.put(try JSON(parsing: other))
    }

    /// The request as it was sent, with versions and names of today where they were right then.
    private static func request(
        _ exchange: JSON, to cluster: StandInCluster, _ continuation: String?
    ) throws -> HTTPRequest {
        var target = try #require(exchange["target"]?.string).replacing("timeoutSeconds=2", with: "timeoutSeconds=1")
        let hasSucceeded = (exchange["status"]?.integer ?? 0) < 300
        if hasSucceeded, let place = target.firstRange(of: "continue=") {
            target = target[..<place.upperBound] + (continuation ?? "")
        }
        var request = HTTPRequest(exchange["method"]?.string ?? "", cluster.url + target)
        let user = (exchange["as"]?.string ?? "").replacing("tok:", with: "").replacing("operator", with: "olivia")
        let isToken = exchange["as"]?.string?.hasPrefix("tok:") == true
        if let token = isToken ? exchange["as"]?.string?.replacing("tok:", with: "") : exchange["token"]?.string ?? user
        {
            if token != "anon" { request.headers.append(HTTPHeader("Authorization", "Bearer " + token)) }
        }
        for name in ["Impersonate-User", "Impersonate-Group"] {
            if let value = exchange[name]?.string { request.headers.append(HTTPHeader(name, value)) }
        }
        if let kind = exchange["contentType"]?.string { request.headers.append(HTTPHeader("Content-Type", kind)) }
        if let body = exchange["body"] {
            let known = Self.live(target, in: cluster)
            request.body = known.map { Self.fresh(body, $0, withVersion: hasSucceeded) }?.bytes ?? body.bytes
        } else if let text = exchange["text"]?.string {
            request.body = Array(text.utf8)
        }
        return request
    }

    /// The object that a path is about.
    private static func live(_ target: String, in cluster: StandInCluster) -> JSON? {
        let parts = target.prefix { $0 != "?" }.split(separator: "/").map(String.init)
        let kinds = [
            "virtualservices": "VirtualService", "pods": "Pod", "leases": "Lease", "deployments": "Deployment",
            "events": "Event",
        ]
        guard let place = parts.firstIndex(where: { kinds[$0] != nil }), place + 1 < parts.count,
            let kind = kinds[parts[place]]
        else { return nil }
        return cluster.object(kind, parts[place + 1], in: "bookinfo")
    }

    private static func fresh(_ json: JSON, _ live: JSON, withVersion: Bool) -> JSON {
        switch json {
        case .object(let members):
            let isVersion = json["path"] == "/metadata/resourceVersion"
            return .object(
                members.map { member in
                    let isTime = isVersion ? member.name == "value" : member.name == "resourceVersion"
                    let isName = member.name == "uid" && member.value.string?.hasPrefix("0000") == false
                    let place = isTime && withVersion ? "resourceVersion" : isName ? "uid" : nil
                    let value = place.flatMap { live["metadata"]?[$0] }
                    return JSON.Member(member.name, value ?? fresh(member.value, live, withVersion: withVersion))
                })
        case .array(let items): return .array(items.map { fresh($0, live, withVersion: withVersion) })
        default: return json
        }
    }

    private static func compare(_ seen: JSON, _ expected: JSON, _ place: String) {
        switch (seen, expected) {
        case (.object(let some), .object(let others)):
            // Of some lists the head alone was kept, and of pods not who owns their fields.
            let cut = ["items", "managedFields"].filter { expected[$0] == nil }
            let names = some.map(\.name).filter { !cut.contains($0) }
            #expect(Set(names) == Set(others.map(\.name)), "\(place)")
            for member in others where !passing.contains(member.name) {
                compare(seen[member.name] ?? .null, member.value, place + "." + member.name)
            }
        case (.array(let some), .array(let others)):
            #expect(some.count == others.count, "\(place)")
            for (index, pair) in zip(byOwner(some), byOwner(others)).enumerated() {
                compare(pair.0, pair.1, "\(place)[\(index)]")
            }
        case (.string(let some), .string(let other)): #expect(plain(some) == plain(other), "\(place)")
        default: #expect(seen == expected, "\(place)")
        }
    }

    /// Entries of managedFields stand in the order of their seconds, which are not those of the capture; nothing else is
    /// put into another order.
    private static func byOwner(_ items: [JSON]) -> [JSON] {
        func key(_ item: JSON) -> String { "\(item["manager"]?.string ?? "") \(item["operation"]?.string ?? "")" }
        guard items.allSatisfy({ $0["manager"] != nil && $0["operation"] != nil }) else { return items }
        return items.sorted { key($0) < key($1) }
    }

    /// A sentence without the versions and names that the server makes up.
    private static func plain(_ text: String) -> String {
        text.replacing(#/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/#, with: "UID")
            .replacing(#/(current: |record \()\d+/#) { String($0.output.1) + "N" }
            .replacing(#/(x|gameday-exp1)-[a-z0-9]{5}\b/#) { "\($0.output.1)-SUFFIX" }
    }
}
