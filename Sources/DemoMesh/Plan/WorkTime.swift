import Glibc

/// How long a piece of work takes. Log-normal, as service times in the field are: near the median, with a long tail.
public struct WorkTime: Equatable, Sendable {
    public var median: Duration
    /// The standard deviation of the logarithm; 0.5 puts the 99th percentile at about three times the median.
    public var spread: Double

    public init(median: Duration, spread: Double = 0.5) {
        self.median = median
        self.spread = spread
    }

    /// One time, drawn from the generator.
    public func sample(with generator: inout some RandomNumberGenerator) -> Duration {
        .seconds(median.inSeconds * exp(spread * standardNormal(with: &generator)))
    }
}

/// A draw from the normal distribution of mean 0 and deviation 1 (Box and Muller).
func standardNormal(with generator: inout some RandomNumberGenerator) -> Double {
    let radius = sqrt(-2 * log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &generator)))
    return radius * cos(2 * Double.pi * Double.random(in: 0..<1, using: &generator))
}

/// A small generator with a seed (SplitMix64): the same seed gives the same day.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
