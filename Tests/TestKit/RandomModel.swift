public import MeshModel

/// Random words of the model, hostile ones among them: what a property must hold for.
extension SeededGenerator {
    public mutating func double(in range: ClosedRange<Double>) -> Double { .random(in: range, using: &self) }

    public mutating func chance(_ share: Double) -> Bool { double(in: 0...1) < share }

    public mutating func pick<Item>(_ items: [Item]) -> Item { items[int(in: 0...items.count - 1)] }

    /// Mostly small, as counts of a second are; now and then as large as a broken proxy may say.
    public mutating func count() -> UInt64 {
        switch int(in: 0...30) {
        case 0: pick([UInt64(Int64.max), UInt64(1) << 53, 9_000_000_000_000_001])
        case 1...10: 0
        default: UInt64(int(in: 0...60))
        }
    }

    public mutating func service() -> ServiceName {
        chance(0.1) ? ServiceName(hostileText()) : pick(["door", "bar", "taps", "kitchen", "cellar"])
    }

    public mutating func histogram() -> LatencyHistogram {
        var bins: [LatencyHistogram.Bin] = []
        for _ in 0..<int(in: 0...12) {
            let scale = pick([(0.1, 1), (1.0, 10), (10.0, 100)])
            let lower = chance(0.1) ? double(in: 0...5000) : Double(int(in: 10...99) * scale.1) / 10
            bins.append(LatencyHistogram.Bin(lower: lower, width: scale.0, count: count()))
        }
        return LatencyHistogram(bins)
    }

    public mutating func sample() -> TrafficSample {
        var sample = TrafficSample(seconds: chance(0.9) ? double(in: 0.9...1.1) : double(in: 0...1e6))
        sample.completed = count()
        sample.answers5xx = chance(0.5) ? 0 : min(sample.completed, count())
        sample.answers2xx = chance(0.8) ? sample.completed - sample.answers5xx : count()
        sample.active = chance(0.2) ? nil : count()
        sample.latency = chance(0.2) ? nil : histogram()
        if chance(0.2) {
            sample.answers3xx = count()
            sample.answers4xx = count()
            sample.resets = count()
            sample.retries = count()
            sample.timeouts = count()
            sample.overflows = count()
            sample.connectFailures = count()
        }
        if chance(0.2) {
            sample.abortsInjected = count()
            sample.delaysInjected = count()
            sample.rateLimitsInjected = count()
        }
        sample.healthyHosts = chance(0.2) ? nil : UInt64(int(in: 0...2))
        sample.totalHosts = chance(0.2) ? nil : UInt64(int(in: 0...2))
        return sample
    }

    public mutating func trafficReport() -> TrafficReport {
        let service = service()
        return TrafficReport(
            source: chance(0.9) ? service.text : hostileText(), service: service,
            inbound: chance(0.1) ? nil : sample(),
            outbound: (0..<int(in: 0...3)).map { _ in
                TrafficReport.Outbound(to: self.service(), sample: chance(0.1) ? nil : sample())
            },
            restarted: chance(0.02))
    }

