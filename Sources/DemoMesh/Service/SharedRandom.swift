import Synchronization

/// One seeded generator for everything concurrent in a process.
final class SharedRandom: Sendable {
    private let generator: Mutex<SeededRandom>

    /// The name keeps the services of one seed from all having the same luck (FNV-1a).
    init(seed: UInt64, mixedWith name: String) {
        let mixed = name.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        generator = Mutex(SeededRandom(seed: mixed))
    }

    /// Draws with the generator, one draw at a time.
    func draw<Value: Sendable>(_ draw: (inout SeededRandom) -> Value) -> Value {
        generator.withLock { draw(&$0) }
    }
}
