internal import Synchronization

/// The names of all sources of a session. No two have the same: one that comes later gets a number.
public final class SourceNames: Sendable {
    private let names = Mutex<[String: Int]>([:])

    public init() {}

    /// The name itself, or with a number where another source has it.
    public func unique(_ name: String) -> String {
        names.withLock { names in
            var candidate = name
            while names[candidate] != nil {
                names[name, default: 1] += 1
                candidate = "\(name) \(names[name, default: 1])"
            }
            names[candidate] = 1
            return candidate
        }
    }
}
