import MeshModel

extension StandInCluster {
    enum Reply {
        case answer(Answer)
        /// The connection is a watch until its client leaves or the time is over.
        case watch(id: Int, limit: Duration?)
        /// All is said, and the connection ends.
        case done
    }
}

extension StandInCluster.State {
    typealias Reply = StandInCluster.Reply
    typealias Request = StandInCluster.Request
    typealias Answer = StandInCluster.Answer

    mutating func reply(to request: Request, _ connection: StubConnection) -> Reply {
        let user: String?
        switch self.user(of: request) {
        case .success(let known): user = known
        case .failure(let refusal): return .answer(refusal.answer)
        }
        if let page = page(request) { return .answer(page) }
        if let review = review(request, user) { return .answer(review) }
        guard let target = StandInTarget(path: request.path), has(target.resource, in: target.version) else {
            return .answer(Self.noPage)
        }
        let isWatch = ["1", "true"].contains(request.query["watch"]?.lowercased())
        let verb = Self.verb(request.method, hasName: target.name != nil, isWatch: isWatch)
        guard may(user, verb, target) else { return .answer(Self.forbidden(user, verb, target)) }
        if target.subresource != nil { return .answer(reply(to: request, subresourceOf: target)) }
        switch (request.method, target.name) {
        case ("GET", let name?):
            let key = StandInStore.Key(resource: target.resource, namespace: target.namespace ?? "", name: name)
            return .answer(store[key].map { Self.json(200, target.shown($0)) } ?? Self.missing(target, name))
        case ("GET", nil): return isWatch ? watch(target, request, connection) : .answer(list(target, request))
        case ("POST", nil): return .answer(create(target, request))
        case ("PUT", let name?): return .answer(replace(target, name, request))
        case ("PATCH", let name?): return .answer(patch(target, name, request))
        case ("DELETE", let name?): return .answer(delete(target, name, request))
        default: return .answer(Self.notAllowed)
        }
    }

    static func json(_ status: Int, _ json: JSON) -> Answer { Answer(status, body: json.bytes) }

    static func refusal(
        _ status: Int, _ reason: String?, _ message: String, details: JSON? = nil, headers: [String] = [],
        metadata: JSON = [:]
    ) -> Answer {
        let body = StandInStatus.failure(status, reason, message, metadata: metadata, details: details)
        return Answer(status, headers: ["Content-Type: application/json"] + headers, body: body.bytes)
    }

    static let noPage = Answer(
        404, headers: ["Content-Type: text/plain; charset=utf-8"], body: Array("404 page not found\n".utf8))

    static let notAllowed = refusal(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details: [:])

    static func details(_ target: StandInTarget, _ name: String?, kind: String? = nil) -> JSON {
        var details: JSON = [:]
        if let name { details = details.with("name", .string(name)) }
        if !target.resource.group.isEmpty { details = details.with("group", .string(target.resource.group)) }
        return details.with("kind", .string(kind ?? target.resource.plural))
    }

    static func missing(_ target: StandInTarget, _ name: String) -> Answer {
        refusal(
            404, "NotFound", "\(target.resource.fullName) \"\(name)\" not found", details: details(target, name))
    }

    private func page(_ request: Request) -> Answer? {
        let parts = request.path.split(separator: "/").map(String.init)
        switch parts.first {
        case "version":
            return Self.json(200, ["major": "1", "minor": "36", "gitVersion": "v1.36.2", "platform": "linux/amd64"])
        case "readyz", "livez", "healthz":
            let words = isReady ? "ok" : "[-]etcd failed: reason withheld\nreadyz check failed\n"
            return Answer(isReady ? 200 : 500, headers: ["Content-Type: text/plain"], body: Array(words.utf8))
        case "api" where parts.count == 2: return resources(group: "", version: parts[1])
        case "apis" where parts.count == 2: return versions(group: parts[1])
        case "apis" where parts.count == 3: return resources(group: parts[1], version: parts[2])
        default: return nil
        }
    }

    private func has(_ resource: StandInResource, in version: String) -> Bool {
        let group = resource.group
        return resource.versions.contains(version)
            && absent.isDisjoint(with: [group, "\(group)/\(version)", "\(group)/\(version)/\(resource.plural)"])
    }

    private func versions(group: String) -> Answer {
        let its = StandInResource.all.filter { $0.group == group }
        let all = ["v1", "v1beta1", "v1alpha3", "v1alpha1"].filter { version in its.contains { has($0, in: version) } }
        let versions = all.map { version -> JSON in
            ["groupVersion": .string("\(group)/\(version)"), "version": .string(version)]
        }
        guard let preferred = versions.first else { return Self.noPage }
        return Self.json(
            200,
            [
                "kind": "APIGroup", "apiVersion": "v1", "name": .string(group), "versions": .array(versions),
                "preferredVersion": preferred,
            ])
    }

