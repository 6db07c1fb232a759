internal import Experiments
internal import Glibc
internal import MeshClient
internal import MeshModel

/// Gathers what the control plane costs, and says on the timeline when it can't keep up, and when it can again.
struct CostMeter: Sendable {
    let observatory: Observatory
    let log: EventLog
    let watchers: Watchers
    private var before: (processor: Double, at: Duration)?
    private var wasOverloaded = false

    init(observatory: Observatory, log: EventLog, watchers: Watchers) {
        self.observatory = observatory
        self.log = log
        self.watchers = watchers
    }

    /// What it costs by now; asked every few seconds, with the time on a clock that nobody can set.
    mutating func take(at now: Duration) -> OwnCost {
        var cost = OwnCost()
        observatory.addCost(&cost)
        log.add(to: &cost)
        cost.readers = UInt64(watchers.connected)
        cost.measureProcess()
        if let before, now > before.at {
            cost.processorShare = (cost.processor - before.processor) / ((now - before.at) / .seconds(1))
        }
        before = (cost.processor, now)
        tell(cost)
        return cost
    }

    private mutating func tell(_ cost: OwnCost) {
        defer { wasOverloaded = cost.isOverloaded }
        guard cost.isOverloaded != wasOverloaded else { return }
        let text =
            cost.isOverloaded
            ? "this machine is too busy: every proxy is polled less often" : "every proxy is polled at the set interval"
        log.append([.note(Note(by: "gameday", text: text))])
    }
}

extension OwnCost {
    /// Adds what the kernel says of this process; what it does not say stays zero.
    fileprivate mutating func measureProcess() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        processor = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        resident = Self.number(after: "VmRSS:") << 10
        threads = Self.number(after: "Threads:")
        descriptors = Self.openDescriptors
    }

    private static func number(after name: String) -> UInt64 {
        guard let bytes = FileContent.bytes(of: "/proc/self/status") else { return 0 }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { UInt64($0) } ?? 0
    }

    private static var openDescriptors: UInt64 {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count: UInt64 = 0
        while readdir(folder) != nil { count += 1 }
        // Without the two entries for folders and the one that reads this.
        return count > 3 ? count - 3 : 0
    }
}
