import Foundation
import Testing

/// One square of the matrix: who is struck, how, and at which step of a fault's, a run's, a halt's or a recovery's life.
struct FireCase: Sendable, CustomTestStringConvertible {
    enum Victim: String, CaseIterable, Sendable {
        case controlPlane = "the control plane"
        case guardProcess = "the guard process"
        /// At the same moment.
        case both = "the control plane and its guard process"
        case client = "the command that asked"
        case envoy = "Envoy"
        case program = "the run's program"
    }

    enum Blow: String, CaseIterable, Sendable {
        case kill = "is killed"
        /// For some seconds: longer than the guard process is patient.
        case stop = "is stopped, and goes on"
        case terminate = "is asked to end"
        case hangUp = "loses its terminal"
        case memory = "gets no more memory"
        case starve = "gets a tenth of a processor"
    }

    enum Moment: String, CaseIterable, Sendable {
        case undoOnDisk = "the undo is on disk and Envoy knows nothing"
        case unanswered = "Envoy holds the fault and has not answered"
        case readingBack = "the fault is being read back"
        case active = "the fault is active"
        case dialling = "the percentage is being changed"
        case ending = "the undo is on its way"
        case endUnanswered = "Envoy let go and has not answered"
        case endReadBack = "the end is being read back"
        case expiring = "the lease runs out"
        case halting = "a halt's undo is on its way"
        case haltUnanswered = "Envoy obeyed a halt and has not answered"
        case hypothesis = "a run checks its hypothesis"
        case method = "a run is in its method"
        case rollbacks = "a run is in its rollbacks"
        case recovering = "the next start undoes"
        case recoverUnanswered = "Envoy obeyed the next start and has not answered"
        case guarding = "the guard process undoes"
    }

    var victim: Victim
    var blow: Blow
    var moment: Moment

    var testDescription: String { "\(victim.rawValue) \(blow.rawValue) while \(moment.rawValue)" }

    /// Who is there to be struck at that step, and can be struck so.
    private var isPossible: Bool {
        switch (moment, victim) {
        case (.hypothesis, .envoy), (.hypothesis, .client), (.method, .client), (.rollbacks, .client): return false
        case (.hypothesis, .program), (.method, .program), (.rollbacks, .program): break
        case (_, .program): return false
        // The one who asked has its answer already.
        case (.active, .client), (.expiring, .client), (.guarding, .client): return false
        // Its predecessor's death is the beginning of these.
        case (.guarding, .controlPlane), (.guarding, .both): return false
        default: break
        }
        switch (victim, blow) {
        // Two signals one after the other are no more than what the single victims get.
        case (.both, .terminate), (.both, .hangUp), (.both, .memory), (.both, .starve): return false
        // How Envoy ends in order is Envoy's own; that it is gone is what matters here.
        case (.envoy, .terminate), (.envoy, .hangUp), (.envoy, .memory): return false
        default: return true
        }
    }

    static let all: [FireCase] = Moment.allCases.flatMap { moment in
        Victim.allCases.flatMap { victim in
            Blow.allCases.map { FireCase(victim: victim, blow: $0, moment: moment) }.filter(\.isPossible)
        }
    }

    /// A walk through the matrix that meets every step, and each victim and blow again and again.
    static let few: [FireCase] = Moment.allCases.enumerated().compactMap { place, moment in
        let cases = all.filter { $0.moment == moment }
        return cases.isEmpty ? nil : cases[place * 7 % cases.count]
    }

    /// All of them with `GAMEDAY_FIRE=all`, those whose description has the text with `GAMEDAY_FIRE=text`, else a few.
    static var chosen: [FireCase] {
        switch ProcessInfo.processInfo.environment["GAMEDAY_FIRE"] {
        case nil, "": few
        case "all": all
        case let text?: all.filter { $0.testDescription.contains(text) }
        }
    }
}
