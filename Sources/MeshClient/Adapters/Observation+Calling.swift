internal import MeshModel

extension Observation {
    /// The same of services by other names.
    func calling(_ name: (ServiceName) -> ServiceName) -> Observation {
        switch self {
        case .source(var report):
            report.service = report.service.map(name)
            report.callee = report.callee.map(name)
            return .source(report)
        case .traffic(var report):
            report.service = name(report.service)
            for place in report.outbound.indices { report.outbound[place].to = name(report.outbound[place].to) }
            return .traffic(report)
        case .edge(var report):
            report.edge = Edge(from: name(report.edge.from), to: name(report.edge.to))
            return .edge(report)
        default: return self
        }
    }
}
