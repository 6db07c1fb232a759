internal import CLinux
internal import Glibc

/// A running program, as its thread knows it.
final class Child {
    /// More output than this is read but not kept.
    private static let mostOutput = 256 << 20

    let pid: pid_t
    private let hasOwnGroup: Bool
    /// Whether it has our terminal to ask at; and whether it has stopped to wait for that.
    let hasTerminal: Bool
    private var awaitsTerminal = false
    private var outFile: Int32
    private var errFile: Int32
    private(set) var channel: Int32
    /// Tells of its exit, once nothing else does; -1 before, and where the kernel has no such descriptors.
    private var exit: Int32 = -1
    private var out: [UInt8] = []
    private var err: [UInt8] = []
    private var incoming: [UInt8] = []
    var outgoing: [UInt8] = []
    var lines: AsyncStream<[UInt8]>.Continuation?
    private(set) var deadline: ContinuousClock.Instant?
    /// Set when we ended it; then its pipes, which others may hold open, are not waited for.
    private var forced: ChildEnd?
    /// Set when its run was interrupted: however it ends from now on, it did not come to its end.
    private var isInterrupted = false
    private let patience: @Sendable () -> Duration
    private let tell: @Sendable (ChildEnd) -> Void

    init(_ spawn: ChildSpawn, _ command: ChildCommand, end: @escaping @Sendable (ChildEnd) -> Void) {
        pid = spawn.pid
        (outFile, errFile, channel) = (spawn.out, spawn.err, spawn.channel)
        hasOwnGroup = command.hasOwnGroup
        let terminal = command.console == .none ? -1 : open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        hasTerminal = terminal >= 0
        if terminal >= 0 { close(terminal) }
        patience = command.patience
        deadline = command.timeout.map { ContinuousClock.now + $0 }
        tell = end
    }

    /// The descriptors to wake up for.
    var watched: [pollfd] {
        var watched: [pollfd] = []
        for file in [outFile, errFile, channel] where file >= 0 {
            let events = POLLIN | (file == channel && !outgoing.isEmpty ? POLLOUT : 0)
            watched.append(pollfd(fd: file, events: Int16(events), revents: 0))
        }
        if exit >= 0 { watched.append(pollfd(fd: exit, events: Int16(POLLIN), revents: 0)) }
        return watched
    }

    /// Whether only its exit is awaited.
    private var isToBeReaped: Bool { forced != nil || isInterrupted || (outFile < 0 && errFile < 0 && channel < 0) }
    /// Whether its exit is awaited and no descriptor tells of it.
    var mustBeAsked: Bool { isToBeReaped && exit < 0 }

    /// Lets it end by itself for a moment, if it may, and then stops it.
    func interrupt() {
        let patience = patience()
        guard patience > .zero else { return stop(as: .interrupted) }
        isInterrupted = true
        let end = ContinuousClock.now + patience
        deadline = deadline.map { min($0, end) } ?? end
    }

    func stop(as end: ChildEnd) {
        guard forced == nil else { return }
        forced = isInterrupted ? .interrupted : end
        deadline = nil
        kill(hasOwnGroup ? -pid : pid, SIGKILL)
    }

    /// Lends it our terminal if it waits for that. In the background we have none to lend, and it waits on.
    func lendTerminal() {
        guard hasTerminal else { return }
        if gameday_wants_terminal(pid) { awaitsTerminal = true }
        guard awaitsTerminal, gameday_pass_terminal(getpgrp(), pid) else { return }
        awaitsTerminal = false
        kill(-pid, SIGCONT)
    }

    func takeTerminalBack() {
        if hasTerminal { _ = gameday_pass_terminal(pid, getpgrp()) }
    }

    /// Takes over whatever there is to read, and gives what can be given.
    func transfer(_ buffer: inout [UInt8]) {
        Self.drain(&outFile, into: &out, &buffer)
        Self.drain(&errFile, into: &err, &buffer)
        guard channel >= 0 else { return }
        flush()
        Self.drain(&channel, into: &incoming, &buffer)
        while let line = incoming.firstIndex(of: 0x0A) {
            lines?.yield(Array(incoming[..<line]))
            incoming.removeSubrange(...line)
        }
    }

    func flush() {
        while !outgoing.isEmpty {
            let sent = send(channel, outgoing, outgoing.count, Int32(MSG_NOSIGNAL))
            guard sent > 0 else { return }
            outgoing.removeFirst(sent)
        }
    }

    private static func drain(_ file: inout Int32, into kept: inout [UInt8], _ buffer: inout [UInt8]) {
        while file >= 0 {
            let count = read(file, &buffer, buffer.count)
            if count > 0 {
                kept += buffer.prefix(min(count, max(0, mostOutput - kept.count)))
                if count < buffer.count { return }
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                close(file)
                file = -1
            } else if errno == EAGAIN {
                return
            }
        }
    }

    /// How it ended, once it is gone and has said all; nil before.
    func collect() -> ChildEnd? {
        guard isToBeReaped else { return nil }
        var status: Int32 = 0
        // A program closes its pipes a moment before it can be reaped: that moment is not worth a sleep.
        for _ in 0..<(exit < 0 ? 50 : 1) {
            let reaped = waitpid(pid, &status, WNOHANG)
            if reaped == pid { return end(status: Self.code(status)) }
            if reaped < 0 && errno == ECHILD { return end(status: 0) }
            sched_yield()
        }
        // It runs on without them, or the machine is busy.
        if exit < 0 { exit = gameday_pidfd_open(pid) }
        return nil
    }

    private func end(status: Int) -> ChildEnd {
        forced ?? (isInterrupted ? .interrupted : .finished(status: status, out: out, err: err))
    }

    private static func code(_ status: Int32) -> Int {
        let signal = status & 0x7F
        return signal == 0 ? Int((status >> 8) & 0xFF) : -Int(signal)
    }

    /// Ends it at once: nobody will look after it.
    func abandon() {
        stop(as: .interrupted)
        waitpid(pid, nil, 0)
        finish(.interrupted)
    }

    func finish(_ how: ChildEnd) {
        for file in [outFile, errFile, channel, exit] where file >= 0 { close(file) }
        takeTerminalBack()
        lines?.finish()
        tell(how)
    }
}
