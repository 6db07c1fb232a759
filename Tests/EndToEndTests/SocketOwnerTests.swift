import Glibc
import TestKit
import Testing

/// Whose the socket is, on both sides. Another user is needed for that: the tests run as root, and are left out elsewhere.
@Suite(.timeLimit(.minutes(5)), .serialized, .enabled(if: geteuid() == 0, "another user needs root"))
struct SocketOwnerTests {
    private static let nobody: uid_t = 65534
    private static let commands = [
        ["halt"], ["status"], ["down"], ["dash", "--once"], ["dash", "--linear"], ["faults"],
    ]

    private let bar: StubEnvoy
    private let home: GamedayHome

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps"])
        home = try GamedayHome()
    }

    /// As another user, who has nothing but what everybody may.
    private func runAsNobody(_ arguments: [String], in home: GamedayHome) async throws -> GamedayHome.Outcome {
        let user = ["--reuid", "\(Self.nobody)", "--regid", "\(Self.nobody)", "--clear-groups", "/usr/bin/env"]
        return try await home.run(
            program: "/usr/bin/setpriv", user + ["HOME=\(home.folder)", GamedayHome.program] + arguments)
    }

    /// A control plane of another user at a place that we are told is ours.
    private func foreigner() async throws -> GamedayHome {
        let den = try GamedayHome()
        den.write("name: a trap\nproxies:\n  - {service: bar, admin: \"\(bar.url)\"}\n", to: "gameday.yaml")
        for path in [den.folder, den.folder + "/gameday.yaml"] { chown(path, Self.nobody, Self.nobody) }
        let outcome = try await runAsNobody(["up", "-f", den.folder + "/gameday.yaml"], in: den)
        try #require(outcome.code == 0, "\(outcome.output)")
        return den
    }

    @Test func `What another user's control plane says is never believed`() async throws {
        let den = try await foreigner()
        for command in Self.commands {
            let outcome = try await home.run(command + ["--socket", den.socket])
            #expect(outcome.code == 69, "\(command): \(outcome.output)")
            #expect(outcome.output.contains("Not trusted: the socket belongs to nobody"), "\(outcome.output)")
            #expect(!outcome.output.contains("clean"))
        }
        // The folder and the socket can be made to look like ours; the process that listens can't.
        for path in [den.folder, den.socket, den.socket + ".halt"] { chown(path, 0, 0) }
        for command in Self.commands {
            let outcome = try await home.run(command + ["--socket", den.socket])
            #expect(outcome.code == 69 && outcome.output.contains("belongs to nobody"), "\(outcome.output)")
        }
        chown(den.folder, Self.nobody, Self.nobody)
    }

    @Test func `A folder into which others may write, or that is another's link, is not trusted`() async throws {
        _ = try await home.up([("bar", bar.url)], edges: 1)
        chmod(home.folder, 0o777)
        let open = try await home.run("halt")
        #expect(open.code == 69 && open.output.contains("others can write to the socket's folder"), "\(open.output)")
        chmod(home.folder, 0o700)
        let link = home.folder + "-link"
        symlink(home.folder, link)
        defer { unlink(link) }
        #expect(try await home.run("status", "--socket", link + "/gameday.sock").code == 0)
        lchown(link, Self.nobody, Self.nobody)
        let linked = try await home.run("status", "--socket", link + "/gameday.sock")
        #expect(linked.code == 69 && linked.output.contains("belongs to nobody"), "\(linked.output)")
        let up = try await home.run("up", "-f", home.folder + "/gameday.yaml", "--socket", link + "/other.sock")
        #expect(up.code != 0 && up.output.contains("belongs to nobody"), "\(up.output)")
    }

    @Test(arguments: [0o700, 0o711, 0o755] as [mode_t])
    func `A permission that is denied is told as that, with the owner`(mode: mode_t) async throws {
        _ = try await home.up([("bar", bar.url)], edges: 1)
        chmod(home.folder, mode)
        let other = try GamedayHome()
        chown(other.folder, Self.nobody, Self.nobody)
        for command in Self.commands {
            let outcome = try await runAsNobody(command + ["--socket", home.socket], in: other)
            #expect(outcome.code == 69, "\(command): \(outcome.output)")
            #expect(outcome.output.contains("Permission denied: the socket belongs to root"), "\(outcome.output)")
            #expect(!outcome.output.contains("Connection refused"))
        }
    }

    @Test func `A home that can't be written is named, with what to do`() async throws {
        let other = try GamedayHome()
        other.write("name: a\nproxies:\n  - {service: bar, admin: \"\(bar.url)\"}\n", to: "gameday.yaml")
        chmod(other.folder, 0o755)
        let outcome = try await runAsNobody(["up", "-f", other.folder + "/gameday.yaml"], in: other)
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("cannot make \(other.folder)/state: Permission denied"), "\(outcome.output)")
        #expect(outcome.output.contains("XDG_STATE_HOME"))
    }
}
