internal import MeshModel

/// Follows one list of targets: hands over what it names as it changes, and tells how it does as a source of its own,
/// which holds nothing.
struct TargetFollower: Sendable {
    private let list: TargetList
    private let watch: TargetWatch
    private let name: String

    init(_ list: TargetList, names: SourceNames) {
        self.list = list
        watch = TargetWatch(list)
        name = names.unique(list.name)
    }

    /// A report that changes nothing is told so often, for it says that the list is still looked at.
    private var pace: Duration { max(.seconds(10), list.refresh) }

    /// Until the task is cancelled.
    func follow(
        telling turns: @Sendable (AdapterTurn) -> Void, taking targets: @Sendable ([FoundTarget]) -> Void
    ) async {
        var reported: SourceReport?
        var reportedAt = ContinuousClock.now
        var hasTargets = false
        while !Task.isCancelled {
            let look = await watch.look()
            if let found = look.targets {
                hasTargets = true
                targets(found)
            }
            let state: SourceState = look.trouble == nil ? .fresh : hasTargets ? .stale : .unreachable
            let report = SourceReport(
                name: name, kind: .list, endpoint: list.endpoint, service: nil, state: state,
                explanation: look.trouble, interval: pace.seconds)
            if report != reported || ContinuousClock.now - reportedAt >= pace {
                turns(AdapterTurn([.source(report)]))
                (reported, reportedAt) = (report, .now)
            }
            try? await Task.sleep(for: list.refresh)
        }
    }
}
