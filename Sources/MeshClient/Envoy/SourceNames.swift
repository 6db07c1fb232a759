internal import Synchronization

/// Gives each source a name that no other has: a service with several sidecars numbers them.
final class SourceNames: Sendable {
    private let taken = Mutex<[String: Int]>([:])

    func unique(_ name: String) -> String {
        taken.withLock { taken in
            var candidate = name
            while taken[candidate] != nil {
                taken[name, default: 1] += 1
                candidate = "\(name) \(taken[name, default: 1])"
            }
            taken[candidate] = 1
            return candidate
        }
    }
}

extension Duration {
    /// The same in seconds, for sums with other fractions.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
