import Testing

@testable import DemoMesh

@Suite struct VigilTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// Whether the wait goes on after each look, at a second with so many missing.
    private func goesOn(patience: Int, _ looks: [(second: Int, missing: Int)]) -> [Bool] {
        var vigil = Vigil(patience: .seconds(patience), now: start)
        return looks.map { vigil.look(missing: $0.missing, at: at($0.second)) }
    }

    @Test func `a start that gets on is waited for, one that stands is not`() {
        // Twenty seconds after the last that came up.
        let looks = [(5, 20), (18, 11), (37, 11), (38, 11)]
        #expect(goesOn(patience: 20, looks) == [true, true, true, false])
    }

    @Test func `what was there at the first look gives no more time`() {
        #expect(goesOn(patience: 20, [(5, 13), (15, 14), (20, 13)]) == [true, true, false])
    }

    @Test func `a start that gets on for ever is given up`() {
        let looks = (1...60).map { ($0, 100 - $0) }
        #expect(goesOn(patience: 10, looks) == Array(repeating: true, count: 59) + [false])
    }

    @Test func `who is missing is asked four times in the time of patience`() {
        var vigil = Vigil(patience: .seconds(20), now: start)
        #expect(!vigil.isDue(at: at(4)))
        #expect(vigil.isDue(at: at(5)))
        _ = vigil.look(missing: 20, at: at(5))
        #expect(!vigil.isDue(at: at(9)))
        #expect(vigil.isDue(at: at(10)))
    }

    @Test func `progress counts what answers`() {
        #expect(DemoProgress(missing: 13, of: 28).up == 15)
        #expect(DemoProgress(missing: 30, of: 28).up == 0)
    }
}
