internal import FlyingFox
internal import MeshClient
internal import MeshModel

extension Server {
    /// Where a request comes in.
    enum Door: Sendable {
        /// The Unix socket: whoever can open it is its owner.
        case socket
        /// Loopback TCP: anybody on this machine can knock, so a token is needed.
        case loopback
    }

    /// Who asks.
    enum Caller: Equatable, Sendable {
        case owner(Door)
        case run(id: String)
        case endedRun(id: String)

        /// Throws what this caller may not do. A run reads, starts faults and takes its own back, writes notes, halts.
        func check(_ route: ControlPlaneRoute) throws(Problem) {
            guard self != .owner(.socket), self != .owner(.loopback) else { return }
            switch route {
            case .health, .status, .events, .faults, .startFault, .changeFault, .stopFault, .stopFaults, .objective,
                .service,
                .edge, .experiments, .journal, .halt, .note, .metrics:
                return
            case .forgetFault: throw .notForRuns("give up a fault")
            case .rearm: throw .notForRuns("take back a halt")
            case .leave: throw .notForRuns("dismiss a dashboard")
            case .startExperiment: throw .notForRuns("start another")
            case .abortExperiment: throw .notForRuns("stop a run")
            case .shutdown: throw .notForRuns("end the control plane")
            }
        }

        /// The run that a new fault belongs to; nil for none.
        func starter() throws(Problem) -> String? {
            switch self {
            case .owner: return nil
            case .run(let id): return id
            case .endedRun(let id): throw .runIsOver(id)
            }
        }

        /// The run whose faults it may take back in one go; nil for anybody's.
        var run: String? {
            switch self {
            case .owner: nil
            case .run(let id), .endedRun(let id): id
            }
        }
    }

    /// Over the socket a token only tells which run asks; over TCP nobody is heard without one.
    func caller(of request: FlyingFox.HTTPRequest, at door: Door) throws(Problem) -> Caller {
        switch tokens.bearer(of: request.headers[.authorization]) {
        case .run(let id): return .run(id: id)
        case .endedRun(let id): return .endedRun(id: id)
        case .owner: return .owner(door)
        case nil:
            guard door == .socket else { throw .unknownToken() }
            return .owner(.socket)
        }
    }
}
