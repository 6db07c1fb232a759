import MeshModel

/// The mesh at even steps over the day, for the slider of a report: as many as keep the file small.
struct DayFrames {
    struct Frame {
        var at: Timestamp
        var services: [ServiceName: GraphMoment.Node]
        var edges: [Edge: Health]
    }

    private(set) var frames: [Frame] = []
    private let step: Double
    private var isTooLarge = false

    static let most = 150.0

    init(duration: Double) { step = max(1, duration / Self.most) }

    /// Takes the state after a poll, once a step.
    mutating func take(_ event: Event, _ state: MeshState) {
        guard case .traffic = event.observation, !isTooLarge else { return }
        if let last = frames.last?.at, abs(event.at.seconds(since: last)) < step { return }
        let moment = GraphMoment("", of: state, at: event.at)
        guard moment.services.count <= GraphPicture.mostServices else {
            isTooLarge = true
            frames = []
            return
        }
        frames.append(
            Frame(
                at: event.at,
                services: Dictionary(moment.services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
                edges: Dictionary(moment.edges.map { ($0.edge, $0.health) }, uniquingKeysWith: { first, _ in first })))
    }

    /// The frames as the script of the page reads them: times in seconds since the start; a digit of health for each
    /// service and edge of the picture; rate and p99 of each service; spans of faults, with the number of their edge, and
    /// of broken objectives.
    func json(for moment: GraphMoment, of report: DayReport) -> JSON {
        func offset(_ at: Timestamp) -> JSON { .double((at.seconds(since: report.start) * 10).rounded() / 10) }
        func figure(_ value: Double?) -> JSON {
            value.map { .double($0 < 10 ? ($0 * 10).rounded() / 10 : $0.rounded(.towardZero)) } ?? .null
        }
        let edges = moment.edges.map(\.edge)
        return [
            "t": .array(frames.map { offset($0.at) }),
            "h": .array(
                frames.map { frame in
                    let services = moment.services.map { frame.services[$0.name]?.health ?? .unknown }
                    return .string((services + edges.map { frame.edges[$0] ?? .unknown }).map(Self.digit).joined())
                }),
            "f": .array(
                frames.map { frame in
                    .array(
                        moment.services.flatMap { service in
                            [figure(frame.services[service.name]?.rate), figure(frame.services[service.name]?.p99)]
                        })
                }),
            "faults": .array(
                report.faults.compactMap { injected in
                    guard let from = injected.fault.acceptedAt ?? injected.activeAt else { return nil }
                    return .array([
                        .integer(Int64(edges.firstIndex(of: injected.fault.edge) ?? -1)), .string(injected.fault.id),
                        .string(ReportText.fault(injected.fault)), offset(from), offset(injected.endedAt ?? report.end),
                    ])
                }),
            "broken": .array(
                report.objectives.flatMap { judged in
                    judged.breaches.map { [.string($0.objective), offset($0.from), offset($0.to)] }
                }),
        ]
    }

    private static func digit(_ health: Health) -> String {
        switch health {
        case .unknown: "0"
        case .ok: "1"
        case .warn: "2"
        case .bad: "3"
        case .stale: "4"
        }
    }
}
