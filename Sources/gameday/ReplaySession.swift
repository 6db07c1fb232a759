import ArgumentParser
import CursesTerminal
import Dashboard
import FoundationEssentials
import MeshClient
import MeshModel
import Recording
import TerminalCanvas

/// A recorded day on a terminal: the dashboard as it is live, fed by a replay and its clock.
struct ReplaySession {
    let client: ControlPlaneClient
    let screen: ScreenOptions
    let log: String
    let story: Story

    /// What comes in.
    private enum Arrival: Sendable {
        case key(Key)
        case tick
        case told(String)
    }

    /// Often enough that time seems to flow.
    private static let beat = Duration.milliseconds(100)

    /// Returns when a person leaves, or the terminal is gone.
    func run(_ replay: Replay) async throws {
        let stage = try Stage(screen)
        let redirection = DashboardSession.redirectStandardError(to: log)
        let player = ReplayPlayer(
            PastPlayer(replay, story: story), options: stage.settings(user: "replay"), shelf: stage.shelf,
            size: await stage.terminal.size)
        let end = await play(player, on: stage.terminal)
        await stage.close(leaving: end.picture(stage.terminal.glyphs), end.theme)
        redirection?.end()
    }

    private func play(_ start: ReplayPlayer, on terminal: CursesTerminal) async -> ReplayPlayer {
        var player = start
        let (inbox, sender) = AsyncStream.makeStream(of: Arrival.self)
        let runner = EffectRunner(client: client, watcher: "replay by \(Environment.user)")
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await key in terminal.keys { sender.yield(.key(key)) }
                sender.yield(.key(.signal(.hangup)))
            }
            group.addTask {
                while !Task.isCancelled {
                    sender.yield(.tick)
                    try? await Task.sleep(for: Self.beat)
                }
            }
            for await arrival in inbox {
                let effects: [Effect]
                switch arrival {
                case .key(let key): effects = player.take(key)
                case .tick: effects = player.tick(ContinuousClock.now)
                case .told(let words): effects = player.tell(words)
                }
                if effects.contains(.screenshot) {
                    let screenshot = Screenshot(canvas: player.picture(terminal.glyphs), theme: player.theme)
                    group.addTask { sender.yield(.told(screenshot.write(at: .now))) }
                }
                for effect in effects where effect.isOfTerminal {
                    group.addTask { await terminal.perform(effect) }
                }
                for case .halt(let reason) in effects {
                    group.addTask { _ = await runner.perform(.halt(reason: reason)) }
                }
                if effects.contains(where: \.isQuit) { break }
                if let canvas = player.frame(terminal.glyphs) { terminal.show(canvas, player.theme) }
            }
            group.cancelAll()
        }
        return player
    }
}

extension Effect {
    fileprivate var isOfTerminal: Bool {
        switch self {
        case .copy, .redraw, .suspend: true
        default: false
        }
    }

    fileprivate var isQuit: Bool {
        if case .quit = self { return true }
        return false
    }
}
