internal import MeshClient
internal import MeshModel

extension Server {
    /// Where a request comes in.
    enum Door: Sendable {
        /// The Unix socket: whoever can open it is its owner.
        case socket
        /// Loopback TCP: anybody on this machine can knock, so a token is needed.
        case loopback
        /// The halt's own Unix socket: only what ends everything, and what is left after that.
        case halt

        /// Throws what is not to be had at this door.
        func check(_ route: ControlPlaneRoute) throws(Problem) {
            guard self == .halt else { return }
            switch route {
            case .halt, .shutdown, .faults, .health: return
            default: throw .onlyHalts()
            }
        }
    }

    /// Who asks.
    enum Caller: Equatable, Sendable {
        case owner(Door)
        case run(id: String)
        case endedRun(id: String)

        /// Throws what this caller may not do. A run reads, starts faults and takes its own back, writes notes, halts.
        func check(_ route: ControlPlaneRoute) throws(Problem) {
            if case .owner = self { return }
            switch route {
            case .health, .status, .events, .faults, .startFault, .changeFault, .stopFault, .stopFaults, .objective,
                .service, .edge, .abilities, .protection, .log, .experiments, .journal, .halt, .note, .metrics:
                return
            case .forgetFault: throw .notForRuns("give up a fault")
            case .rearm: throw .notForRuns("re-arm")
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

    /// Over a Unix socket a token only tells which run asks; over TCP nobody is heard without one. What a browser sends
    /// for a page is refused at every door: it names the page's origin, or calls us by another name than ours.
    func caller(of head: RequestHead, at door: Door) throws(Problem) -> Caller {
        guard head["origin"] == nil else { throw .notForPages("it comes from the origin \(head["origin"] ?? "")") }
        if door == .loopback, !isOurs(host: head["host"] ?? "") {
            throw .notForPages("it is addressed to the host \(head["host"] ?? "")")
        }
        switch tokens.bearer(of: head["authorization"]) {
        case .run(let id): return .run(id: id)
        case .endedRun(let id): return .endedRun(id: id)
        case .owner: return .owner(door)
        case nil:
            guard door != .loopback else { throw .unknownToken() }
            return .owner(door)
        }
    }

    /// A name that somebody else's server gave our address is none of ours.
    private func isOurs(host: String) -> Bool {
        guard let address = loopback.address?.dropFirst("http://".count) else { return false }
        let port = address.drop { $0 != ":" }
        return host == address || host.lowercased() == "localhost" + port
    }
}
