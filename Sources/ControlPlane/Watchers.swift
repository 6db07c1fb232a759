internal import MeshModel
internal import Synchronization

/// The dashboards that follow the events, so that one which is lost without a word is noticed.
final class Watchers: Sendable {
    /// How long a lost one may take to come back.
    static let grace = Duration.seconds(2)

    private struct Watcher {
        var connections = 0
        var lostAt: Duration?
    }

    private let watchers = Mutex<[String: Watcher]>([:])
    private let clock: DayClock

    init(clock: DayClock) {
        self.clock = clock
    }

    func began(_ id: String) {
        watchers.withLock {
            $0[id, default: Watcher()].connections += 1
            $0[id]?.lostAt = nil
        }
    }

    /// A connection is over; if it was the watcher's last, its time to come back begins.
    func ended(_ id: String) {
        watchers.withLock {
            guard var watcher = $0[id] else { return }
            watcher.connections -= 1
            if watcher.connections <= 0 { watcher.lostAt = clock.elapsed() }
            $0[id] = watcher
        }
    }

    /// How many of them are connected.
    var connected: Int { watchers.withLock { $0.values.count { $0.connections > 0 } } }

    /// It leaves on purpose.
    func left(_ id: String) {
        watchers.withLock { _ = $0.removeValue(forKey: id) }
    }

    /// Those whose time to come back is over, each told once, and whether anybody is left to watch.
    func takeLost() -> (lost: [String], anyoneLeft: Bool) {
        let now = clock.elapsed()
        return watchers.withLock { watchers in
            let lost = watchers.filter { $0.value.lostAt.map { now - $0 >= Self.grace } ?? false }.keys.sorted()
            for id in lost { watchers[id] = nil }
            return (lost, !watchers.isEmpty)
        }
    }
}
