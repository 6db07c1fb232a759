import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// The programs of a demo, as whoever changes them and looks at them sees them.
@Suite(.timeLimit(.minutes(5))) struct BoxTests {
    private let place = BoxPlace(role: .control, socket: "/run/mesh-control.sock")
    private let edge = Edge(from: "bar", to: "taps")

    /// A program that takes all it is asked.
    private final class Program: Sendable {
        let values = Mutex<[String: Int]>([:])
        let holds = Mutex(true)

        func answer(_ request: HTTPRequest) -> Result<HTTPResponse, TransportError> {
            if request.method == "POST" {
                for line in String(decoding: request.body ?? [], as: UTF8.self).split(separator: "\n") {
                    let parts = line.split(separator: "=", omittingEmptySubsequences: false)
                    guard parts.count == 2 else { continue }
                    values.withLock { $0[String(parts[0])] = Int(parts[1]) }
                }
                return .success(HTTPResponse(status: 200, body: Array("ok\n".utf8)))
            }
            let now = values.withLock { $0 }
            let isHeld = holds.withLock { $0 }
            let json: JSON = [
                "values": .object(now.map { JSON.Member($0.key, JSON($0.value)) }),
                "held": .array(isHeld ? now.keys.map { .string($0) } : []), "settled": .bool(isHeld),
                "offers": [
                    ["at": "bar>taps", "does": "shift", "of": 1], ["at": "taps", "does": "kill", "of": 2],
                    ["at": "*", "does": "kill-control", "of": 1],
                ],
            ]
            return .success(HTTPResponse(status: 200, body: json.bytes))
        }
    }

    private func injector(_ program: Program) throws -> BoxInjector {
        let directory = BoxDirectory()
        directory.put(
            try BoxPage(try program.answer(HTTPRequest("GET", "http://localhost/box")).get().body), of: place)
        return BoxInjector(
            directory: directory, transport: ScriptedTransport { program.answer($0) }, named: [place.socket],
            patience: .milliseconds(100))
    }

    @Test func `a share is shifted, seen, and taken back`() async throws {
        let program = Program()
        let injector = try injector(program)
        let plan = try injector.plan(FaultKind("shift"), share: 0.25, at: .edge(edge))
        try await injector.apply(plan)
        #expect(program.values.withLock { $0 } == ["bar>taps/shift": 2_500])
        #expect(await injector.inspect(plan).map(\.state) == [.held])
        #expect(await injector.survey(nil).first?.faults?.map(\.share) == [0.25])
        #expect(await injector.undo([plan.undo]).map(\.isClean) == [true])
        #expect(await injector.inspect(plan).map(\.state) == [.gone])
        #expect(await injector.look(at: plan.undo).map(\.state) == [.clean])
    }

    @Test func `what the sidecars have not taken is not held, and what they still have is not clean`() async throws {
        let program = Program()
        let injector = try injector(program)
        program.holds.withLock { $0 = false }
        let plan = try injector.plan(FaultKind("shift"), share: 1, at: .edge(edge))
        try await injector.apply(plan)
        #expect(await injector.inspect(plan).map(\.state) == [.changed])
        #expect(await injector.undo([plan.undo]).map(\.isClean) == [false])
    }

    @Test func `an instance is named by its number, and one that there is not is refused`() async throws {
        let injector = try injector(Program())
        let second = try injector.plan(FaultKind("kill", ["kill": 1]), share: 1, at: .edge(edge))
        #expect(second.undo.parts.first?.keys == ["taps-2/kill"])
        let first = try injector.plan(FaultKind("kill", ["kill": 0]), share: 1, at: .edge(edge))
        #expect(first.undo.parts.first?.keys == ["taps/kill"])
        #expect(throws: InjectionError.self) {
            try injector.plan(FaultKind("kill", ["kill": 2]), share: 1, at: .edge(edge))
        }
        #expect(throws: InjectionError.self) {
            try injector.plan(FaultKind("abort", ["abort": 503]), share: 1, at: .edge(edge))
        }
        let abilities = await injector.abilities(at: .edge(edge))
        #expect(abilities.map(\.word) == ["shift", "kill", "kill-control"])
        #expect(abilities.best(for: "kill")?.bounds["kill"] == 0...1)
        #expect(abilities.best(for: "shift")?.smallestShare ?? 1 < 0.01)
    }

    @Test func `nobody there is nobody, and nothing is proven`() async throws {
        let injector = BoxInjector(
            directory: BoxDirectory(), transport: ScriptedTransport { _ in .failure(.refused("127.0.0.1")) }, named: [])
        let part = FaultUndo.Part(
            injector: "box", source: "keeper", place: "/run/keeper.sock", keys: ["kitchen-2/kill"])
        #expect(await injector.undo([FaultUndo(parts: [part])]).map(\.isClean) == [false])
        #expect(await injector.look(at: FaultUndo(parts: [part])).map(\.state) == [.absent])
    }

    @Test func `who refuses is told once, and once when it takes its configuration again`() throws {
        func page(_ acked: String, _ error: String?) throws -> IstiodSync {
            let lastError = error.map { ",\"lastError\":\"\($0)\"" } ?? ""
            return try IstiodSync(
                Array(
                    (#"[{"proxy":"taps-1.bar","resources":{"t.Cluster":{"sent":"7.1","acked":"7.1"}}},"#
                        + #"{"proxy":"bar-1.bar","resources":{"t.Cluster":{"sent":"7.2","acked":"\#(acked)"\#(lastError)}}}]"#)
                        .utf8))
        }
        var sync = BoxSync()
        sync.take(try page("7.2", nil))
        #expect(sync.health == "2 synced" && sync.trouble == nil && sync.news() == nil)
        sync.take(try page("7.1", nil))
        #expect(sync.health == "1 synced, 1 stale" && sync.trouble == "bar-1 is stale" && sync.news() == nil)
        sync.take(try page("7.1", "refused to_tab"))
        #expect(sync.health == "1 synced, 1 refused")
        #expect(sync.news() == "bar-1 refused to_tab and keeps its last configuration" && sync.news() == nil)
        sync.take(try page("7.2", nil))
        #expect(sync.news() == "bar-1 gets its configuration again" && sync.news() == nil)
    }

    @Test(arguments: [
        ("box: {control: /a.sock, keeper: /b.sock}", 0), ("box: {control: /a.sock}", 1), ("box: {}", 2),
        ("box: {control: a.sock, keeper: /b.sock}", 1), ("box: {control: /a, keeper: /b, door: /c}", 1),
    ])
    func `a box has two sockets`(yaml: String, mistakes: Int) throws {
        let log = SettingsMistakes()
        let root = try #require(SettingsNode(yaml: yaml, log: log))
        _ = BoxAdapter.read(["box": try #require(root["box"])], in: "")
        #expect(log.all.count == mistakes, "\(log.all.map(\.message))")
    }
}
