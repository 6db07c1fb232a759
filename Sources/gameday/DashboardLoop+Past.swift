import Dashboard
import MeshClient
import MeshModel
import Recording
import TerminalCanvas

// Looking back: the dashboard shows a moment of the session's own recording, while the mesh and its news go on.
extension DashboardLoop {
    /// So near to now is now.
    private static let nearness = 3.0
    /// How far the first step back goes.
    private static let firstStep = 5.0

    /// Goes where a key says; the first time the recording has to be opened.
    mutating func travel(_ travel: Travel) -> [Wish] {
        if travel == .now {
            player = nil
            return take(.past(nil))
        }
        guard player != nil else { return [.open(travel)] }
        let word = player?.perform(travel).word
        return settle(word)
    }

    /// Takes up the recording as it is by now.
    mutating func open(_ found: PastPlayer, _ travel: Travel) -> [Wish] {
        var opened = found
        opened.takeOver(from: player)
        let isFirst = player == nil
        var word: String?
        if isFirst, case .step = travel {
            _ = opened.perform(.to(clock.now.advanced(bySeconds: -Self.firstStep)))
        } else {
            word = opened.perform(travel).word
        }
        player = opened
        return show(word)
    }

    /// Lets the past go on by the time that passed.
    mutating func playOn(_ now: ContinuousClock.Instant) -> [Wish] {
        defer { playedAt = now }
        guard let before = playedAt, player?.replay.clock.isPlaying ?? false else { return [] }
        let passed = now - before
        let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
        _ = player?.advance(min(1, seconds))
        return settle(nil)
    }

    /// At the end of what was read the past may be now; else there is more by now to be read.
    private mutating func settle(_ word: String?) -> [Wish] {
        guard let player, player.replay.clock.isAtEnd else { return show(word) }
        return clock.now.seconds(since: player.now) < Self.nearness ? travel(.now) : [.open(.to(player.now))]
    }

    private mutating func show(_ word: String?) -> [Wish] {
        guard let player else { return [] }
        return take(.past(player.past)) + (word.map { take(.told($0)) } ?? [])
    }

    /// Opens the recording of this session, which the control plane tells the place of.
    static func open(_ travel: Travel, _ runner: EffectRunner) async -> Arrival {
        guard let path = (try? await runner.client.health())?["recording"]?.string else {
            return .message(.told("This session is not recorded"))
        }
        do {
            let reader = try RecordingReader(path: path)
            var replay = Replay(reader)
            replay.pause()
            _ = replay.seek(to: reader.end)
            return .opened(PastPlayer(replay, story: reader.story()), travel)
        } catch {
            return .message(.told(error.summary))
        }
    }
}
