import MeshModel

/// What changes objects.
extension StandInCluster.State {
    /// Another program writes an object, whatever it was before.
    mutating func put(_ object: JSON, by manager: String) -> JSON {
        guard let resource = StandInResource.ofObject(object) else { return object }
        let key = StandInStore.key(of: resource, object)
        guard let old = store[key] else { return made(object, key, by: manager, isDryRun: false) }
        let kept = object.with(["metadata", "resourceVersion"], nil)
        return changed(old, to: kept, key, by: manager, isDryRun: false)
    }

    mutating func create(_ target: StandInTarget, _ request: Request) -> Answer {
        guard var object = request.json, object["kind"]?.string == target.resource.kind else {
            let kind = target.resource.kind
            return Self.refusal(
                400, "BadRequest",
                "the object provided is unrecognized (must be of type \(kind)): couldn't get version/kind; json parse error: unexpected end of JSON input (\(String(decoding: request.body.prefix(30), as: UTF8.self)) ...)"
            )
        }
        let namespace = object.at(["metadata", "namespace"])?.string
        guard (namespace ?? target.namespace) == target.namespace else {
            let words = "the namespace of the provided object does not match the namespace sent on the request"
            return Self.refusal(400, "BadRequest", words)
        }
        if let stem = object.at(["metadata", "generateName"])?.string, object.at(["metadata", "name"]) == nil {
            object = object.with(["metadata", "name"], .string(stem + store.makeSuffix()))
        }
        let name = object.at(["metadata", "name"])?.string ?? ""
        guard Self.isName(name) else {
            let rule =
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            return Self.invalid(target, name, "metadata.name", "Invalid value: \"\(name)\": \(rule)")
        }
        if let refusal = Self.refusalOfContent(target, name, object) { return refusal }
        object = object.with(["metadata", "namespace"], target.namespace.map { .string($0) })
        let key = StandInStore.key(of: target.resource, object)
        guard store[key] == nil else {
            let words = "\(target.resource.fullName) \"\(name)\" already exists"
            return Self.refusal(409, "AlreadyExists", words, details: Self.details(target, name))
        }
        let result = made(object, key, by: Self.manager(request), isDryRun: Self.isDryRun(request))
        return Self.json(201, target.shown(result))
    }

    mutating func replace(_ target: StandInTarget, _ name: String, _ request: Request) -> Answer {
        let key = StandInStore.Key(resource: target.resource, namespace: target.namespace ?? "", name: name)
        guard let old = store[key] else { return Self.missing(target, name) }
        guard let object = request.json else { return Self.refusal(400, "BadRequest", "no JSON") }
        if target.resource.isCustom, object.at(["metadata", "resourceVersion"]) == nil {
            return Self.invalid(
                target, name, "metadata.resourceVersion", "Invalid value: 0: must be specified for an update",
                isByPlural: true)
        }
        return write(old, object, key, target, request)
    }

    mutating func patch(_ target: StandInTarget, _ name: String, _ request: Request) -> Answer {
        let key = StandInStore.Key(resource: target.resource, namespace: target.namespace ?? "", name: name)
        let kind = request.headers["content-type"] ?? ""
        if kind.hasPrefix("application/apply-patch") { return apply(target, name, key, request) }
        guard let old = store[key] else { return Self.missing(target, name) }
        guard let patch = request.json else { return Self.refusal(400, "BadRequest", "error decoding patch") }
        switch kind {
        case "application/json-patch+json":
            guard let new = old.patched(with: patch.array ?? []) else {
                let words = "the server rejected our request due to an error in our request"
                return Self.refusal(422, "Invalid", words, details: [:])
            }
            return write(old, new, key, target, request)
        case "application/strategic-merge-patch+json" where !target.resource.isCustom,
            "application/merge-patch+json":
            return write(old, old.merged(with: patch), key, target, request)
        default:
            let words =
                "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
            return Self.refusal(415, "UnsupportedMediaType", words)
        }
    }

