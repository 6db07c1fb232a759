// What a proxy tells of an edge, as members that are left out where nothing is told:
// {"source","from","to","parts":[{"version","zone","n":[…],"h":[…]}],"ejected":[…],"mutual":0.9,
//  "protection":{"split":[{"name","weight"}],"timeout":ms,"retries":{"count","on","try":ms},
//  "breaker":{"connections","pending","requests","retries"},"outliers":{"failures","ejection":ms,"most":%},
//  "security":"mutual"},"certificate":{"ends":ms,"state":"near"},"serving":{"home","zone"},
//  "policy":{…}}. `n` and `h` are as in TrafficWire, a policy as in EdgePolicy.

extension EdgeReport {
    public func write(to writer: inout JSONWriter) {
        writer.object {
            for (name, text) in [("source", source), ("from", edge.from.text), ("to", edge.to.text)] {
                $0.name(name)
                $0.write(text)
            }
            if !parts.isEmpty {
                $0.name("parts")
                $0.array { list in for part in parts { part.write(to: &list) } }
            }
            if let ejected {
                $0.name("ejected")
                $0.write(.array(ejected.map { .string($0) }))
            }
            if let mutualShare {
                $0.name("mutual")
                $0.write(mutualShare)
            }
            if let protection {
                $0.name("protection")
                $0.write(protection.json)
            }
            if let certificate {
                $0.name("certificate")
                $0.write(certificate.json)
            }
            if let serving {
                $0.name("serving")
                $0.write(serving.json)
            }
            if let policy {
                $0.name("policy")
                $0.write(policy.json)
            }
        }
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(
            source: try fields.string("source"),
            edge: Edge(from: ServiceName(try fields.string("from")), to: ServiceName(try fields.string("to"))))
        for item in try fields.objects("parts") {
            guard let sample = try TrafficSample(item) else { throw item.wrong("n", "a part has no figures") }
            parts.append(
                Part(version: item.value("version")?.string, zone: item.value("zone")?.string, sample: sample))
        }
        if fields.value("ejected") != nil { ejected = try fields.strings("ejected") }
        mutualShare = fields.value("mutual")?.double.map { max(0, min(1, $0)) }
        if fields.value("protection") != nil { protection = try EdgeProtection(try fields.object("protection")) }
        if fields.value("certificate") != nil { certificate = try EdgeCertificate(try fields.object("certificate")) }
        if fields.value("serving") != nil { serving = try EdgeServing(try fields.object("serving")) }
        if fields.value("policy") != nil { policy = try EdgePolicy(try fields.object("policy")) }
    }
}

extension MeshState {
    /// Figures change every few seconds and the rest hardly ever, so each is a member of its own.
    func writeKnowledge(to writer: inout JSONWriter) {
        let reports = knowledge.sorted { $0.key < $1.key }.flatMap { _, known in
            known.reports.sorted { $0.key < $1.key }.map(\.value)
        }
        for (name, members) in [("knowledge", reports.map(\.withoutParts)), ("parts", reports.map(\.partsAlone))] {
            let told = members.filter { !$0.isEmpty }
            guard !told.isEmpty else { continue }
            writer.name(name)
            writer.array { list in for report in told { report.write(to: &list) } }
        }
    }

    mutating func readKnowledge(_ fields: WireFields) throws(WireError) {
        for item in try fields.objects("knowledge") { learn(try EdgeReport(item)) }
        for item in try fields.objects("parts") { learn(try EdgeReport(item)) }
    }
}

extension EdgeReport {
    fileprivate var withoutParts: EdgeReport {
        var report = self
        report.parts = []
        return report
    }

    fileprivate var partsAlone: EdgeReport {
        var report = EdgeReport(source: source, edge: edge)
        report.parts = parts
        return report
    }
}

extension EdgeReport.Part {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            for (name, text) in [("version", version), ("zone", zone)] {
                guard let text else { continue }
                $0.name(name)
                $0.write(text)
            }
            sample.write(to: &$0)
        }
    }
}

extension EdgeCertificate {
    var json: JSON { ["ends": .integer(ends.milliseconds), "state": .string(state.rawValue)] }

    /// A state that a later version knows is that of one which is good.
    init(_ fields: WireFields) throws(WireError) {
        self.init(
            ends: try fields.timestamp("ends"), state: State(rawValue: try fields.string("state")) ?? .valid)
    }
}

extension EdgeServing {
    var json: JSON { ["home": .string(home), "zone": .string(zone)] }

    init(_ fields: WireFields) throws(WireError) {
        self.init(home: try fields.string("home"), zone: try fields.string("zone"))
    }
}

extension EdgeProtection {
    public var json: JSON {
        var members: [JSON.Member] = []
        if !split.isEmpty {
            let shares = split.map { share -> JSON in ["name": .string(share.name), "weight": JSON(share.weight)] }
            members.append(JSON.Member("split", .array(shares)))
        }
        if let timeout { members.append(JSON.Member("timeout", JSON(timeout))) }
        if let retries {
            members.append(
                JSON.Member(
                    "retries",
                    .known([
                        ("count", JSON(retries.count)), ("on", .string(retries.on)), ("try", JSON(retries.tryTimeout)),
                    ])
                ))
        }
        if let breaker {
            members.append(
                JSON.Member(
                    "breaker",
                    .known([
                        ("connections", JSON(breaker.connections)), ("pending", JSON(breaker.pending)),
                        ("requests", JSON(breaker.requests)), ("retries", JSON(breaker.retries)),
                    ])))
        }
        if let outliers {
            members.append(
                JSON.Member(
                    "outliers",
                    [
                        "failures": JSON(outliers.failures), "ejection": JSON(outliers.ejection),
                        "most": JSON(outliers.mostPercent),
                    ]))
        }
        if let security { members.append(JSON.Member("security", .string(security.rawValue))) }
        return .object(members)
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        self.init()
        for item in try fields.objects("split") {
            split.append(Share(name: try item.string("name"), weight: try item.integer("weight")))
        }
        timeout = try fields.number("timeout")
        if fields.value("retries") != nil {
            let item = try fields.object("retries")
            retries = Retries(
                count: try item.integer("count"), on: try item.string("on"), tryTimeout: try item.number("try"))
        }
        if fields.value("breaker") != nil {
            let item = try fields.object("breaker")
            breaker = Breaker(
                connections: try item.number("connections"), pending: try item.number("pending"),
                requests: try item.number("requests"), retries: try item.number("retries"))
        }
        if fields.value("outliers") != nil {
            let item = try fields.object("outliers")
            outliers = Outliers(
                failures: try item.integer("failures"), ejection: try item.integer("ejection"),
                mostPercent: try item.integer("most"))
        }
        // A way that a later version knows is not told here.
        security = fields.value("security")?.string.flatMap { Security(rawValue: $0) }
    }
}

extension WireFields {
    fileprivate func number(_ name: String) throws(WireError) -> Int? {
        value(name) == nil ? nil : try integer(name)
    }
}
