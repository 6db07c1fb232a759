import TestKit
import Testing

@testable import MeshClient

/// When polls become less frequent, and when they come as often as wished again.
struct PollMeterTests {
    private let meter = PollMeter()

    private func turns(_ count: Int, late: Bool) { for _ in 0..<count { meter.turn(isLate: late) } }

    @Test func `a turn or two that begin late are no overload`() {
        turns(2, late: true)
        turns(1, late: false)
        turns(2, late: true)
        #expect(meter.slowdown == 1)
    }

    @Test func `late turns slow down, never beyond a bound, and a long time without them undoes it`() {
        turns(3, late: true)
        #expect(meter.slowdown == 1.5)
        turns(100, late: true)
        #expect(meter.slowdown == PollMeter.most)
        turns(19, late: false)
        #expect(meter.slowdown == PollMeter.most)
        turns(100, late: false)
        #expect(meter.slowdown == 1)
    }

    @Test func `what is polled is as good as late while nobody takes it`() {
        for _ in 0..<3 { meter.isBehind() }
        #expect(meter.slowdown > 1)
    }
}
