extension MeshState {
    /// What a report counts for: nothing of a scope that another kind of source tells better. That one is nearer to the
    /// traffic, and not silent yet for longer than its pace allows. Nil when there is nothing new in it at all.
    ///
    /// Whoever numbers events asks this first, so that feed, recording and every reader hold one figure of a scope.
    public func counted(_ report: TrafficReport, at: Timestamp) -> TrafficReport? {
        guard let source = sources[report.source] else { return report }
        let kind = source.report.kind
        func isTold(_ scope: ScopeState?) -> Bool {
            scope.map { isBetterTold($0, than: kind, of: report.source, at: at) } ?? false
        }
        func isTold(_ outbound: TrafficReport.Outbound) -> Bool {
            isTold(edges[Edge(from: report.service, to: outbound.to)])
        }
        let isInboundTold = report.inbound != nil && isTold(services[report.service])
        guard isInboundTold || report.outbound.contains(where: isTold) else { return report }
        var counted = report
        if isInboundTold { counted.inbound = nil }
        counted.outbound.removeAll(where: isTold)
        // It still says that the source is there; once is enough for whatever comes at one moment.
        let isEmpty = counted.inbound == nil && counted.outbound.isEmpty && !report.restarted
        return isEmpty && source.heardAt == at ? nil : counted
    }

    private func isBetterTold(
        _ scope: ScopeState, than kind: SourceKind, of source: String, at: Timestamp
    ) -> Bool {
        guard let teller = scope.source, teller != source, let heard = scope.heardAt,
            let other = sources[teller]?.report.kind, other != kind, other.distance <= kind.distance
        else { return false }
        // Of two kinds as near the first to tell goes on.
        return at.seconds(since: heard) <= ScopeState.patience(pace: pace(of: teller))
    }
}

extension [String: MeshState.SourceStatus] {
    /// Whether two sources are of one kind, so that what they tell of a scope adds up. One that has left is taken for a
    /// replica of whoever stays.
    public func isReplica(_ source: String, of other: String) -> Bool {
        self[source].map { $0.report.kind == self[other]?.report.kind } ?? true
    }
}
