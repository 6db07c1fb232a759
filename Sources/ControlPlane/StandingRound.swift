internal import MeshClient
internal import MeshModel

/// Asks the mesh every two seconds what changes by itself on its edges, and tells what is new of it.
struct StandingRound: Sendable {
    private static let pause = Duration.seconds(2)

    let observatory: Observatory
    let log: EventLog
    let clock: DayClock

    func run() async {
        while !Task.isCancelled {
            await look()
            await clock.sleep(Self.pause)
        }
    }

    func look() async {
        let edges = log.read { $0.edges.keys.sorted() }
        guard !edges.isEmpty else { return }
        let reports = await observatory.standings(edges)
        let news = log.read { state in
            reports.filter { report in
                let known = state.knowledge[report.edge]?.reports[report.source]
                return report.certificate != nil && known?.certificate != report.certificate
                    || report.serving != nil && known?.serving != report.serving
                    // That there is none is news only where there was one.
                    || report.policy.map { (known?.policy ?? EdgePolicy()) != $0 } ?? false
            }
        }
        log.append(news.map { .edge($0) })
    }
}
