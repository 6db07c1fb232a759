import CLinux
import Glibc
import PinnedThreads

/// Starts processes and learns of their end. All are started on one thread that lives as long as this does: the kernel
/// ties a child to the thread that created it.
actor ChildKeeper {
    private struct Child {
        var role: ChildRole
        var process: Int32
    }

    private struct Waiting {
        var isChosen: @Sendable (ChildRole) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    /// The end of each child, once. Unbounded: there are some twenty children, and none may be missed.
    nonisolated let exits: AsyncStream<ChildExit>

    private let thread: PinnedThread
    private let bell: Int32
    private let epoll: Int32
    private let exited: AsyncStream<ChildExit>.Continuation
    private var children: [Int32: Child] = [:]
    private var waiting: [Waiting] = []
    /// The program that ties a child to its parent: the words before the child's own.
    private let trampoline: [String]

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(trampoline: [String]) {
        self.trampoline = trampoline
        let bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        self.bell = bell
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        thread = PinnedThread(name: "children") { eventfd_write(bell, 1) }
        (exits, exited) = AsyncStream.makeStream()
        Self.watch(bell, with: epoll)
        thread.start { [weak self] patience in self?.wait(patience) }
    }

    isolated deinit {
        thread.stop()
        exited.finish()
        for descriptor in children.keys { close(descriptor) }
        close(epoll)
        close(bell)
    }

    /// Starts the program and gives its process id.
    func start(_ command: ChildCommand) throws(DemoFailure) -> Int32 {
        let words = trampoline + [String(getpid()), "--"] + command.words
        let process: Int32
        switch spawn(words, log: command.log) {
        case .success(let started): process = started
        case .failure(let error):
            throw .cannotStart(program: "\(command.role)", reason: String(cString: strerror(error.number)))
        }
        let descriptor = gameday_pidfd_open(process)
        guard descriptor >= 0 else {
            throw .cannotStart(program: "\(command.role)", reason: String(cString: strerror(errno)))
        }
        children[descriptor] = Child(role: command.role, process: process)
        Self.watch(descriptor, with: epoll)
        return process
    }

    /// Ends the children whose role is chosen, and returns when they are gone. Who does not end when asked to is killed
    /// after the patience.
    func end(patience: Duration = .seconds(1), _ isChosen: @escaping @Sendable (ChildRole) -> Bool) async {
        send(SIGTERM, to: isChosen)
        let killing = Task {
            if (try? await Task.sleep(for: patience)) != nil { send(SIGKILL, to: isChosen) }
        }
        await withCheckedContinuation { continuation in
            waiting.append(Waiting(isChosen: isChosen, continuation: continuation))
            resumeWaiting()
        }
        killing.cancel()
    }

    /// A child that has ended is in `children` until it was waited for, so the process id can't be another's.
    func send(_ signal: Int32, to isChosen: @Sendable (ChildRole) -> Bool) {
        for child in children.values where isChosen(child.role) { kill(child.process, signal) }
    }

    private func resumeWaiting() {
        let done = waiting.filter { one in !children.values.contains { one.isChosen($0.role) } }
        waiting.removeAll { one in !children.values.contains { one.isChosen($0.role) } }
        for one in done { one.continuation.resume() }
    }

    /// The children that have not ended yet.
    var running: [ChildRole: Int32] {
        Dictionary(children.values.map { ($0.role, $0.process) }, uniquingKeysWith: { $1 })
    }

    private static func watch(_ descriptor: Int32, with epoll: Int32) {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: descriptor))
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }

    private nonisolated func wait(_ patience: PinnedThread.Patience) {
        var events = [epoll_event](repeating: epoll_event(), count: 16)
        let count = epoll_wait(epoll, &events, Int32(events.count), patience == .mayBlock ? -1 : 0)
        guard count > 0 else { return }
        let ready = events[..<Int(count)].map(\.data.fd)
        assumeIsolated { $0.handle(ready) }
    }

    private func handle(_ ready: [Int32]) {
        for descriptor in ready {
            if descriptor == bell {
                var count = eventfd_t()
                eventfd_read(bell, &count)
            } else {
                collect(descriptor)
            }
        }
    }

    private func collect(_ descriptor: Int32) {
        guard let child = children[descriptor] else { return }
        var status: Int32 = 0
        guard waitpid(child.process, &status, WNOHANG) == child.process else { return }
        children[descriptor] = nil
        close(descriptor)
        exited.yield(ChildExit(role: child.role, process: child.process, end: ProcessEnd(waitStatus: status)))
        resumeWaiting()
    }
}
