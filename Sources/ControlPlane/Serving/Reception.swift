internal import CLinux
internal import Glibc
internal import MeshClient
internal import MeshModel
internal import PinnedThreads

/// One door of the API with a thread of its own: it takes connections, reads and bounds their requests, asks who it is,
/// and has them answered. Everything that a request needs is done on this thread as well, so that no load on one door
/// takes time from another, from the desks' other work, or from the beat for the guard.
///
/// Nobody is kept out by others: whoever has not said who they are makes room for whoever comes.
actor Reception {
    typealias Instant = SuspendingClock.Instant

    /// What rings besides connections: a descriptor that becomes readable, and what is to be done then.
    struct Alarm: Sendable {
        var bell: Int32
        var ring: @Sendable () async -> Void
    }

    let limits: ReceptionLimits
    let server: Server
    let door: Server.Door
    let tasks: PinnedTasks
    private let thread: PinnedThread
    private let bell: Int32
    private let epoll: Int32
    private var doorway: Doorway?
    private let alarm: Alarm?
    var visits: [Int32: Visit] = [:]
    private var lastNumber: UInt64 = 0
    /// Requests under way that may have to wait for something.
    var acting = 0
    /// Tells the feeds when there are events.
    var following: Task<Void, Never>?
    private var reserve: DescriptorReserve
    /// When connections are looked for again, while there is no room for any.
    private var resting: Instant?
    private var stopped: CheckedContinuation<Void, Never>?
    private var stopsAt: Instant?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Opens the door. It holds itself until it is stopped.
    init(
        _ name: String, _ doorway: consuming Doorway, server: Server, limits: ReceptionLimits = ReceptionLimits(),
        alarm: Alarm? = nil
    ) throws(SocketClaimError) {
        let bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard bell >= 0, epoll >= 0 else {
            throw .system(doing: "open the socket \(name)", why: String(cString: strerror(errno)))
        }
        self.bell = bell
        self.epoll = epoll
        self.server = server
        door = doorway.door
        self.limits = limits
        self.alarm = alarm
        thread = PinnedThread(name: name) { eventfd_write(bell, 1) }
        tasks = PinnedTasks(on: thread)
        reserve = DescriptorReserve(limits.reserve)
        Self.watch(bell, EPOLLIN.rawValue, on: epoll, EPOLL_CTL_ADD)
        Self.watch(doorway.descriptor, EPOLLIN.rawValue, on: epoll, EPOLL_CTL_ADD)
        if let alarm { Self.watch(alarm.bell, EPOLLIN.rawValue, on: epoll, EPOLL_CTL_ADD) }
        self.doorway = consume doorway
        thread.start { [self] patience in assumeIsolated { $0.turn(mayBlock: patience == .mayBlock) } }
    }

    isolated deinit {
        close(epoll)
        close(bell)
        buffer.deallocate()
    }

    /// Takes nobody in any more, gives the answers under way some time to go out, and ends.
    func stop(within patience: Duration) async {
        doorway = nil
        for visit in visits.values where !visit.isOwed { end(visit) }
        if !visits.isEmpty {
            stopsAt = SuspendingClock.now + patience
            await withCheckedContinuation { stopped = $0 }
        }
        following?.cancel()
        following = nil
        for visit in visits.values { end(visit) }
        reserve.release()
        thread.stop()
    }

    private func turn(mayBlock: Bool) {
        var ready = [epoll_event](repeating: epoll_event(), count: 64)
        let count = epoll_wait(epoll, &ready, Int32(ready.count), mayBlock ? millisecondsToWait : 0)
        for one in ready.prefix(max(0, Int(count))) {
            let descriptor = one.data.fd
            if descriptor == bell {
                silence(bell)
            } else if let alarm, descriptor == alarm.bell {
                silence(alarm.bell)
                Task(executorPreference: tasks) { await alarm.ring() }
            } else if let visit = visits[descriptor] {
                attend(visit, one.events)
            } else {
                takeIn()
            }
        }
        let now = SuspendingClock.now
        for visit in visits.values where visit.deadline.map({ $0 <= now }) ?? false { expire(visit) }
        if let resting, resting <= now { rest(until: nil) }
        if let stopsAt, visits.isEmpty || stopsAt <= now {
            stopped.take()?.resume()
            self.stopsAt = nil
        }
    }

    /// Nobody is to ask anything more.
    var isStopping: Bool { doorway == nil }

    private var millisecondsToWait: Int32 {
        let dates = visits.values.compactMap(\.deadline) + [resting, stopsAt].compactMap { $0 }
        guard let next = dates.min() else { return -1 }
        return Int32(clamping: max(0, Int((next - SuspendingClock.now) / .milliseconds(1)) + 1))
    }

    /// Takes in those that wait at the door: not so many that those inside would have to wait long.
    private func takeIn() {
        for _ in 0..<limits.arrivals {
            switch doorway?.next() {
            case .visitor(let socket): welcome(socket)
            case .stranger: continue
            case .noRoom where reserve.lend(): continue
            case .noRoom:
                if !makeRoom() { return rest(until: SuspendingClock.now + limits.rest) }
            case .nobody, nil: return reserve.refill()
            }
        }
    }

    private func welcome(_ socket: Int32) {
        // The kernel gives out the lowest number that is free, so a high one says how few are left.
        let isScarce = visits.count >= limits.least && Int(socket) >= DescriptorLimit.now - limits.headroom
        if visits.count >= limits.visits || reserve.isEmpty || isScarce, !makeRoom() {
            // Without anybody who could go, the newcomer can't stay.
            close(socket)
            reserve.refill()
            return
        }
        lastNumber += 1
        let now = SuspendingClock.now
        let visit = Visit(socket: socket, number: lastNumber, at: now)
        visit.deadline = now + limits.headTime
        visits[socket] = visit
        watch(visit, EPOLLIN.rawValue)
        // The request mostly comes with the connection.
        read(visit)
    }

    /// Shows out the one that can best be done without; false when there is none.
    private func makeRoom() -> Bool {
        let leaving = visits.values.filter { $0.rank != nil }
            .min { ($0.rank ?? 0, $0.since) < ($1.rank ?? 0, $1.since) }
        guard let leaving else { return false }
        end(leaving)
        return true
    }

    /// Looks away from the door for a while: without room, waiting at it would only spin.
    private func rest(until date: Instant?) {
        resting = date
        guard let descriptor = doorway?.descriptor else { return }
        Self.watch(descriptor, date == nil ? EPOLLIN.rawValue : 0, on: epoll, EPOLL_CTL_MOD)
    }

    /// Hangs up.
    func end(_ visit: Visit) {
        guard visits.removeValue(forKey: visit.socket) != nil else { return }
        visit.hangUp()
        reserve.refill()
    }

    private func expire(_ visit: Visit) {
        switch visit.stage {
        case .head where !visit.reader.isEmpty || !visit.isKnown: refuse(visit, .tooSlow)
        case .body: refuse(visit, .tooSlow)
        default: end(visit)
        }
    }

    private func attend(_ visit: Visit, _ events: UInt32) {
        if events & EPOLLOUT.rawValue != 0 { return flush(visit) }
        if visit.isReading { return read(visit) }
        if events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { end(visit) }
    }

    private func read(_ visit: Visit) {
        switch visit.receive(into: buffer) {
        case .nothing: return
        case .end: return end(visit)
        case .some(let count):
            if case .leaving = visit.stage {
                visit.wasted += count
                if visit.wasted > limits.waste { end(visit) }
                return
            }
            if case .head = visit.stage, visit.isKnown, visit.reader.isEmpty {
                visit.deadline = SuspendingClock.now + limits.headTime
            }
            visit.reader.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            advance(visit)
        }
    }

    func watch(_ visit: Visit, _ events: UInt32) {
        guard visit.watched != events else { return }
        Self.watch(visit.socket, events, on: epoll, visit.watched == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD)
        visit.watched = events
    }

    private static func watch(_ descriptor: Int32, _ events: UInt32, on epoll: Int32, _ change: Int32) {
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        epoll_ctl(epoll, change, descriptor, &event)
    }

    private func silence(_ bell: Int32) {
        var count = eventfd_t()
        eventfd_read(bell, &count)
    }
}
