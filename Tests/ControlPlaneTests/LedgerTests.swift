import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct LedgerTests {
    private static func fault(_ number: Int) -> Fault {
        Fault(
            id: "F\(number)", kind: .abort(status: 503), edge: Edge(from: "bar", to: "ta\u{1B}[2Jps\n"), share: 0.5,
            by: "anna", requestedAt: Timestamp(milliseconds: 1000), leaseEnds: Timestamp(milliseconds: 9000),
            sources: ["bar"])
    }

    private static let undo = FaultUndo(
        parts: [
            FaultUndo.Part(
                injector: "envoy", source: "bar", place: "http://127.0.0.1:9901", keys: ["edge.taps.abort_pct"])
        ])

    private func contents(_ bytes: [UInt8]) -> [String] { LedgerContents(bytes).open.map(\.fault.id) }

    @Test func `What was intended and not recovered is open, with its undo`() async throws {
        let scratch = try Scratch()
        let ledger = Ledger(path: scratch.file("ledger"))
        try await ledger.intend(Self.fault(1), Self.undo)
        try await ledger.intend(Self.fault(2), Self.undo)
        await ledger.recovered("F1", by: "test", why: "done", at: Timestamp(milliseconds: 5))
        let open = LedgerContents(scratch.bytes("ledger")).open
        #expect(open == [LedgerEntry(fault: Self.fault(2), undo: Self.undo)])
        #expect(LedgerContents(scratch.bytes("ledger")).highest == 2)
    }

    @Test func `The file and its folder are for the owner alone`() async throws {
        let scratch = try Scratch()
        let path = scratch.file("state/gameday/ledger.jsonl")
        try await Ledger(path: path).intend(Self.fault(1), Self.undo)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(stat(scratch.file("state/gameday"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        unlink(path)
        rmdir(scratch.file("state/gameday"))
        rmdir(scratch.file("state"))
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `Any prefix of a ledger says that a fault is open from its whole intent to its whole recovery`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        var steps: [(end: Int, open: Set<String>)] = [(0, [])]
        var open: Set<String> = []
        for number in 1...5 {
            bytes += LedgerLine.intent(LedgerEntry(fault: Self.fault(number), undo: Self.undo)).bytes
            open.insert("F\(number)")
            steps.append((bytes.count, open))
            while let id = open.sorted().first, random.bool() {
                let at = Timestamp(milliseconds: 5)
                bytes += LedgerLine.recovered(id: id, by: "test", why: "done", at: at).bytes
                open.remove(id)
                steps.append((bytes.count, open))
            }
        }
        for length in 0...bytes.count {
            // A line counts once all of it but its newline is there.
            let expected = steps.last { $0.end <= length + 1 }?.open ?? []
            #expect(Set(contents(Array(bytes[..<length]))) == expected, "cut at \(length)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `Who reads on line by line knows what is open as well as who reads the whole`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var (bytes, guarding) = ([UInt8](), LedgerContents([]))
        for _ in 0..<40 {
            let id = random.int(in: 1...6)
            let line: LedgerLine =
                random.bool()
                ? .intent(LedgerEntry(fault: Self.fault(id), undo: Self.undo))
                : .recovered(id: "F\(id)", by: "test", why: "done", at: Timestamp(milliseconds: 5))
            bytes += line.bytes
            guarding.read(line.bytes)
            guarding.forgetEnded()
            let whole = LedgerContents(bytes)
            #expect(guarding.open == whole.open && guarding.highest == whole.highest)
            #expect(guarding.sound.isEmpty && guarding.ended.isEmpty && guarding.recovered.isEmpty)
        }
    }

    @Test func `A line after a torn one is not swallowed by it`() async throws {
        let scratch = try Scratch()
        let torn = LedgerLine.intent(LedgerEntry(fault: Self.fault(1), undo: Self.undo)).bytes.dropLast(9)
        scratch.write(Array(torn), to: "ledger")
        let ledger = Ledger(path: scratch.file("ledger"))
        try await ledger.intend(Self.fault(2), Self.undo)
        #expect(contents(scratch.bytes("ledger")) == ["F2"])
    }

    @Test func `A full disk refuses the intent`() async throws {
        let full = Ledger(path: "/dev/full")
        let error = await #expect(throws: LedgerError.self) { try await full.intend(Self.fault(1), Self.undo) }
        #expect(error?.code == ENOSPC)
    }

    @Test func `A recovery that could not be noted is noted with the next line`() async throws {
        let scratch = try Scratch()
        // A folder in the place of the file can't be written, whoever runs the test.
        mkdir(scratch.file("ledger"), 0o700)
        let ledger = Ledger(path: scratch.file("ledger"))
        await ledger.recovered("F1", by: "test", why: "done", at: Timestamp(milliseconds: 5))
        rmdir(scratch.file("ledger"))
        scratch.write(LedgerLine.intent(LedgerEntry(fault: Self.fault(1), undo: Self.undo)).bytes, to: "ledger")
        try await ledger.intend(Self.fault(2), Self.undo)
        #expect(contents(scratch.bytes("ledger")) == ["F2"])
    }

    @Test func `It is emptied only when it has grown and nothing is open`() async throws {
        let scratch = try Scratch()
        let ledger = Ledger(path: scratch.file("ledger"))
        try await ledger.intend(Self.fault(1), Self.undo)
        try await ledger.compact(beyond: 0)
        #expect(contents(scratch.bytes("ledger")) == ["F1"])
        await ledger.recovered("F1", by: "test", why: "done", at: Timestamp(milliseconds: 5))
        try await ledger.compact(beyond: 1 << 20)
        #expect(!scratch.bytes("ledger").isEmpty)
        try await ledger.compact(beyond: 0)
        #expect(scratch.bytes("ledger").isEmpty)
    }
}
