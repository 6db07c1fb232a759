import Synchronization

/// One seeded generator for everything concurrent in a process.
final class SharedRandom: Sendable {
    private let generator: Mutex<SeededRandom>

    init(seed: UInt64) {
        generator = Mutex(SeededRandom(seed: seed))
    }

    /// Draws with the generator, one draw at a time.
    func draw<Value: Sendable>(_ draw: (inout SeededRandom) -> Value) -> Value {
        generator.withLock { draw(&$0) }
    }
}
