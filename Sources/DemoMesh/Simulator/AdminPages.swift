import MeshModel

/// The admin pages of a simulated fleet, in the bytes that Envoy 1.40 would send.
struct AdminPages {
    private(set) var fleet: Fleet
    private let index: [String: Int]
    private var runtimes: [Runtime]
    /// Proxies that take a request and never answer.
    private var hanging: Set<Int> = []
    private var statsPages = FilterMemory(StatsPage.init)
    private var prometheusPages = FilterMemory(PrometheusPage.init)

    init(of fleet: Fleet) {
        self.fleet = fleet
        index = Dictionary(
            fleet.plan.services.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        runtimes = [Runtime](repeating: Runtime(), count: fleet.services.count)
    }

    /// Lets a tenth of a second pass in the fleet.
    mutating func advance() {
        fleet.advance()
    }

    /// From now on only the proxies of these services hang.
    mutating func hang(_ services: Set<String>) {
        hanging = Set(services.compactMap { index[$0] })
    }

    /// Whether nobody answers this request.
    func isLost(_ request: PageRequest) -> Bool {
        guard !hanging.isEmpty else { return false }
        let parts = request.path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        return parts.count >= 2 && index[String(parts[1])].map(hanging.contains) ?? false
    }

    /// The answer to a request for `/proxies/<service>/<page>`.
    mutating func answer(_ request: PageRequest) -> PageAnswer {
        var parts = request.path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        guard parts.count >= 2, parts.removeFirst() == "proxies", let service = index[String(parts.removeFirst())]
        else { return PageAnswer(404, "text/plain", "There is no such proxy here. Ask /proxies/<service>/stats.\n") }
        switch (parts.first.map(String.init) ?? "", request.method) {
        case ("stats/prometheus", _): return prometheus(of: service, query: request.query)
        case ("stats", _): return stats(of: service, query: request.query)
        case ("ready", _): return PageAnswer(200, "text/plain", "LIVE\n")
        case ("runtime", _): return PageAnswer(200, "application/json", runtimes[service].page)
        case ("runtime_modify", "POST"): return modify(service, request)
        case ("runtime_modify", _):
            return PageAnswer(405, "text/plain", "Method \(request.method) not allowed, POST required.")
        case ("server_info", _): return PageAnswer(200, "application/json", serverInfo(of: service))
        case ("clusters", _): return PageAnswer(200, "application/json", clusters(of: service))
        default:
            return PageAnswer(
                404, "text/plain",
                "invalid path. This is a simulated proxy; it has these pages:\n"
                    + "  /stats\n  /stats/prometheus\n  /ready\n  /runtime\n  /runtime_modify\n  /server_info\n  /clusters\n"
            )
        }
    }

    private mutating func stats(of service: Int, query: [PageRequest.Field]) -> PageAnswer {
        guard query.value("format") == "json", query.value("histogram_buckets") == "detailed" else {
            return PageAnswer(
                400, "text/plain",
                "A simulated proxy speaks /stats?format=json&histogram_buckets=detailed and /stats/prometheus only.\n")
        }
        let filter = query.value("filter")
        guard let page = try? statsPages.page(of: service, in: fleet, filter: filter) else { return .badFilter(filter) }
        let isShort = query.value("usedonly") != nil
        return PageAnswer(200, "application/json", bytes: page.bytes(of: fleet, usedOnly: isShort))
    }

    private mutating func prometheus(of service: Int, query: [PageRequest.Field]) -> PageAnswer {
        guard ["cumulative", "none", ""].contains(query.value("histogram_buckets") ?? "") else {
            return PageAnswer(400, "text/plain", "A simulated proxy's /stats/prometheus has cumulative buckets only.\n")
        }
        let filter = query.value("filter")
        guard let page = try? prometheusPages.page(of: service, in: fleet, filter: filter) else {
            return .badFilter(filter)
        }
        let isShort = query.value("usedonly") != nil
        return PageAnswer(
            200, "text/plain; charset=UTF-8", bytes: page.bytes(of: fleet, usedOnly: isShort))
    }

    private mutating func modify(_ service: Int, _ request: PageRequest) -> PageAnswer {
        let fields = request.query.isEmpty ? PageRequest.fields(of: request.body[...]) : request.query
        guard !fields.isEmpty else {
            return PageAnswer(
                400, "text/plain",
                """
                usage: /runtime_modify?key1=value1&key2=value2&keyN=valueN
                       or send the parameters as form values
                use an empty value to remove a previously added override

                """)
        }
        for field in fields { runtimes[service].set(field.name, to: field.value) }
        fleet.apply(runtimes[service].values, to: service)
        return PageAnswer(200, "text/plain", "OK\n")
    }

    private func serverInfo(of service: Int) -> String {
        let name = fleet.plan.services[service].name
        let uptime = "\(fleet.counts[fleet.services[service].server + ServerCounter.uptime.rawValue])s"
        let page: JSON = [
            "version": "simulated/1.40.0/Clean/RELEASE/none", "state": "LIVE",
            "uptime_current_epoch": .string(uptime), "uptime_all_epochs": .string(uptime),
            "hot_restart_version": "disabled",
            "node": ["id": .string(name + "-1"), "cluster": .string(name)],
        ]
        return page.text + "\n"
    }

    private func clusters(of service: Int) -> String {
        let names = fleet.edges[fleet.services[service].edges].map(\.to) + ["local_app"]
        let statuses = names.map { name -> JSON in
            [
                "name": .string(name), "observability_name": .string(name),
                "host_statuses": [
                    [
                        "address": ["socket_address": ["address": "127.0.0.1", "port_value": 1]],
                        "health_status": ["eds_health_status": "HEALTHY"], "weight": 1, "locality": [:],
                    ]
                ],
            ]
        }
        return JSON.object([.init("cluster_statuses", .array(statuses))]).text + "\n"
    }
}

/// The overrides of one sidecar's runtime.
private struct Runtime: Sendable {
    private(set) var values: [String: String] = [:]

    /// An empty value removes the override.
    mutating func set(_ key: String, to value: String) {
        values[key] = value.isEmpty ? nil : value
    }

    var page: String {
        let entries = values.sorted { $0.key < $1.key }.map { key, value in
            JSON.Member(key, ["layer_values": ["", .string(value)], "final_value": .string(value)])
        }
        return JSON.object([.init("layers", ["base", "admin"]), .init("entries", .object(entries))]).text
    }
}

extension [PageRequest.Field] {
    fileprivate func value(_ name: String) -> String? { first { $0.name == name }?.value }
}

extension PageAnswer {
    fileprivate static func badFilter(_ filter: String?) -> PageAnswer {
        PageAnswer(400, "text/plain", "Invalid re2 regex: \(filter ?? "")\n")
    }
}
