import TestKit
import Testing

/// Commands that name a mesh, or an edge of it.
@Suite(.timeLimit(.minutes(5))) struct NamedMeshTests {
    private let bar: StubEnvoy
    private let home: GamedayHome

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps"])
        home = try GamedayHome()
    }

    @Test func `Whoever names a mesh is never shown another one`() async throws {
        for name in ["ours", "theirs"] {
            home.write("name: \(name)\nproxies:\n  - {service: bar, admin: \"\(bar.url)\"}\n", to: "\(name).yaml")
        }
        let up = try await home.run(["up", "-f", home.folder + "/ours.yaml"])
        #expect(up.code == 0, "\(up.output)")
        let same = try await home.run(["dash", "--once", "-f", home.folder + "/ours.yaml"])
        #expect(same.code == 0, "\(same.output)")
        let other = try await home.run(["dash", "--once", "-f", home.folder + "/theirs.yaml"])
        #expect(other.code == 69)
        #expect(other.output.contains("watches 'ours', not 'theirs'"), "\(other.output)")
        _ = try await home.run("down")
    }

    @Test func `An edge of which no proxy answers has no explanation`() async throws {
        _ = try await home.up([("bar", bar.url)], edges: 1)
        let unknown = try await home.run(["explain", "taps>bar"])
        #expect(unknown.code == 69)
        #expect(unknown.output.contains("no proxy of taps answers for taps>bar"), "\(unknown.output)")
        #expect(try await home.run(["explain", "bar"]).code == 64)
        _ = try await home.run("down")
    }
}
