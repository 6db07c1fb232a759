import MeshModel

/// Whose traffic a poll's line tells, and which values need not be told: defined once, then named by number.
struct TrafficShape: Equatable, Sendable {
    /// The gauges of one scope at rest; nil is unknown.
    struct Rest: Equatable, Sendable {
        var active: UInt64?
        /// All of them healthy.
        var hosts: UInt64?
    }

    var source: String
    var service: ServiceName
    var to: [ServiceName]
    /// Milliseconds between two polls.
    var every: Int64
    /// Of the traffic in, then of each edge.
    var rest: [Rest]

    /// Is this a poll of the same proxy with the same edges?
    func names(_ report: TrafficReport) -> Bool {
        source == report.source && service == report.service && to.count == report.outbound.count
            && zip(to, report.outbound).allSatisfy { $0 == $1.to }
    }

    /// Can a poll of it be so late? What a damaged line says may not even be a number of milliseconds.
    func lasts(_ late: Int64) -> Bool { !every.addingReportingOverflow(late).overflow }

    /// Do the gauges of a poll rest where the shape says? Scopes without a sample do not tell.
    func rests(as report: TrafficReport) -> Bool {
        Self.fits(report.inbound, rest[0])
            && zip(report.outbound, rest.dropFirst()).allSatisfy { Self.fits($0.sample, $1) }
    }

    private static func fits(_ sample: TrafficSample?, _ rest: Rest) -> Bool {
        guard let sample else { return true }
        return (sample.active == nil) == (rest.active == nil) && sample.totalHosts == rest.hosts
    }

    init(of report: TrafficReport, every: Int64, before: TrafficShape?) {
        source = report.source
        service = report.service
        to = report.outbound.map(\.to)
        self.every = every
        let known = before.flatMap { $0.names(report) ? $0.rest : nil }
        rest = ([report.inbound] + report.outbound.map(\.sample)).enumerated().map { place, sample in
            guard let sample else { return known?[place] ?? Rest() }
            return Rest(active: sample.active == nil ? nil : 0, hosts: sample.totalHosts)
        }
    }

    var json: JSON {
        [
            "source": .string(source), "service": .string(service.text), "to": .array(to.map { .string($0.text) }),
            "every": .integer(every), "rest": .array(rest.map { .array([JSON($0.active), JSON($0.hosts)]) }),
        ]
    }

    init(_ fields: WireFields) throws(WireError) {
        source = try fields.string("source")
        service = ServiceName(try fields.string("service"))
        to = try fields.strings("to").map { ServiceName($0) }
        every = Int64(try fields.integer("every"))
        rest = try fields.items("rest").map { item in
            let gauges = item.array ?? []
            func gauge(_ place: Int) -> UInt64? {
                gauges.indices.contains(place) ? gauges[place].integer.flatMap { UInt64(exactly: $0) } : nil
            }
            return Rest(active: gauge(0), hosts: gauge(1))
        }
        guard rest.count == to.count + 1 else {
            throw WireError(page: "recording", path: "#shape.rest", found: "it does not match its edges")
        }
    }
}
