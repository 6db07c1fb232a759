import MeshModel
import Testing

@testable import Dashboard

/// Numbers as the screen shows them.
struct FormatTests {
    @Test(arguments: [(nil, "-"), (0, "0/s"), (0.4, "0.4/s"), (9.96, "10/s"), (120, "120/s"), (12_345, "12.3k/s")])
    func `rates are short`(value: Double?, text: String) {
        #expect(Format.rate(value) == text)
    }

    @Test(arguments: [
        (nil, "-"), (0, "0%"), (0.0001, "<0.1%"), (0.003, "0.3%"), (0.12, "12%"), (0.9999, "99%"), (1, "100%"),
    ])
    func `a share that is not zero never reads as zero, and one that is not all never as all`(
        value: Double?, text: String
    ) {
        #expect(Format.share(value) == text)
    }

    @Test(arguments: [(0.99999, "99.99%"), (1, "100%"), (0.9794, "97.94%"), (0, "0.00%")])
    func `only a full success reads as 100`(value: Double, text: String) {
        #expect(Format.success(value) == text)
    }

    @Test(arguments: [
        (1, "100%"), (0.99999, "99.9%"), (0.9994, "99.9%"), (0.98, "98.0%"), (0.0004, "<0.1%"), (0, "0%"),
        (-0.021, "-2.1%"), (-1.5, "-150%"), (-1e9, "-999%"),
    ])
    func `a budget that was touched never reads as whole, nor as gone before it is`(value: Double, text: String) {
        #expect(ObjectiveWords.left(value) == text && PlainWords.budgetLeft(value) == text)
    }

    @Test(arguments: [(0, "0"), (0.001, "<0.01"), (0.03, "0.03"), (4.14, "4.1"), (100, "100")])
    func `points that are not zero never read as zero`(value: Double, text: String) {
        #expect(Format.points(value) == text)
    }

    @Test(arguments: [(0.4, "0.4ms"), (12, "12ms"), (1200, "1.2s"), (12_000, "12s")])
    func `latencies change their unit`(value: Double, text: String) {
        #expect(Format.latency(value) == text)
    }

    @Test(arguments: [(0, "0:00"), (0.2, "0:01"), (108, "1:48"), (3731, "1:02:11"), (-5, "0:00")])
    func `countdowns reach zero only at the end`(value: Double, text: String) {
        #expect(Format.countdown(value) == text)
    }

    @Test(arguments: [(0.3, "30%"), (0.005, "0.5%"), (0.12345, "12.35%"), (1, "100%")])
    func `what was asked is told as it was asked`(value: Double, text: String) {
        #expect(Format.asked(value) == text)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300])
    func `no number traps`(value: Double) {
        for text in [
            Format.rate(value), Format.share(value), Format.success(value), Format.latency(value), Format.asked(value),
            Format.countdown(value), Format.clock(value), Format.age(value), Format.span(value),
            Format.decimal(value, places: 2), Format.points(value), PlainWords.budgetLeft(value),
        ] { #expect(!text.isEmpty) }
    }

    @Test(arguments: [("200ms", 0.2), ("2s", 2), ("1.5m", 90), ("250", 0.25), ("x", nil), ("", nil)])
    func `lengths of time are read with their unit`(text: String, seconds: Double?) {
        #expect(FaultForm.seconds(text, bare: 0.001) == seconds)
    }
}
