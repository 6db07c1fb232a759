// {"from","to","lines":[{"source","time","method","path","status","flags":[…],"details","failure","duration":ms,
//  "authority","cluster","host","request","trace","failing","words"}],"problems":[…],"links":[{"name","url"}]}.
// Members of a line are left out where the proxy did not tell them; `failing` and `words` are for readers alone.

extension EdgeLog {
    public var json: JSON {
        [
            "from": .string(edge.from.text), "to": .string(edge.to.text), "lines": .array(lines.map(\.json)),
            "problems": .array(problems.map { .string($0) }),
            "links": .array(links.map { ["name": .string($0.name), "url": .string($0.url)] }),
        ]
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(Edge(from: ServiceName(try fields.string("from")), to: ServiceName(try fields.string("to"))))
        for item in try fields.objects("lines").suffix(Self.most) { lines.append(try Line(item)) }
        problems = try fields.strings("problems")
        for item in try fields.objects("links") {
            if let link = MeshLink(name: try item.string("name"), url: try item.string("url")) { links.append(link) }
        }
    }
}

extension EdgeLog.Line {
    public var json: JSON {
        .known([
            ("source", .string(source)), ("time", JSON(line.time)), ("method", JSON(line.method)),
            ("path", JSON(line.path)), ("status", JSON(line.status)),
            ("flags", line.flags.isEmpty ? .null : .array(line.flags.map { .string($0) })),
            ("details", JSON(line.details)), ("failure", JSON(line.failure)), ("duration", JSON(line.duration)),
            ("authority", JSON(line.authority)), ("cluster", JSON(line.cluster)), ("host", JSON(line.host)),
            ("request", JSON(line.request)), ("trace", JSON(line.trace)), ("failing", .bool(line.isFailing)),
            ("words", JSON(line.explanation)),
        ])
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        var line = AccessLogLine()
        func text(_ name: String) -> String? { fields.value(name)?.string }
        func number(_ name: String) -> Int? { fields.value(name)?.integer.flatMap { Int(exactly: $0) } }
        (line.time, line.method, line.path) = (text("time"), text("method"), text("path"))
        (line.status, line.duration) = (number("status"), number("duration"))
        line.flags = (fields.value("flags")?.array ?? []).compactMap(\.string)
        (line.details, line.failure, line.authority) = (text("details"), text("failure"), text("authority"))
        (line.cluster, line.host) = (text("cluster"), text("host"))
        (line.request, line.trace) = (text("request"), text("trace"))
        self.init(source: try fields.string("source"), line: line)
    }
}
