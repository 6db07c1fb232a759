import ArgumentParser
import CursesTerminal
import Dashboard
import FoundationEssentials
import Glibc
import MeshClient
import MeshModel
import TerminalCanvas

/// A dashboard on a terminal, from its first frame until it is left: keys, events and ticks go in, frames come out.
struct DashboardSession {
    let client: ControlPlaneClient
    var isObserver = false
    var screen: ScreenOptions
    /// Where standard error goes while the screen is up.
    let log: String
    /// Signals that somebody else listens to, and that end the dashboard.
    var signals: AsyncStream<Int32>?

    /// So many events may wait to be shown.
    static let mostEvents = 256

    /// Returns when a person leaves, or the terminal is gone.
    func run() async throws {
        let stage = try Stage(screen)
        let redirection = Self.redirectStandardError(to: log)
        let watcher = "\(Environment.user) (\(getpid()))"
        let state = DashboardState(
            stage.settings(user: watcher, isObserver: isObserver), size: await stage.terminal.size, now: .now)
        let end = await loop(
            DashboardLoop(
                state: state, shelf: stage.shelf, terminal: stage.terminal, isHeld: stage.asksBackground),
            EffectRunner(client: client, watcher: watcher))
        // Asked before the screen is gone, so that the shell's prompt comes at once.
        let path = await Self.recording(of: client)
        await stage.close(leaving: end.picture, end.theme)
        redirection?.end()
        for line in end.farewell + Self.words(ofRecording: path, hasDay: !end.farewell.isEmpty) { Output.line(line) }
    }

    /// Where the recording of this session is; nil where there is none, or nobody answers in time.
    private static func recording(of client: ControlPlaneClient) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { (try? await client.health())?["recording"]?.string }
            group.addTask {
                try? await Task.sleep(for: EffectRunner.patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func words(ofRecording path: String?, hasDay: Bool) -> [String] {
        guard let path else { return hasDay ? ["  not recorded"] : [] }
        return ["  recording: \(path)", "    gameday replay '\(path)'", "    gameday export '\(path)' --to html"]
    }

    /// Without the file the screen is only at the mercy of whoever writes: no reason not to show it.
    static func redirectStandardError(to log: String) -> StandardErrorRedirection? {
        let folder = log.lastIndex(of: "/").map { String(log[..<$0]) } ?? "."
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try? StandardErrorRedirection(to: log)
    }

    private func loop(_ start: DashboardLoop, _ runner: EffectRunner) async -> DashboardLoop {
        var loop = start
        let (inbox, sender) = AsyncStream.makeStream(of: DashboardLoop.Arrival.self)
        let room = Room(for: Self.mostEvents)
        await withDiscardingTaskGroup { group in
            group.addTask { await Self.readKeys(of: start.terminal, into: sender) }
            group.addTask { await Self.readEvents(for: runner, into: sender, while: room) }
            if let signals {
                group.addTask { for await _ in signals { sender.yield(.message(.key(.signal(.hangup)))) } }
            }
            if start.isHeld {
                group.addTask {
                    try? await Task.sleep(for: Stage.backgroundTime)
                    sender.yield(.tick)
                }
            } else {
                sender.yield(.tick)
            }
            for await arrival in inbox {
                if case .message(.event) = arrival { room.leave() }
                for wish in loop.receive(arrival) {
                    switch wish {
                    case .onTerminal(let effect):
                        group.addTask { await start.terminal.perform(effect) }
                    case .keep(let screenshot):
                        group.addTask { sender.yield(.message(.told(screenshot.write(at: .now)))) }
                    case .copy(let text): group.addTask { await start.terminal.copy(text) }
                    case .visit(let browser):
                        group.addTask {
                            let words = await browser.open { await start.terminal.copy($0) }
                            sender.yield(.message(.told(words)))
                        }
                    case .open(let travel):
                        group.addTask { sender.yield(await DashboardLoop.open(travel, runner)) }
                    case .perform(let effect): group.addTask { await Self.perform(effect, runner, into: sender) }
                    case .later(let arrival, let delay):
                        group.addTask {
                            try? await Task.sleep(for: delay)
                            sender.yield(arrival)
                        }
                    }
                }
            }
            group.cancelAll()
        }
        return loop
    }

    private static func readKeys(
        of terminal: CursesTerminal, into sender: AsyncStream<DashboardLoop.Arrival>.Continuation
    ) async {
        for await key in terminal.keys { sender.yield(.message(.key(key))) }
        // The terminal is gone without a word.
        sender.yield(.message(.key(.signal(.hangup))))
    }

    private static func readEvents(
        for runner: EffectRunner, into sender: AsyncStream<DashboardLoop.Arrival>.Continuation, while room: Room
    ) async {
        for await element in runner.client.feed(watcher: runner.watcher) {
            switch element {
            case .event(let event):
                // What is not read stays with the control plane, which tells a slow reader the state in place of it.
                await room.enter()
                sender.yield(.message(.connection(.connected)))
                sender.yield(.message(.event(event)))
            case .anew: sender.yield(.message(.anew))
            case .lost(let error): sender.yield(.message(.connection(.lost(why: error.summary))))
            case .ended: sender.yield(.message(.connection(.lost(why: "it was ended"))))
            }
        }
    }

    private static func perform(
        _ effect: Effect, _ runner: EffectRunner, into sender: AsyncStream<DashboardLoop.Arrival>.Continuation
    ) async {
        let outcome = await runner.perform(effect)
        if case .done(.quit) = outcome {
            sender.finish()
        } else {
            sender.yield(.message(.outcome(outcome)))
        }
    }
}

extension CursesTerminal {
    /// Does what only the terminal can do.
    func perform(_ effect: Effect) {
        switch effect {
        case .redraw: redraw()
        case .suspend: suspend()
        case .copy(let text): copy(text)
        default: break
        }
    }
}

extension Timestamp {
    /// The wall clock's time.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
