import Glibc
import MeshClient
import MeshModel
import Recording
import TerminalCanvas

/// The day told in sentences on standard output, one an event, until the reader goes: for screen readers and pipes.
///
/// At a terminal lines that a person types are obeyed: the halt works here as it does everywhere.
struct LinearSession: Sendable {
    let client: ControlPlaneClient
    var isObserver = false

    /// What is to be told or done next.
    private enum Arrival: Sendable {
        case feed(ControlPlaneFeed.Element)
        case line(String)
    }

    func run() async {
        let isAtTerminal = isatty(STDIN_FILENO) == 1
        if isAtTerminal { Output.line(instructions) }
        let (inbox, sender) = AsyncStream.makeStream(of: Arrival.self)
        let room = Room(for: DashboardSession.mostEvents)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await element in client.feed() {
                    await room.enter()
                    sender.yield(.feed(element))
                }
                sender.finish()
            }
            if isAtTerminal {
                group.addTask { for await line in StandardInput.lines() { sender.yield(.line(line)) } }
            }
            var teller = LinearTeller()
            for await arrival in inbox {
                switch arrival {
                case .feed(let element):
                    room.leave()
                    teller.lines(for: element).forEach(Self.say)
                case .line("q"), .line("quit"): group.cancelAll()
                case .line("!"), .line("halt"): await halt()
                default: teller.standing().forEach(Self.say)
                }
                // A pipe whose reader went has nobody left to tell.
                if group.isCancelled || Output.isUnheard { break }
            }
            group.cancelAll()
        }
    }

    private var instructions: String {
        (isObserver ? "" : "! and Enter halts everything. ") + "Enter prints the state; q and Enter quits."
    }

    /// A name from outside must not be able to begin a line of its own.
    fileprivate static func say(_ line: String) { Output.line(Text.sanitised(line)) }

    private func halt() async {
        guard !isObserver else { return Self.say("Read-only: started with --observe.") }
        do {
            let halt = try await client.halt(by: Environment.user, reason: "typed in a linear dashboard")
            let dirty = halt.proofs.filter { !$0.isClean }.map(\.source)
            if !dirty.isEmpty { Self.say("NOT CLEAN: \(dirty.joined(separator: ", ")); retrying every second.") }
        } catch {
            Self.say("the halt failed: \(error.summary). \(error.remedy ?? "")")
        }
    }
}

/// What the feed brings, as lines.
struct LinearTeller {
    private var narration = Narration()
    private var isLost = false
    private var clock = FeedClock()

    mutating func lines(for element: ControlPlaneFeed.Element) -> [String] {
        switch element {
        case .event(let event):
            let back = isLost ? ["contact with the control plane is restored."] : []
            isLost = false
            clock.hear(event.at)
            return back + narration.tell(event)
        case .anew:
            narration.forget()
            clock.forget()
            return ["another control plane answers: a new session starts."]
        case .lost(let error):
            return lose("no contact with the control plane: \(error.summary). Everything printed above is stale.")
        case .ended: return lose("the control plane has ended.")
        }
    }

    func standing() -> [String] { narration.standing(at: clock.now) }

    private mutating func lose(_ words: String) -> [String] {
        defer { isLost = true }
        return isLost ? [] : [words]
    }
}

/// A recorded day told in sentences.
enum LinearReplay {
    static func tell(_ reader: RecordingReader) {
        var replay = Replay(reader)
        var narration = Narration()
        var first = replay.state
        // The fold may stand at the first line already; from there on every event is told.
        first.session?.mode = .replay
        let start = Event(number: first.lastNumber, at: first.lastAt ?? replay.clock.now, observation: .keyframe(first))
        if first.session != nil { narration.tell(start).forEach(LinearSession.say) }
        var last = first.lastAt
        // From event to event, and not from second to second: a clock that was wrong may be years off.
        while case .events(let events) = replay.step(), let event = events.first {
            if let last { tellGap(from: last, to: event.at) }
            last = event.at
            narration.tell(event).forEach(LinearSession.say)
        }
    }

    private static func tellGap(from last: Timestamp, to next: Timestamp) {
        let gap = next.seconds(since: last)
        if gap > 600 { LinearSession.say("nothing was recorded for \(PlainWords.clock(gap)).") }
        if gap < -1 { LinearSession.say("the clock was set back by \(PlainWords.clock(-gap)).") }
    }
}

/// Standard input, line by line, without a thread that waits for it.
enum StandardInput {
    static func lines() -> AsyncStream<String> {
        AsyncStream { continuation in
            let task = Task {
                var line: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while !Task.isCancelled {
                    var wait = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                    guard poll(&wait, 1, 0) > 0 else {
                        try? await Task.sleep(for: .milliseconds(50))
                        continue
                    }
                    let count = read(STDIN_FILENO, &buffer, buffer.count)
                    guard count > 0 else { break }
                    for byte in buffer[..<count] {
                        if byte == 0x0A {
                            let text = String(decoding: line, as: UTF8.self)
                            continuation.yield(
                                String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()))
                            line = []
                        } else if line.count < 1000 {
                            line.append(byte)
                        }
                    }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}
