import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

/// Random days: whatever is started, stopped, halted, restarted, silenced or meddled with, in whatever order and partly
/// at once, in the end nothing is left, and the ledger has one end for each beginning.
@Suite(.timeLimit(.minutes(5))) struct FaultDeskPropertyTests {
    @Test(arguments: SeededGenerator.seeds(40))
    func `Nothing is left of any day`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"))
        let path = stage.ledgerPath
        stage.mesh.change { state in
            state.beforeApply = { plan in
                let contents = try? await Ledger(path: path).contents()
                #expect(contents?.open.contains { $0.undo == plan.undo } == true, "applied before its undo")
            }
        }
        for _ in 0..<60 {
            let steps = (0...random.int(in: 0...2)).map { _ in Step(&random) }
            await withDiscardingTaskGroup { group in
                for step in steps { group.addTask { await step.perform(on: stage) } }
            }
        }
        for source in ["bar", "taps", "kitchen"] { stage.mesh.proxy(source) { $0.mood = .well } }
        _ = await stage.desk.rearm(by: "test")
        await stage.live(seconds: 3)
        let halt = await stage.desk.halt(by: "test", because: "the end of the day")
        await stage.live(seconds: 3)
        await stage.desk.notingIsDone()
        #expect(halt.isProven)
        #expect(stage.mesh.held.isEmpty)
        #expect(stage.log.read { $0.activeFaults.map { "\($0.id) \($0.phase)" } }.isEmpty)
        expectOneEndEach(scratch.bytes("ledger"))
    }

    private func expectOneEndEach(_ ledger: [UInt8]) {
        var ends: [String: Int] = [:]
        for line in ledger.split(separator: 0x0A) {
            switch LedgerLine(parsing: line) {
            case .intent(let entry): ends[entry.fault.id] = 0
            case .recovered(let id, _, _, _, _): ends[id, default: 10] += 1
            case .life: continue
            case nil: Issue.record("a torn line")
            }
        }
        #expect(ends.allSatisfy { $0.value == 1 }, "\(ends)")
    }
}

/// One thing that happens on a random day.
private enum Step {
    case start(FaultRequest), stop(String), live, halt, rearm, mood(String, FakeMesh.Mood), restart(String)
    case meddle(String), heal, dial(String, Double)

    init(_ random: inout SeededGenerator) {
        let source = ["bar", "taps", "kitchen"][random.int(in: 0...2)]
        switch random.int(in: 0...18) {
        case 0...4:
            let kinds: [FaultKind] = [.abort(status: 503), .delay(milliseconds: 200), .rateLimit(kbps: 8)]
            self = .start(
                FaultRequest(
                    kind: kinds[random.int(in: 0...2)], edge: DeskStage.edges[random.int(in: 0...3)], share: 0.5,
                    lease: Double(random.int(in: 1...8)), by: "dash-\(random.int(in: 1...2))"))
        case 5...6: self = .stop("F\(random.int(in: 1...12))")
        case 7...9: self = .live
        case 10: self = .halt
        case 11: self = .rearm
        case 12:
            let moods: [FakeMesh.Mood] = [.silent, .refusing, .lying, .deaf, .well]
            self = .mood(source, moods[random.int(in: 0...4)])
        case 13: self = .restart(source)
        case 14: self = .meddle(source)
        case 15...17: self = .dial("F\(random.int(in: 1...12))", random.double(in: 0.1...1))
        default: self = .heal
        }
    }

    func perform(on stage: DeskStage) async {
        switch self {
        case .start(let request): _ = try? await stage.desk.start(request)
        case .dial(let id, let share):
            _ = try? await stage.desk.alter(id, FaultChange(share: share, lease: 5), by: "test")
        case .stop(let id): _ = try? await stage.desk.stop(id, by: "test")
        case .live: await stage.live(seconds: 1)
        case .halt: _ = await stage.desk.halt(by: "test", because: "chance")
        case .rearm: _ = await stage.desk.rearm(by: "test")
        case .mood(let source, let mood): stage.mesh.proxy(source) { $0.mood = mood }
        case .restart(let source):
            stage.mesh.proxy(source) {
                $0.held = [:]
                $0.hits = [:]
            }
            stage.hear(restarted: [source])
        case .meddle(let source):
            let edge = Edge(from: ServiceName(source), to: "x")
            let held = FakeMesh.Held(kind: .abort(status: 500), share: 1, scope: .edge(edge))
            stage.mesh.proxy(source) { $0.held["edge.x.abort"] = held }
        case .heal:
            for source in ["bar", "taps", "kitchen"] { stage.mesh.proxy(source) { $0.mood = .well } }
            stage.hear()
        }
    }
}