    public mutating func moment(around milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + Int64(int(in: -60_000...60_000)))
    }

    /// Any kind with any of its amounts; now and then one that nobody knows.
    public mutating func faultKind() -> FaultKind {
        if chance(0.1), let json = try? JSON(parsing: "{\"gravity\":\(int(in: 0...9)),\"pull\":[\"up\",null]}"),
            let kind = try? FaultKind(WireFields(json, page: "test"))
        {
            return kind
        }
        let description = pick(FaultKindDescription.all)
        let fields = description.fields.filter { $0.isRequired || chance(0.3) }
        let amounts = fields.map { ($0.name, int(in: $0.range)) }
        return FaultKind(description.word, Dictionary(uniqueKeysWithValues: amounts))
    }

    public mutating func fault(around milliseconds: Int64) -> Fault {
        var fault = Fault(
            id: "F\(int(in: 1...9))", kind: faultKind(), edge: Edge(from: service(), to: service()),
            share: double(in: 0...1), by: hostileText(upTo: 8), requestedAt: moment(around: milliseconds),
            leaseEnds: moment(around: milliseconds), phase: pick(FaultPhase.known),
            sources: (0..<int(in: 0...2)).map { _ in hostileText(upTo: 6) })
        fault.acceptedAt = chance(0.5) ? moment(around: milliseconds) : nil
        fault.endedAt = chance(0.3) ? moment(around: milliseconds) : nil
        fault.explanation = chance(0.3) ? hostileText() : nil
        fault.isOrphan = chance(0.1)
        if chance(0.1) { fault.renewedAt = moment(around: milliseconds) }
        if chance(0.1) { fault.missing = [hostileText(upTo: 6)] }
        fault.run = chance(0.2) ? "E\(int(in: 1...5))" : nil
        return fault
    }

    public mutating func objective() -> Objective {
        let indicator: Objective.Indicator =
            bool()
            ? .success(target: double(in: 0.5...1))
            : .latency(quantile: pick([0.5, 0.9, 0.99]), limit: double(in: 1...500))
        return Objective(name: hostileText(upTo: 10), service: service(), indicator: indicator)
    }

    public mutating func session(at: Timestamp) -> Session {
        Session(
            id: hostileText(upTo: 8), name: hostileText(upTo: 8), mode: pick(SessionMode.allCases), startedAt: at,
            entrance: chance(0.3) ? nil : service(), pollInterval: pick([0.2, 1, 2.5]),
            objectives: (0..<int(in: 0...3)).map { _ in objective() })
    }

    public mutating func cost() -> OwnCost {
        var cost = OwnCost()
        (cost.polls, cost.failedPolls) = (UInt64(int(in: 0...9_999_999)), UInt64(int(in: 0...9)))
        (cost.merged, cost.skips) = (UInt64(int(in: 0...9)), UInt64(int(in: 0...9)))
        (cost.slowdown, cost.processor) = (pick([1, 1.5, 2.25]), double(in: 0...1000))
        (cost.resident, cost.descriptors) = (UInt64(int(in: 0...9_999_999)), UInt64(int(in: 0...99)))
        return cost
    }

    public mutating func observation(at: Timestamp) -> Observation {
        switch int(in: 0...40) {
        case 0: return .session(session(at: at))
        case 1, 2:
            let service = service()
            var report = SourceReport(
                name: service.text, kind: pick([.envoy, .prometheus, SourceKind(rawValue: "abacus")]),
                endpoint: "http://127.0.0.1:1", service: chance(0.2) ? nil : service,
                state: pick(SourceState.known), explanation: chance(0.5) ? nil : hostileText(),
                interval: chance(0.5) ? nil : pick([0.5, 15]))
            report.version = chance(0.7) ? nil : hostileText()
            report.zone = chance(0.7) ? nil : hostileText()
            report.health = chance(0.7) ? nil : hostileText()
            return .source(report)
        case 3...6: return .fault(fault(around: at.milliseconds))
        case 7:
            let proofs = (0..<int(in: 0...3)).map { _ in
                Halt.Proof(source: hostileText(), isClean: bool(), explanation: chance(0.5) ? nil : hostileText())
            }
            return .halt(Halt(isLatched: bool(), by: hostileText(), reason: hostileText(), proofs: proofs))
        case 8: return .note(Note(by: hostileText(), text: hostileText(), kind: pick(Note.Kind.allCases)))
        case 9: return .beat(chance(0.5) ? nil : cost())
        case 10...13: return .experiment(experimentReport(at: at))
        case 15:
            return .recording(
                RecordingStatus(
                    pick(RecordingStatus.Phase.allCases), file: chance(0.3) ? nil : hostileText(),
                    bytes: UInt64(int(in: 0...9_999_999)), lost: UInt64(int(in: 0...9)),
                    explanation: chance(0.5) ? nil : hostileText()))
        case 14: return chance(0.2) ? .catalogue((0..<int(in: 0...3)).map { _ in experimentPlan(at: at) }) : .beat(nil)
        case 16: return .edge(edgeReport())
        default: return .traffic(trafficReport())
        }
    }

    public mutating func edgeReport() -> EdgeReport {
        var report = EdgeReport(
            source: chance(0.9) ? service().text : hostileText(), edge: Edge(from: service(), to: service()))
        report.parts = (0..<int(in: 0...3)).map { number in
            EdgeReport.Part(
                version: chance(0.3) ? hostileText() : "v\(number)", zone: chance(0.8) ? nil : hostileText(),
                sample: sample())
        }
        report.ejected = chance(0.6) ? nil : (0..<int(in: 0...2)).map { _ in hostileText() }
        report.mutualShare = chance(0.6) ? nil : double(in: 0...1)
        if chance(0.3) { report.serving = EdgeServing(home: hostileText(), zone: hostileText()) }
        if chance(0.3) {
            report.certificate = EdgeCertificate(
                ends: Timestamp(milliseconds: Int64(int(in: 0...4_000_000_000_000))),
                state: pick(EdgeCertificate.State.allCases))
        }
        guard chance(0.5) else { return report }
        var protection = EdgeProtection()
        protection.timeout = chance(0.3) ? nil : int(in: 0...60_000)
        protection.retries = chance(0.5) ? nil : .init(count: int(in: 0...9), on: hostileText())
        protection.breaker = chance(0.5) ? nil : .init(pending: int(in: 0...1024), retries: int(in: 0...9))
        protection.outliers = chance(0.5) ? nil : .init(failures: 5, ejection: int(in: 0...90_000), mostPercent: 10)
        protection.security = chance(0.5) ? nil : pick(EdgeProtection.Security.allCases)
        protection.split = (0..<int(in: 0...2)).map { .init(name: hostileText(), weight: int(in: 0...100) + $0) }
        report.protection = protection
        return report
    }

    /// Events as a day may bring them: numbers rise, sometimes with a gap; now and then the clock is set.
    public mutating func day(events: Int) -> [Event] {
        var at = Timestamp(milliseconds: 1_764_000_000_000)
        var number: UInt64 = 0
        var day: [Event] = []
        for _ in 0..<events {
            number += chance(0.02) ? 5 : 1
            at.milliseconds += Int64(chance(0.01) ? int(in: -100_000...100_000) : int(in: 0...400))
            day.append(Event(number: number, at: at, observation: observation(at: at)))
        }
        return day
    }

    /// A JSON value of bounded depth.
    public mutating func json(depth: Int = 4) -> JSON {
        switch int(in: 0...(depth > 0 ? 7 : 5)) {
        case 0: .null
        case 1: .bool(bool())
        case 2: .integer(Int64(truncatingIfNeeded: next()))
        case 3: .double(double(in: -1e6...1e6) + 0.5)
        case 4: .double(Double(bitPattern: next() & 0xFFDF_FFFF_FFFF_FFFF).isNaN ? 0.25 : 1.5e300)
        case 5: .string(hostileText())
        case 6: .array((0..<int(in: 0...4)).map { _ in json(depth: depth - 1) })
        default: .object((0..<int(in: 0...4)).map { _ in JSON.Member(hostileText(upTo: 5), json(depth: depth - 1)) })
        }
    }
}