    mutating func delete(_ target: StandInTarget, _ name: String, _ request: Request) -> Answer {
        let key = StandInStore.Key(resource: target.resource, namespace: target.namespace ?? "", name: name)
        guard let old = store[key] else { return Self.missing(target, name) }
        for (field, word, hint) in [
            ("uid", "UID", "The object might have been deleted and then recreated"),
            ("resourceVersion", "ResourceVersion", "The object might have been modified"),
        ] {
            let wanted = request.json?["preconditions"]?[field]?.string
            let found = old.at(["metadata", field])?.string ?? ""
            guard let wanted, wanted != found else { continue }
            let words =
                "Operation cannot be fulfilled on \(target.resource.fullKind) \"\(name)\": the \(word) in the precondition (\(wanted)) does not match the \(word) in record (\(found)). \(hint)"
            let details = Self.details(target, name, kind: target.resource.kind)
            return Self.refusal(409, "Conflict", words, details: details)
        }
        let isDryRun = Self.isDryRun(request)
        if target.resource.plural == "pods", request.json?["gracePeriodSeconds"]?.integer != 0 {
            var going = old
            if old.at(["metadata", "deletionTimestamp"]) == nil {
                let grace = request.json?["gracePeriodSeconds"] ?? 30
                going = old.with(["metadata", "deletionTimestamp"], .string(StandInStore.now))
                    .with(["metadata", "deletionGracePeriodSeconds"], grace)
                if !isDryRun { going = store.keep(going, as: key) }
            }
            return Self.json(200, target.shown(going))
        }
        if !isDryRun { store.remove(key) }
        let details = Self.details(target, name).with("uid", old.at(["metadata", "uid"]))
        return Self.json(
            200, ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details])
    }

    mutating func reply(to request: Request, subresourceOf target: StandInTarget) -> Answer {
        let name = target.name ?? ""
        let key = StandInStore.Key(resource: target.resource, namespace: target.namespace ?? "", name: name)
        guard let object = store[key] else { return Self.missing(target, name) }
        switch (request.method, target.subresource) {
        case ("POST", "eviction"):
            guard !forbidsEviction else {
                let cause: JSON = [
                    "reason": "DisruptionBudget",
                    "message": "The disruption budget ratings needs 1 healthy pods and has 1 currently",
                ]
                let words = "Cannot evict pod as it would violate the pod's disruption budget."
                return Self.refusal(429, "TooManyRequests", words, details: ["causes": [cause]])
            }
            if request.json?.at(["deleteOptions", "dryRun"]) == nil { store.remove(key) }
            return Self.json(
                201, ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201])
        case ("GET", "scale"): return Self.json(200, Self.scale(object))
        case ("PUT", "scale"), ("PATCH", "scale"):
            let sent = request.json ?? [:]
            let new = request.method == "PUT" ? sent : Self.scale(object).merged(with: sent)
            guard let version = new.at(["metadata", "resourceVersion"])?.string,
                version == object.at(["metadata", "resourceVersion"])?.string
            else { return Self.stale(target, name) }
            let wanted = object.with(["spec", "replicas"], new.at(["spec", "replicas"]))
            let kept = changed(
                object, to: wanted, key, by: Self.manager(request), isDryRun: Self.isDryRun(request))
            return Self.json(200, Self.scale(kept))
        default: return Self.noPage
        }
    }

    private static func scale(_ object: JSON) -> JSON {
        let labels = object.at(["spec", "selector", "matchLabels"])?.members ?? []
        let selector = labels.map { "\($0.name)=\($0.value.string ?? "")" }.joined(separator: ",")
        let metadata = (object["metadata"] ?? [:]).members.filter {
            ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"].contains($0.name)
        }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata),
            "spec": ["replicas": object.at(["spec", "replicas"]) ?? 1],
            "status": [
                "replicas": object.at(["status", "replicas"]) ?? 0, "selector": .string(selector),
            ],
        ]
    }

    private mutating func apply(
        _ target: StandInTarget, _ name: String, _ key: StandInStore.Key, _ request: Request
    ) -> Answer {
        guard let manager = request.query["fieldManager"] else {
            let words =
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"
            let cause: JSON = [
                "reason": "FieldValueRequired", "message": "Required value: is required for apply patch",
                "field": "fieldManager",
            ]
            return Self.refusal(
                422, "Invalid", words,
                details: ["group": "meta.k8s.io", "kind": "PatchOptions", "causes": [cause]])
        }
        guard let intent = request.json else { return Self.refusal(400, "BadRequest", "error decoding YAML") }
        guard intent.at(["metadata", "managedFields"]) == nil else {
            return Self.refusal(400, "BadRequest", "metadata.managedFields must be nil")
        }
        let apiVersion = target.resource.apiVersion(target.version)
        let isDryRun = Self.isDryRun(request)
        guard let old = store[key] else {
            let object = intent.with(["metadata", "namespace"], target.namespace.map { .string($0) })
            let result = made(object, key, by: manager, isDryRun: isDryRun, isApply: true)
            return Self.json(201, target.shown(result))
        }
        var fields = StandInFields(old.at(["metadata", "managedFields"])) ?? StandInFields(nil)
        let conflicts = fields?.conflicts(of: manager, intent: intent, with: old) ?? []
        if !conflicts.isEmpty, request.query["force"] != "true" {
            let causes = conflicts.map { entry, path -> JSON in
                [
                    "reason": "FieldManagerConflict",
                    "message": .string("conflict with \"\(entry.manager)\" using \(entry.apiVersion)"),
                    "field": .string("." + path.joined(separator: ".")),
                ]
            }
            let first = causes[0]
            let words =
                "Apply failed with \(causes.count) conflict\(causes.count == 1 ? "" : "s"): \(first["message"]?.string ?? ""): \(first["field"]?.string ?? "")"
            return Self.refusal(409, "Conflict", words, details: ["causes": .array(causes)])
        }
        guard var new = fields?.apply(intent, by: manager, apiVersion, at: StandInStore.now, to: old) else {
            return Self.refusal(500, nil, "no managed fields")
        }
        new = new.with(["metadata", "managedFields"], fields?.json)
        return Self.json(200, target.shown(keep(old, new, key, isDryRun: isDryRun)))
    }

    /// An update with all its checks.
    private mutating func write(
        _ old: JSON, _ new: JSON, _ key: StandInStore.Key, _ target: StandInTarget, _ request: Request
    ) -> Answer {
        let name = key.name
        if let refusal = Self.refusalOfContent(target, name, new) { return refusal }
        let uid = old.at(["metadata", "uid"])?.string ?? ""
        if let wanted = new.at(["metadata", "uid"])?.string, wanted != uid {
            let place = "/registry/\(target.resource.group)/\(target.resource.plural)/\(key.namespace)/\(name)"
            let words =
                "Operation cannot be fulfilled on \(target.resource.fullName) \"\(name)\": StorageError: invalid object, Code: 4, Key: \(place), ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: \(wanted), UID in object meta: \(uid)"
            return Self.refusal(409, "Conflict", words, details: Self.details(target, name))
        }
        let version = new.at(["metadata", "resourceVersion"])?.string ?? ""
        guard version.isEmpty || version == old.at(["metadata", "resourceVersion"])?.string else {
            return Self.stale(target, name)
        }
        let result = changed(old, to: new, key, by: Self.manager(request), isDryRun: Self.isDryRun(request))
        return Self.json(200, target.shown(result))
    }

    /// Times with the zone that the server keeps.
    private static func zoned(_ object: JSON) -> JSON {
        guard object["kind"] == "Lease" else { return object }
        return ["acquireTime", "renewTime"].reduce(object) { object, field in
            guard let time = object.at(["spec", field])?.string, time.hasSuffix("+00:00") else { return object }
            return object.with(["spec", field], .string(time.dropLast(6) + "Z"))
        }
    }

    /// A new object with all that the server adds to it.
    private mutating func made(
        _ object: JSON, _ key: StandInStore.Key, by manager: String, isDryRun: Bool, isApply: Bool = false
    ) -> JSON {
        var new = Self.zoned(object)
        let metadata = object["metadata"] ?? [:]
        if metadata["uid"] == nil { new = new.with(["metadata", "uid"], .string(store.makeUID())) }
        if metadata["creationTimestamp"] == nil {
            new = new.with(["metadata", "creationTimestamp"], .string(StandInStore.now))
        }
        if key.resource.isCustom, metadata["generation"] == nil { new = new.with(["metadata", "generation"], 1) }
        if metadata["managedFields"] == nil, var fields = StandInFields(nil) {
            let apiVersion = object["apiVersion"]?.string ?? ""
            if isApply {
                _ = fields.apply(object, by: manager, apiVersion, at: StandInStore.now, to: [:])
            } else {
                fields.update(
                    by: manager, apiVersion, at: StandInStore.now, from: nil, to: object,
                    hasMarks: key.resource.isCustom)
            }
            new = new.with(["metadata", "managedFields"], fields.json)
        }
        new = new.with(["metadata", "resourceVersion"], nil)
        guard !isDryRun else { return key.resource.isCustom ? new.sorted : new }
        return store.keep(new, as: key)
    }

    /// What an update leaves of an object.
    private mutating func changed(
        _ old: JSON, to wanted: JSON, _ key: StandInStore.Key, by manager: String, isDryRun: Bool
    ) -> JSON {
        var new = Self.zoned(wanted)
        for field in ["uid", "creationTimestamp", "generation", "deletionTimestamp"] {
            new = new.with(["metadata", field], old.at(["metadata", field]))
        }
        let told = wanted.at(["metadata", "managedFields"])
        var fields = StandInFields(told ?? old.at(["metadata", "managedFields"])) ?? StandInFields(nil)
        fields?.update(
            by: manager, new["apiVersion"]?.string ?? "", at: StandInStore.now, from: old, to: new,
            hasMarks: key.resource.isCustom)
        new = new.with(["metadata", "managedFields"], fields?.json)
        return keep(old, new, key, isDryRun: isDryRun)
    }

    /// Keeps what has changed; nothing happens to what has not.
    private mutating func keep(_ old: JSON, _ wanted: JSON, _ key: StandInStore.Key, isDryRun: Bool) -> JSON {
        var new = wanted.with(["metadata", "resourceVersion"], old.at(["metadata", "resourceVersion"]))
        guard !new.equals(old) else { return old }
        let bodies = [old, new].map { $0.with("metadata", nil).with("status", nil) }
        if let generation = old.at(["metadata", "generation"])?.integer, !bodies[0].equals(bodies[1]) {
            new = new.with(["metadata", "generation"], .integer(generation + 1))
        }
        guard !isDryRun else { return key.resource.isCustom ? new.sorted : new }
        return store.keep(new, as: key)
    }

    private static func isDryRun(_ request: Request) -> Bool { request.query["dryRun"] == "All" }

    private static func manager(_ request: Request) -> String {
        let agent = request.headers["user-agent"] ?? "unknown"
        return request.query["fieldManager"] ?? String(agent.prefix { $0 != "/" })
    }

    private static func stale(_ target: StandInTarget, _ name: String) -> Answer {
        let words =
            "Operation cannot be fulfilled on \(target.resource.fullName) \"\(name)\": the object has been modified; please apply your changes to the latest version and try again"
        return refusal(409, "Conflict", words, details: details(target, name))
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
            }
            && !name.hasPrefix("-") && !name.hasSuffix("-")
    }

    private static func invalid(
        _ target: StandInTarget, _ name: String, _ field: String, _ cause: String, isByPlural: Bool = false
    ) -> Answer {
        let resource = target.resource
        let causes: JSON = [
            [
                "reason": cause.hasPrefix("Required") ? "FieldValueRequired" : "FieldValueInvalid",
                "message": .string(cause), "field": .string(field),
            ]
        ]
        // Events are checked as what they were before they had a group.
        let isOld = resource.kind == "Event"
        let details = details(target, name, kind: isByPlural ? nil : resource.kind)
            .with("group", isOld || resource.group.isEmpty ? nil : .string(resource.group)).with("causes", causes)
        let what = isByPlural ? resource.fullName : isOld ? resource.kind : resource.fullKind
        return refusal(422, "Invalid", "\(what) \"\(name)\" is invalid: \(field): \(cause)", details: details)
    }

    /// The two kinds of objects that have rules of their own.
    private static func refusalOfContent(_ target: StandInTarget, _ name: String, _ object: JSON) -> Answer? {
        switch target.resource.kind {
        case "Lease":
            for field in ["acquireTime", "renewTime"] {
                guard let time = object.at(["spec", field])?.string else { continue }
                let rest = time.dropFirst("2026-11-23T11:34:49".count)
                if rest.wholeMatch(of: #/\.\d{6}(Z|[+-]\d\d:\d\d)/#) != nil { continue }
                return refusal(
                    400, "BadRequest",
                    "Lease in version \"v1\" cannot be handled as a Lease: parsing time \"\(time)\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"\(rest)\" as \".000000\""
                )
            }
        case "Event":
            if object["eventTime"]?.string == nil {
                return invalid(target, name, "eventTime", "Required value")
            }
            if (object["note"]?.string ?? "").utf8.count > 1024 {
                let cause = "Invalid value: \"\": can have at most 1024 characters"
                return invalid(target, name, "message", cause)
            }
        default: break
        }
        return nil
    }
}
