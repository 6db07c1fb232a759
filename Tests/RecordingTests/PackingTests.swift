import Foundation
import MeshModel
import TestKit
import Testing

@testable import Recording

@Suite struct PackingTests {
    /// Two blocks and a bit; blocks are smaller than they are in truth, where this would take minutes.
    private static let day = {
        var script = DayScript(seed: 11)
        return Recorded(script.events(seconds: 200), fullInterval: 12_000)
    }()
    /// When no file of these tests is being written any more.
    private static let later = Timestamp(milliseconds: 4_000_000_000_000)
    private static let piece = day.bytes.count * 2 / 5
    private static let packed = Packing.pack(day.bytes, piece: piece) ?? []

    /// What the library packs and cannot unpack: found by fuzzing, and `bzip3 -d` (1.2.2) refuses it too.
    private static let stubborn: [UInt8] = [(Int, UInt8)]([
        (41, 0), (1, 88), (1, 1), (16, 0), (124, 7), (9, 0), (1, 33),
    ]).flatMap { [UInt8](repeating: $0.1, count: $0.0) }

    @Test func `what the library packs and cannot unpack is packed in smaller blocks`() throws {
        let packed = try #require(Packing.pack(Self.stubborn))
        #expect(Packing.holds(packed, Self.stubborn))
        let scratch = try Scratch()
        let path = scratch.path + "/day.bz3"
        let file = try PackedFile.new(path)
        #expect(try file.append(Self.stubborn) && file.append(Self.day.bytes))
        let bytes = FileBytes(try [UInt8](Data(contentsOf: URL(filePath: path))))
        #expect(PackedBytes(bytes).read(0..<file.plain) == Self.stubborn + Self.day.bytes)
    }

    @Test func `a block that says to be larger than the head of its file allows is none`() throws {
        var file = Self.packed
        let block = try #require(Packing.index(of: FileBytes(file)).blocks.first)
        // The lowest bytes first: 16 MB more.
        file[block.at - 1] += 1
        let index = Packing.index(of: FileBytes(file))
        #expect(index.blocks.isEmpty && index.end == block.at - 8)
    }

