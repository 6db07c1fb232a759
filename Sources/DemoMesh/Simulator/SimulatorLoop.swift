import CLinux
import Glibc
import PinnedThreads

/// Model and server on one thread, which waits for sockets and for the next step. FlyingFox costs 120 to 400 µs of CPU
/// a request here (measured, 8 KB pages), which is too much at a thousand polls a second beside what is to be measured.
actor SimulatorLoop {
    private let thread: PinnedThread
    private let bell: Int32
    private let epoll: Int32
    /// One for each address; all have the same port.
    private let listeners: Set<Int32>
    private var pages: AdminPages
    private var connections: [Int32: PageConnection] = [:]
    private let clock = ContinuousClock()
    private var nextStep: ContinuousClock.Instant
    private var isFull = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Opens the port, 0 for any, and starts the model.
    init(of plan: MeshPlan, rate: Double, seed: UInt64, port: UInt16) throws(DemoFailure) {
        let listeners = try Self.listen(at: SimulatedAddress.all(for: plan.services.count), port: port)
        let bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        self.listeners = listeners
        self.bell = bell
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        thread = PinnedThread(name: "simulator") { eventfd_write(bell, 1) }
        pages = AdminPages(of: Fleet(of: plan, rate: rate, seed: seed))
        nextStep = clock.now
        for listener in listeners { Self.watch(listener, EPOLLIN, on: epoll, EPOLL_CTL_ADD) }
        Self.watch(bell, EPOLLIN, on: epoll, EPOLL_CTL_ADD)
        thread.start { [weak self] patience in self?.wait(patience) }
    }

    isolated deinit {
        thread.stop()
        for descriptor in Array(connections.keys) + [epoll, bell] + listeners { close(descriptor) }
    }

    /// The port it serves on.
    nonisolated var port: Int { listeners.first.map(LoopbackSocket.port) ?? 0 }

    /// Opens a port of each address, the same one everywhere.
    private static func listen(at hosts: [String], port: UInt16) throws(DemoFailure) -> Set<Int32> {
        var listeners: Set<Int32> = []
        for host in hosts {
            let port = listeners.first.map(LoopbackSocket.port) ?? Int(port)
            let listener = LoopbackSocket.listening(on: port, of: host, backlog: 4_096)
            guard listener >= 0 else {
                let reason = String(cString: strerror(errno))
                for one in listeners { close(one) }
                throw .cannotStart(program: "simulator", reason: "\(host): \(reason)")
            }
            listeners.insert(listener)
        }
        return listeners
    }

    func hang(_ services: Set<String>) { pages.hang(services) }

    private nonisolated func wait(_ patience: PinnedThread.Patience) {
        let timeout = patience == .mayBlock ? assumeIsolated { $0.millisecondsToNextStep } : 0
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        let count = epoll_wait(epoll, &events, Int32(events.count), timeout)
        let ready = events[..<Int(max(0, count))].map { (descriptor: $0.data.fd, events: $0.events) }
        assumeIsolated { simulator in
            simulator.advanceToNow()
            for one in ready { simulator.handle(one.descriptor, one.events) }
        }
    }

    private var millisecondsToNextStep: Int32 {
        Int32(clamping: (nextStep - clock.now).inMilliseconds + 1)
    }

    /// Takes the steps that are due. A process that was stopped for long does not catch up: time went by without it.
    private func advanceToNow() {
        let now = clock.now
        if now - nextStep > .seconds(2) { nextStep = now }
        while nextStep <= now {
            pages.advance()
            nextStep += .milliseconds(100)
        }
    }

    private func handle(_ descriptor: Int32, _ events: UInt32) {
        if descriptor == bell {
            var count = eventfd_t()
            eventfd_read(bell, &count)
        } else if listeners.contains(descriptor) {
            accept(from: descriptor)
        } else {
            serve(descriptor, events)
        }
    }

    private func accept(from listener: Int32) {
        while true {
            let socket = LoopbackSocket.accepted(from: listener)
            if socket >= 0 {
                connections[socket] = PageConnection(socket: socket)
                Self.watch(socket, EPOLLIN, on: epoll, EPOLL_CTL_ADD)
            } else {
                // Without descriptors left, waiting for the listener would only spin: first somebody has to leave.
                if errno == EMFILE || errno == ENFILE {
                    isFull = true
                    watchListeners(EPOLL_EVENTS(0))
                }
                return
            }
        }
    }

    private func serve(_ descriptor: Int32, _ events: UInt32) {
        guard var connection = connections.removeValue(forKey: descriptor) else { return }
        let wasBlocked = connection.isBlocked
        if events & EPOLLOUT.rawValue != 0 {
            connection.send()
        } else {
            connection.receive(answering: { pages.isLost($0) ? nil : pages.answer($0) }, seed: pages.fleet.seed)
        }
        if connection.isOver {
            close(descriptor)
            if isFull {
                isFull = false
                watchListeners(EPOLLIN)
            }
            return
        }
        // Who does not read its answers gets no more of them.
        if connection.isBlocked != wasBlocked {
            Self.watch(descriptor, connection.isBlocked ? EPOLLOUT : EPOLLIN, on: epoll, EPOLL_CTL_MOD)
        }
        connections[descriptor] = connection
    }

    private func watchListeners(_ events: EPOLL_EVENTS) {
        for listener in listeners { Self.watch(listener, events, on: epoll, EPOLL_CTL_MOD) }
    }

    private static func watch(_ descriptor: Int32, _ events: EPOLL_EVENTS, on epoll: Int32, _ change: Int32) {
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(fd: descriptor))
        epoll_ctl(epoll, change, descriptor, &event)
    }
}