    private func resources(group: String, version: String) -> Answer {
        let found = StandInResource.all.filter { $0.group == group && has($0, in: version) }
        guard !found.isEmpty else { return Self.noPage }
        let verbs: JSON = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
        let list = found.map { resource -> JSON in
            [
                "name": .string(resource.plural), "singularName": .string(resource.kind.lowercased()),
                "namespaced": .bool(resource.isNamespaced), "kind": .string(resource.kind), "verbs": verbs,
            ]
        }
        return Self.json(
            200,
            [
                "kind": "APIResourceList", "apiVersion": "v1",
                "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"), "resources": .array(list),
            ])
    }

    private func list(_ target: StandInTarget, _ request: Request) -> Answer {
        let selection = StandInSelection(
            labels: request.query["labelSelector"], fields: request.query["fieldSelector"])
        if let unknown = selection.unknown {
            return Self.refusal(400, "BadRequest", "field label not supported: \(unknown)")
        }
        if let refusal = refusalOfVersion(request) { return refusal }
        var items = store.list(target, selection)
        var version = store.version
        if let token = request.query["continue"], !token.isEmpty {
            guard let place = StandInContinuation(token) else {
                let cause = "continue key is not valid: invalid character 'i' looking for beginning of value"
                return Self.refusal(400, "BadRequest", "invalid continue token: \(cause)")
            }
            if place.version >= 0, place.version < store.forgotten {
                let again = StandInContinuation(version: -1, start: place.start).token
                let words =
                    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list."
                return Self.refusal(410, "Expired", words, metadata: ["continue": .string(again)])
            }
            if place.version >= 0 { version = place.version }
            items = items.filter { $0.key.namespace + "/" + $0.key.name > place.start }
        }
        var metadata: JSON = ["resourceVersion": .string("\(version)")]
        let limit = request.query["limit"].flatMap(Int.init) ?? 0
        if limit > 0, items.count > limit {
            let last = items[limit - 1].key
            let place = StandInContinuation(version: version, start: last.namespace + "/" + last.name)
            metadata = metadata.with("continue", .string(place.token))
                .with("remainingItemCount", .integer(Int64(items.count - limit)))
            items = Array(items.prefix(limit))
        }
        let head: [JSON.Member] = [
            JSON.Member("kind", .string(target.resource.kind + "List")),
            JSON.Member("apiVersion", .string(target.resource.apiVersion(target.version))),
        ]
        let shown = items.map { item -> JSON in
            // Only custom objects say in a list what they are.
            guard !target.resource.isCustom else { return target.shown(item.object) }
            return item.object.with("kind", nil).with("apiVersion", nil)
        }
        return Self.json(
            200, .object(head + [JSON.Member("metadata", metadata), JSON.Member("items", .array(shown))]))
    }

    /// A list from a version that is not yet, or no more.
    private func refusalOfVersion(_ request: Request) -> Answer? {
        guard let text = request.query["resourceVersion"], !text.isEmpty, text != "0" else { return nil }
        guard let version = Int(text) else { return Self.badVersion(text) }
        if version > store.version {
            let words = "Timeout: Too large resource version: \(version), current: \(store.version)"
            return Self.refusal(
                504, "Timeout", words,
                details: [
                    "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
                    "retryAfterSeconds": 1,
                ], headers: ["Retry-After: 1"])
        }
        if version < store.forgotten, request.query["resourceVersionMatch"] == "Exact" {
            return Self.refusal(410, "Expired", "The resourceVersion for the provided list is too old.")
        }
        return nil
    }

    private static func badVersion(_ text: String) -> Answer {
        let cause = "strconv.ParseUint: parsing \"\(text)\": invalid syntax"
        return refusal(500, nil, "resourceVersion: Invalid value: \"\(text)\": \(cause)")
    }

    private mutating func watch(
        _ target: StandInTarget, _ request: Request, _ connection: StubConnection
    ) -> Reply {
        let selection = StandInSelection(
            labels: request.query["labelSelector"], fields: request.query["fieldSelector"])
        let text = request.query["resourceVersion"] ?? ""
        guard let version = text.isEmpty ? 0 : Int(text) else { return .answer(Self.badVersion(text)) }
        let watcher = StandInStore.Watcher(
            target: target, selection: selection,
            wantsBookmarks: ["1", "true"].contains(request.query["allowWatchBookmarks"]), connection: connection)
        connection.write(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        guard version == 0 || version >= store.forgotten else {
            let words = "too old resource version: \(version) (\(store.forgotten))"
            let event: JSON = ["type": "ERROR", "object": StandInStatus.failure(410, "Expired", words)]
            connection.writeChunk(event.bytes + [0x0A])
            connection.write("0\r\n\r\n")
            return .done
        }
        let wantsList = request.query["sendInitialEvents"] == "true"
        if version == 0 || wantsList {
            for item in store.list(target, selection) {
                let event: JSON = ["type": "ADDED", "object": target.shown(item.object)]
                connection.writeChunk(event.bytes + [0x0A])
            }
            if wantsList, watcher.wantsBookmarks {
                connection.writeChunk(watcher.bookmark(store.version, isEndOfList: true).bytes + [0x0A])
            }
        }
        let id = store.add(watcher, after: version == 0 || wantsList ? store.version : version)
        return .watch(id: id, limit: request.query["timeoutSeconds"].flatMap(Int.init).map { .seconds($0) })
    }
}