    @Test func `a packed day is what it was, in a fraction of the room`() throws {
        #expect(Self.packed.count < Self.day.bytes.count / 2)
        let unpacked = RecordingBytes(alone: FileBytes(Self.packed))
        #expect(unpacked.read(0..<unpacked.count) == Self.day.bytes && unpacked.findings.isEmpty)
        #expect(Packing.holds(Self.packed, Self.day.bytes))
        #expect(
            !Packing.holds(Self.packed, Self.day.bytes.dropLast()) && !Packing.holds(Self.packed, Self.day.bytes + [0]))
        #expect(!Packing.holds(Self.packed.dropLast(), Self.day.bytes) && !Packing.holds([], Self.day.bytes))
        let reader = try RecordingReader(bytes: Self.packed)
        #expect(reader.isComplete && reader.findings.isEmpty && reader.verified().isSound)
        let plain = try RecordingReader(bytes: Self.day.bytes)
        for share in [0.1, 0.5, 0.99] {
            let moment = plain.start.advanced(bySeconds: plain.duration * share)
            #expect(reader.state(at: moment).state == plain.state(at: moment).state)
        }
    }

    @Test func `bzip3 reads it, and what bzip3 packed is read`() throws {
        let scratch = try Scratch()
        try Data(Self.packed).write(to: URL(filePath: scratch.path + "/day.jsonl.bz3"))
        #expect(try run("bzip3", "-d", "-k", scratch.path + "/day.jsonl.bz3") == 0)
        let plain = try Data(contentsOf: URL(filePath: scratch.path + "/day.jsonl"))
        #expect(Array(plain) == Self.day.bytes)
        #expect(try run("bzip3", "-e", "-f", "-b", "1", scratch.path + "/day.jsonl") == 0)
        let reader = try RecordingReader(path: scratch.path + "/day.jsonl.bz3")
        #expect(reader.verified().isSound && reader.lastNumber == UInt64(Self.day.events.count))
    }

    private func run(_ program: String, _ arguments: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test func `a packed file cut at any byte shows what is left of it, and says so`() throws {
        var generator = SeededGenerator(seed: 12)
        let block = Self.packed.count / 2
        let cuts = (0..<20).map { _ in generator.int(in: 0...Self.packed.count - 1) } + Array(0...40)
        for cut in cuts {
            guard let reader = try? RecordingReader(bytes: Array(Self.packed[..<cut])) else {
                #expect(cut < block, "cut at \(cut): there is a whole block")
                continue
            }
            #expect(!reader.findings.isEmpty && !reader.isComplete, "cut at \(cut)")
            var cursor = reader.events()
            var count = 0
            while let event = cursor.next() {
                #expect(event == Self.day.events[count])
                count += 1
            }
            #expect(reader.state(after: .max).state.lastNumber == UInt64(count))
        }
        let error = #expect(throws: RecordingError.self) { try RecordingReader(bytes: Array(Self.packed[..<100])) }
        #expect(error?.summary.contains("truncated in its first part") == true)
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `a flipped bit spoils no more than its block, and nothing wrong is shown`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bytes = Self.packed
        // The sizes of the file's blocks stand in its head; a file without them is only told to be damaged.
        let place = generator.int(in: 17...bytes.count - 1)
        bytes[place] ^= 1 << generator.int(in: 0...7)
        let reader = try RecordingReader(bytes: bytes)
        #expect(!reader.findings.isEmpty && !reader.verified().isSound, "flipped at \(place)")
        var cursor = reader.events()
        var (state, count) = (MeshState(), 0)
        while let event = cursor.next() {
            state.apply(event)
            if case .keyframe = event.observation { continue }
            #expect(event == Self.day.events[Int(event.number) - 1], "flipped at \(place)")
            count += 1
        }
        #expect(count > Self.day.events.count / 4, "flipped at \(place)")
        // Once a checkpoint has told again what was lost, all is as it was but for the charts.
        let whole = Recorded(Self.day.events).states(after: [Int(state.lastNumber)]).first?.state
        if let whole, reader.lastNumber == UInt64(Self.day.events.count) {
            #expect(state.faults == whole.faults && state.timeline == whole.timeline && state.session == whole.session)
            #expect(reader.state(at: reader.end).state.faults == whole.faults)
        }
        for share in [0.2, 0.6, 0.9] {
            _ = reader.state(at: reader.start.advanced(bySeconds: reader.duration * share))
        }
    }

    @Test func `sizes within a block that are not true do no harm`() throws {
        // The first is smaller than the smallest block of the library, the last smaller than those before it.
        let small = try #require(Packing.pack(Array(Self.day.bytes.prefix(3000))))
        let second = 17 + Self.size(in: Self.packed, at: 9)
        let third = second + 8 + Self.size(in: Self.packed, at: second)
        for (packed, block) in [(small, 9), (Self.packed, third)] {
            let before = RecordingBytes(alone: FileBytes(packed))
            let whole = before.read(0..<before.count)
            // A few bits say nothing, and then all is there.
            func expectHarmless(_ bytes: [UInt8], _ what: String) {
                let unpacked = RecordingBytes(alone: FileBytes(bytes))
                let isSame = unpacked.read(0..<unpacked.count) == whole
                #expect(!unpacked.findings.isEmpty || isSame, "\(what), block at \(block)")
            }
            for place in 0..<24 {
                for bit in 0..<8 {
                    var bytes = packed
                    bytes[block + 8 + place] ^= 1 << bit
                    expectHarmless(bytes, "byte \(place)")
                }
            }
            // Just above what there is room for, and just below what the library believes.
            for stage in 0..<2 {
                for size in [65 << 10, 66_000, 67_000, 68_200, 300_000, 1 << 30, 0x7FFF_FFFF, 0xFFFF_FFFF] {
                    var bytes = packed
                    for byte in 0..<4 { bytes[block + 8 + 9 + 4 * stage + byte] = UInt8(size >> (8 * byte) & 255) }
                    bytes[block + 8 + 8] = 6
                    expectHarmless(bytes, "stage \(stage) of \(size) bytes")
                }
            }
        }
    }

    private static func size(in packed: [UInt8], at place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(packed[place + $1]) << (8 * $1) }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `noise behind the mark of a packed file is no recording and no trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let noise = (0..<3000).map { _ in UInt8(generator.int(in: 0...255)) }
        #expect(throws: RecordingError.self) { try RecordingReader(bytes: Array(Self.packed[..<9]) + noise) }
        _ = try? RecordingReader(bytes: Array(Self.packed[..<300]) + noise)
        _ = try? RecordingReader(bytes: Self.packed + noise)
    }

    @Test func `a file is packed when nobody writes it, and keeps its time`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/day.jsonl"
        let events = Array(Self.day.events.prefix(1500))
        let writer = RecordingWriter(
            path: path, header: RecordingHeader(program: "test", created: events[0].at, session: nil))
        var state = MeshState()
        for event in events {
            state.apply(event)
            writer.append(event, state: state)
        }
        writer.flush()
        #expect(try RecordingPacker.pack(path) == nil, "it is being written")
        writer.close()
        let plain = try Data(contentsOf: URL(filePath: path))
        let changed = Date(timeIntervalSince1970: 1_700_000_000)
        try FileManager.default.setAttributes([.modificationDate: changed], ofItemAtPath: path)
        #expect(try RecordingPacker.pack(path, while: { false }) == nil)

        let folder = RecordingFolder(path: scratch.path)
        #expect(folder.packAll(except: path, now: Self.later) == [])
        #expect(folder.packAll(except: nil, now: Self.later) == [path + ".bz3"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["day.jsonl.bz3"])
        let items = folder.items()
        #expect(items.map(\.path) == [path + ".bz3"] && items[0].changed.milliseconds == 1_700_000_000_000)
        #expect(items[0].bytes < plain.count / 3)
        let reader = try RecordingReader(path: path + ".bz3")
        #expect(reader.bytes.read(0..<reader.bytes.count) == Array(plain))
        #expect(folder.packAll(except: nil, now: Self.later) == [], "once is enough")
    }

    @Test func `what is no recording, or packed already, is left as it is`() throws {
        let scratch = try Scratch()
        for (name, text) in [("notes.jsonl", "{}\n"), ("empty.jsonl", ""), ("list.jsonl", "[1]\n")] {
            try Data(text.utf8).write(to: URL(filePath: "\(scratch.path)/\(name)"))
        }
        try Data(Self.day.bytes.prefix(100_000)).write(to: URL(filePath: scratch.path + "/both.jsonl"))
        try Data("mine".utf8).write(to: URL(filePath: scratch.path + "/both.jsonl.bz3"))
        #expect(RecordingFolder(path: scratch.path).packAll(except: nil, now: Self.later) == [])
        #expect(try Data(contentsOf: URL(filePath: scratch.path + "/both.jsonl.bz3")) == Data("mine".utf8))
        #expect(throws: RecordingTrouble.self) { try RecordingPacker.pack(scratch.path + "/none.jsonl") }
    }
}
