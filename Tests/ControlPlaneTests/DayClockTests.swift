import MeshModel
import Testing

@testable import ControlPlane

@Suite struct DayClockTests {
    @Test func `a step of the wall's clock is told once, and a clock that is kept right is not`() {
        let mesh = FakeMesh(["bar"])
        var watch = WallWatch()
        func told(after step: Double) -> String? {
            mesh.advance(.seconds(1))
            mesh.change { $0.step += step }
            return watch.step(by: mesh.clock)
        }
        #expect(told(after: 0) == nil)
        #expect(told(after: 0.4) == nil && told(after: 0.4) == nil && told(after: 0.4) == nil)
        #expect(told(after: -3600)?.hasPrefix("the clock of this machine was set back by 1 hour;") == true)
        #expect(told(after: 0) == nil)
        #expect(told(after: 60)?.contains("set forward by 1 minute;") == true)
    }

    @Test func `the day begins by the clock on the wall and can't be set`() {
        let clock = DayClock.system
        let (now, elapsed) = (clock.now(), clock.elapsed())
        #expect(abs(clock.wall().seconds(since: now)) < 5)
        var last = now
        for _ in 0..<100 {
            #expect(clock.now() >= last)
            last = clock.now()
        }
        #expect(abs(last.seconds(since: now) - (clock.elapsed() - elapsed) / .seconds(1)) < 0.1)
    }

    @Test func `no event is older than the one before it`() {
        let mesh = FakeMesh(["bar"])
        let log = EventLog(clock: mesh.clock)
        let first = mesh.clock.now()
        log.append([.beat(nil)])
        mesh.change { $0.milliseconds -= 100_000 }
        log.append([.beat(nil)])
        #expect(log.read { $0.lastAt } == first)
    }
}
