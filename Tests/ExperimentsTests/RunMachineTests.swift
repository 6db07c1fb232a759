import TestKit
import Testing

@testable import Experiments

@Suite struct RunMachineTests {
    /// Plays a plan with invented outcomes. Every order that the machine gives is obeyed, and checked.
    private struct Play {
        var machine: RunMachine
        var started: [ActivityPlace] = []
        var running: Set<ActivityPlace> = []
        var background: Set<ActivityPlace> = []
        var checks: [CheckMoment] = []
        var isChecking: CheckMoment?
        var isWatching = false
        var ending: RunAction?
        var owed: [RunEvent] = []

        init(_ plan: RunPlan) { machine = RunMachine(plan) }

        mutating func receive(_ event: RunEvent) {
            #expect(ending == nil, "nothing may happen after the end")
            for action in machine.receive(event) {
                #expect(ending == nil, "\(action) after the end")
                switch action {
                case .enter(let level): owed.append(.entered(level, nil))
                case .leave(let level): if level != .experiment { owed.append(.left(level, nil)) }
                case .check(let moment):
                    checks.append(moment)
                    isChecking = moment
                case .startWatching: isWatching = true
                case .stopWatching: if isWatching { owed.append(.watchEnded) }
                case .start(let place, let inBackground):
                    #expect(!started.contains(place), "\(place) was started twice")
                    started.append(place)
                    running.insert(place)
                    if inBackground { background.insert(place) }
                case .abandonBackground: running.subtract(background)
                case .conclude, .lose: ending = action
                case .cancelForeground, .cancelBackground, .note, .noteDeviation: break
                }
            }
        }

        var rollbacks: [ActivityPlace] { started.filter { $0.section == .rollbacks } }
    }

    private func play(_ seed: UInt64, isStrict: Bool, allowsLosing: Bool = true) -> (Play, RunPlan) {
        var generator = SeededGenerator(seed: seed)
        let flags = { (count: Int) in (0..<generator.int(in: 0...count)).map { _ in generator.int(in: 0...3) == 0 } }
        var plan = RunPlan(hasHypothesis: generator.bool(), method: flags(4), rollbacks: flags(3))
        plan.hypothesisStrategy = HypothesisStrategy.allCases.randomElement(using: &generator) ?? .default
        plan.failsFast = generator.bool()
        plan.isStrict = isStrict
        var play = Play(plan)
        play.receive(.begin)
        var steps = 0
        while play.ending == nil, steps < 500 {
            steps += 1
            play.receive(Self.event(for: &play, &generator))
        }
        #expect(play.ending != nil, "the run never ended")
        return (play, plan)
    }

    /// Something that may well happen next.
    private static func event(for play: inout Play, _ generator: inout SeededGenerator) -> RunEvent {
        if generator.int(in: 0...9) == 0 {
            return .interrupt(Interruption(reason: "test", allowsRollbacks: generator.int(in: 0...4) > 0))
        }
        if !play.owed.isEmpty, generator.int(in: 0...2) > 0 || play.running.isEmpty { return play.owed.removeFirst() }
        if let moment = play.isChecking {
            play.isChecking = nil
            return .checked(moment, checkEnd(&generator))
        }
        if play.isWatching, generator.int(in: 0...3) == 0 { return .watched(checkEnd(&generator)) }
        if let place = play.running.sorted(by: { $0.index < $1.index }).randomElement(using: &generator) {
            play.running.remove(place)
            let ends: [StepEnd] = [.done, .done, .done, .crashed("x"), .interrupted(nil)]
            return .finished(place, ends.randomElement(using: &generator) ?? .done)
        }
        return play.owed.isEmpty ? .watchEnded : play.owed.removeFirst()
    }

    private static func checkEnd(_ generator: inout SeededGenerator) -> CheckEnd {
        let ends: [CheckEnd] = [
            .met, .met, .met, .unmet(probeFailed: false), .unmet(probeFailed: true), .crashed("x"), .interrupted(nil),
        ]
        return ends.randomElement(using: &generator) ?? .met
    }

