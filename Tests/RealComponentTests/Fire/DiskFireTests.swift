import Glibc
import MeshModel
import TestKit
import Testing

/// The disk of the ledger is full, can't be written, or loses the ledger's folder: no new fault starts there, and every
/// fault that is active is taken back all the same. Mounting needs root, which the tests have in containers and CI.
@Suite(.timeLimit(.minutes(5)), .enabled(if: geteuid() == 0, "mounting a small disk needs root")) struct DiskFireTests {
    @Test func `on a full disk no fault starts, and one does when there is room again`() async throws {
        let disk = try await SmallDisk()
        let stage = try await FireStage(on: disk)
        disk.fill()
        var refused = try await stage.home.run(FireStage.start)
        // The ledger's last page may have room for some lines.
        for _ in 0..<20 where refused.code == 0 {
            _ = try await stage.home.run(FireStage.stop.dropLast() + [refused.output.filter { !$0.isWhitespace }])
            refused = try await stage.home.run(FireStage.start)
        }
        #expect(refused.code == 1 && refused.output.contains("No space left"), "\(refused.output)")
        #expect(await stage.heldKeys() == [])
        disk.makeRoom()
        try await stage.activate()
        try await finish(stage)
    }

    @Test func `a disk that fills up while a fault is active holds no halt up`() async throws {
        let disk = try await SmallDisk()
        let stage = try await FireStage(on: disk)
        try await stage.activate()
        disk.fill()
        let halt = try await stage.home.succeed("halt")
        #expect(halt.code == 0, "\(halt.output)")
        #expect(await stage.heldKeys() == [])
        #expect(try await stage.home.succeed("down").code == 0)
        disk.makeRoom()
        // What could not be noted is undone twice, which is no harm, and is over.
        try #require(try await stage.home.run(FireStage.up(stage.home)).code == 0)
        try await stage.eventually("over") { await stage.faults()?.allSatisfy(\.phase.isOver) ?? false }
        try await finish(stage)
    }

    @Test func `on a disk that became read-only the guard process still undoes`() async throws {
        let disk = try await SmallDisk()
        let stage = try await FireStage(on: disk)
        try await stage.activate()
        try await disk.makeReadOnly()
        try stage.strike(stage.home.controlPlane, SIGKILL)
        try await stage.eventually("clean") { await stage.heldKeys() == [] }
        disk.makeWritable()
        try #require(try await stage.home.succeed(arguments: FireStage.up(stage.home)).code == 0)
        try await finish(stage)
    }

    @Test func `a ledger's folder that is removed takes no undo with it`() async throws {
        let disk = try await SmallDisk()
        let stage = try await FireStage(on: disk)
        try await stage.activate()
        try #require(try await stage.home.run(program: "/bin/rm", ["-rf", disk.folder + "/gameday"]).code == 0)
        let halt = try await stage.home.succeed("halt")
        #expect(halt.code == 0, "\(halt.output)")
        #expect(await stage.heldKeys() == [])
        try await finish(stage)
    }

    private func finish(_ stage: FireStage) async throws {
        let halt = try await stage.home.succeed("halt")
        #expect(halt.code == 0, "\(halt.output)")
        #expect(await stage.heldKeys() == [])
        try await stage.eventually("down") { try await stage.home.run("down").code == 0 }
    }
}

/// A disk of a quarter of a mebibyte, mounted where a home keeps its ledger.
final class SmallDisk: Sendable {
    let home: GamedayHome
    var folder: String { home.folder + "/state" }

    init() async throws {
        home = try GamedayHome()
        try #require(mkdir(home.folder + "/state", 0o700) == 0)
        let outcome = try await home.run(
            program: "/usr/bin/mount", ["-t", "tmpfs", "-o", "size=256k,mode=700", "none", folder])
        try #require(outcome.code == 0, "\(outcome.output)")
    }

    deinit { while umount2(folder, Int32(MNT_DETACH)) == 0 {} }

    /// Leaves not a byte.
    func fill() {
        let file = open(folder + "/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        for size in [4096, 1] {
            let bytes = [UInt8](repeating: 0x2E, count: size)
            while write(file, bytes, size) > 0 {}
        }
    }

    func makeRoom() { unlink(folder + "/filler") }

    /// Whoever opens a file of it from now on can't write, as after an error of the disk; what is open stays so.
    func makeReadOnly() async throws {
        for words in [["--bind", folder, folder], ["-o", "remount,bind,ro", folder]] {
            let outcome = try await home.run(program: "/usr/bin/mount", words)
            try #require(outcome.code == 0, "\(outcome.output)")
        }
    }

    func makeWritable() { umount2(folder, Int32(MNT_DETACH)) }
}
