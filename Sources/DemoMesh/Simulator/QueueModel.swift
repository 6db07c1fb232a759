import Glibc

// How a request fares in the model. Each is followed down the edges at the moment it arrives; how long it waits comes
// from the work that its predecessors left (a fluid queue, with the waiting of M/G/k below saturation).
extension Fleet {
    /// A plan with a circle would be followed for ever.
    private static let deepest = 24
    private static let longestQueue = 200.0

    /// One request at a service.
    mutating func serve(_ index: Int, depth: Int) -> Outcome {
        let service = services[index]
        var strike = Strike()
        if service.faults.isOn {
            strike = struck(by: service.faults, listener: service.inbound, answerKiB: service.answerKiB)
        }
        var outcome = strike.aborted ?? work(on: index, service, depth: depth)
        outcome.milliseconds += strike.milliseconds
        withService(index) { $0.taken += outcome.milliseconds / 1_000 }
        record(outcome, listener: service.inbound, histogram: service.histogram)
        return outcome
    }

    /// The look once a second at other services, which passes no sidecar and so is in no counter of theirs.
    mutating func glance(from index: Int) {
        var isBad = false
        for other in services[index].glances {
            isBad = isBad || work(on: other, services[other], depth: 0).isFailure
        }
        withService(index) { $0.badLooks = isBad ? $0.badLooks + 1 : 0 }
    }

    private mutating func work(on index: Int, _ service: SimulatedService, depth: Int) -> Outcome {
        guard !service.isClosed else { return Outcome(status: 503, milliseconds: 1) }
        guard service.backlog < Self.longestQueue * service.hold else { return Outcome(status: 503, milliseconds: 0) }
        let wait = wait(at: service)
        var held = exp(service.logMedian + service.spread * standardNormal(with: &random))
        var status = 200
        let luck = draw()
        if luck < service.failing {
            status = 500
        } else if luck < service.failing + service.refusing {
            status = 422
        } else {
            let calls = callAll(service.edges, depth: depth)
            held += calls.milliseconds
            status = calls.status
        }
        withService(index) {
            $0.held += held / 1_000
            $0.arrived += 1
        }
        return Outcome(status: status, milliseconds: wait + held)
    }

    /// The time in the queue in milliseconds: the work ahead, or, when there is none, the chance to find all workers
    /// busy nevertheless.
    private mutating func wait(at service: SimulatedService) -> Double {
        if service.backlog > 0 { return service.backlog / service.workers * 1_000 }
        let occupied = pow(service.busy, (2 * (service.workers + 1)).squareRoot())
        guard occupied > 0.001, draw() < occupied else { return 0 }
        let mean = service.hold * 1_000 / (service.workers * max(0.05, 1 - service.busy))
        return -mean * log(max(draw(), 1e-12))
    }

    /// Makes the calls of a service one after the other, those that belong together at the same time.
    private mutating func callAll(_ edges: Range<Int>, depth: Int) -> Outcome {
        var total = Outcome(status: 200, milliseconds: 0)
        var latest = 0.0
        for edge in edges {
            let plan = self.edges[edge]
            guard plan.chance >= 1 || draw() < plan.chance else { continue }
            let outcome = call(edge, plan, depth: depth)
            if plan.isTogether {
                total.milliseconds += max(0, outcome.milliseconds - latest)
                latest = max(latest, outcome.milliseconds)
            } else {
                total.milliseconds += outcome.milliseconds
                latest = outcome.milliseconds
            }
            guard plan.isNeeded, outcome.isFailure || outcome.isRefusal else { continue }
            total.status = outcome.isFailure ? 503 : outcome.status
            return total
        }
        return total
    }

    /// One call over an edge, as the caller's sidecar sees it.
    private mutating func call(_ index: Int, _ edge: SimulatedEdge, depth: Int) -> Outcome {
        var strike = Strike()
        if edge.faults.isOn {
            let size = services[edge.callee].answerKiB
            strike = struck(by: edge.faults, listener: edge.listener, answerKiB: size)
        }
        var outcome = strike.aborted ?? answered(edge, depth: depth)
        outcome.milliseconds += strike.milliseconds
        withEdge(index) { $0.taken += outcome.milliseconds / 1_000 }
        record(outcome, listener: edge.listener, histogram: edge.histogram)
        return outcome
    }

    /// What comes back from the callee, after all tries.
    private mutating func answered(_ edge: SimulatedEdge, depth: Int) -> Outcome {
        guard edge.overflowing <= 0.01 || draw() >= edge.overflowing else {
            count(edge.cluster + ClusterCounter.overflow.rawValue)
            return Outcome(status: 503, milliseconds: 0)
        }
        var elapsed = 0.0
        var attempt = 0
        while true {
            let outcome = attempted(edge, elapsed: elapsed, depth: depth)
            elapsed += outcome.milliseconds
            let isOver = elapsed >= edge.timeout
            if !isOver, outcome.isFailure, attempt < edge.retries {
                count(edge.cluster + ClusterCounter.retries.rawValue)
                attempt += 1
                continue
            }
            if attempt > 0, !outcome.isFailure { count(edge.cluster + ClusterCounter.retriesSucceeded.rawValue) }
            let kind: ClusterCounter =
                outcome.isFailure ? .failed : outcome.isRefusal ? .refused : .succeeded
            count(edge.cluster + kind.rawValue)
            count(edge.cluster + ClusterCounter.completed.rawValue)
            return Outcome(status: outcome.status, milliseconds: elapsed)
        }
    }

    private mutating func attempted(_ edge: SimulatedEdge, elapsed: Double, depth: Int) -> Outcome {
        count(edge.cluster + ClusterCounter.total.rawValue)
        guard depth < Self.deepest else { return Outcome(status: 503, milliseconds: 0) }
        let outcome = serve(edge.callee, depth: depth + 1)
        let patience = min(edge.tryTimeout, edge.timeout - elapsed)
        guard outcome.milliseconds > patience else { return outcome }
        // The callee works on, and learns that nobody waits any more.
        let isWhole = patience < edge.tryTimeout || edge.tryTimeout == edge.timeout
        count(edge.cluster + (isWhole ? ClusterCounter.timeouts : .tryTimeouts).rawValue)
        count(services[edge.callee].inbound + ListenerCounter.reset.rawValue)
        return Outcome(status: 504, milliseconds: patience)
    }

    /// What the faults of a listener do to a request.
    private mutating func struck(by faults: SimulatedFaults, listener: Int, answerKiB: Double) -> Strike {
        var strike = Strike()
        if faults.delayShare > 0, draw() < faults.delayShare {
            count(listener + ListenerCounter.delays.rawValue)
            strike.milliseconds += faults.delayMilliseconds
        }
        if faults.abortShare > 0, draw() < faults.abortShare {
            count(listener + ListenerCounter.aborts.rawValue)
            strike.aborted = Outcome(status: faults.abortStatus, milliseconds: 0)
        } else if faults.limitShare > 0, draw() < faults.limitShare {
            count(listener + ListenerCounter.limits.rawValue)
            strike.milliseconds += answerKiB / faults.limitRate * 1_000
        }
        return strike
    }

    private mutating func draw() -> Double {
        Double.random(in: 0..<1, using: &random)
    }
}

/// What a fault does to one request: the time it adds, and the answer if it goes no further.
private struct Strike {
    var milliseconds = 0.0
    var aborted: Outcome?
}