    @Test(arguments: SeededGenerator.seeds(400))
    func `every run ends, with nothing running and a status`(seed: UInt64) {
        for isStrict in [false, true] {
            let (play, _) = play(seed, isStrict: isStrict)
            if play.ending == .conclude { #expect(play.machine.status != nil) }
            if play.ending == .conclude, !isStrict { #expect(play.running.isEmpty) }
        }
    }

    @Test(arguments: SeededGenerator.seeds(400))
    func `unless it is told not to, a run plays every rollback whatever happened`(seed: UInt64) {
        let (play, plan) = play(seed, isStrict: false)
        #expect(play.ending == .conclude)
        if play.rollbacks.isEmpty, !plan.rollbacks.isEmpty {
            // Only an interruption that forbids them explains it; then the verdict must not claim otherwise.
            #expect(!play.machine.isUndone)
        } else if play.machine.isUndone {
            #expect(play.rollbacks.count == plan.rollbacks.count)
        }
    }

    private static let plan: RunPlan = RunPlan(hasHypothesis: true, method: [false], rollbacks: [false])

    /// The table of the original: what happened, then the status, whether it deviated, and whether it rolls back.
    @Test(arguments: [
        (CheckEnd.unmet(probeFailed: false), StepEnd.done, CheckEnd.met, RunStatus.completed, false, true),
        (.unmet(probeFailed: true), .done, .met, .failed, false, false),
        (.met, .done, .met, .completed, false, true),
        (.met, .crashed("x"), .met, .aborted, false, true),
        (.met, .done, .unmet(probeFailed: false), .completed, true, true),
        (.met, .done, .unmet(probeFailed: true), .failed, true, false),
        (.met, .interrupted(Interruption(reason: "r")), .met, .interrupted, false, false),
    ])
    func `a strict run ends as the original's table says`(
        before: CheckEnd, step: StepEnd, after: CheckEnd, status: RunStatus, hasDeviated: Bool, rollsBack: Bool
    ) {
        for isStrict in [true, false] {
            var plan = Self.plan
            plan.isStrict = isStrict
            var play = Play(plan)
            play.receive(.begin)
            for _ in 0..<30 where play.ending == nil {
                if let moment = play.isChecking {
                    play.isChecking = nil
                    play.receive(.checked(moment, moment == .before ? before : after))
                } else if let place = play.running.first {
                    play.running.remove(place)
                    play.receive(.finished(place, place.section == .method ? step : .done))
                } else if !play.owed.isEmpty {
                    play.receive(play.owed.removeFirst())
                }
            }
            #expect(play.ending == .conclude)
            #expect(play.machine.status == status)
            #expect(play.machine.hasDeviated == hasDeviated)
            #expect(play.rollbacks.count == (rollsBack || !isStrict ? 1 : 0))
        }
    }

    @Test func `a second interruption skips only the rollback it hits`() {
        var play = Play(RunPlan(hasHypothesis: false, method: [false], rollbacks: [false, false]))
        play.receive(.begin)
        play.receive(play.owed.removeFirst())
        play.receive(play.owed.removeFirst())
        play.receive(.interrupt(Interruption(reason: "one")))
        play.receive(.finished(play.started[0], .interrupted(nil)))
        while !play.owed.isEmpty { play.receive(play.owed.removeFirst()) }
        #expect(play.rollbacks.count == 1)
        play.receive(.interrupt(Interruption(reason: "two")))
        play.receive(.finished(play.rollbacks[0], .interrupted(nil)))
        #expect(play.rollbacks.count == 2)
        play.receive(.finished(play.rollbacks[1], .done))
        while !play.owed.isEmpty { play.receive(play.owed.removeFirst()) }
        #expect(play.ending == .conclude)
        #expect(play.machine.status == .interrupted)
        #expect(!play.machine.isUndone)
    }
}
