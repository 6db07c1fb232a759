internal import MeshClient
internal import MeshModel

/// Takes what the observatory brings into the log, for as long as there is anything.
struct Collector: Sendable {
    let observatory: Observatory
    let log: EventLog

    func run() async {
        for await turn in observatory.turns {
            if turn.isSimulated, var session = log.read({ $0.session }), session.mode == .live {
                session.mode = .simulated
                log.append([.session(session)])
            }
            log.append(turn.observations)
        }
    }
}
