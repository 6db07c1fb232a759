import Foundation
import MeshModel
import TestKit
import Testing

@testable import Recording

/// A day that is packed while it goes on.
@Suite struct SegmentTests {
    private static let segment = 20_000
    private static let later = Timestamp(milliseconds: 4_000_000_000_000)
    private static let day = {
        var script = DayScript(seed: 31)
        return script.events(seconds: 240)
    }()
    private static let header = RecordingHeader(program: "test", created: day[0].at, session: nil)

    /// The two files of a recording.
    private struct Files: Equatable {
        var packed: [UInt8]
        var plain: [UInt8]

        init(_ path: String) {
            packed = (try? Data(contentsOf: URL(filePath: path + ".bz3"))).map(Array.init) ?? []
            plain = (try? Data(contentsOf: URL(filePath: path))).map(Array.init) ?? []
        }

        func write(_ path: String) throws {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: path + ".bz3")
            if !packed.isEmpty { try Data(packed).write(to: URL(filePath: path + ".bz3")) }
            try Data(plain).write(to: URL(filePath: path))
        }
    }

    /// Writes the day, and shows the writer and the state after each flush.
    private func write(_ path: String, _ body: (RecordingWriter, MeshState, Int) throws -> Void) throws -> MeshState {
        let writer = RecordingWriter(path: path, header: Self.header, segment: Self.segment)
        var state = MeshState()
        for (place, event) in Self.day.enumerated() {
            state.apply(event)
            writer.append(event, state: state)
            guard place.isMultiple(of: 60) else { continue }
            #expect(writer.flush() == nil)
            try body(writer, state, place + 1)
        }
        #expect(writer.close() == nil)
        return state
    }

    private func lines(_ path: String) throws -> [UInt8] {
        let reader = try RecordingReader(path: path)
        #expect(reader.findings == [])
        return reader.bytes.read(0..<reader.bytes.count)
    }

    @Test func `it is packed as it goes, and is at any moment the day so far`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/day.jsonl"
        var segments = 0
        let last = try write(path) { writer, state, count in
            let files = Files(path)
            #expect(files.plain.count < Self.segment + 8000 && writer.size == files.plain.count + files.packed.count)
            #expect(writer.plainSize == files.plain.count)
            if files.plain.isEmpty { segments += 1 }
            guard files.plain.isEmpty || count % 7 == 0 else { return }
            for name in [path, path + ".bz3"] where FileManager.default.fileExists(atPath: name) {
                let reader = try RecordingReader(path: name)
                #expect(reader.findings == [] && reader.lastNumber == UInt64(count))
                #expect(reader.state(after: .max).state == state)
            }
        }
        #expect(segments > 4)
        let whole = try lines(path)
        #expect(try RecordingReader(path: path).verified().isSound)
        #expect(try RecordingPacker.pack(path) == path + ".bz3")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["day.jsonl.bz3"])
        #expect(try lines(path + ".bz3") == whole && lines(path) == whole)
        let reader = try RecordingReader(path: path + ".bz3")
        #expect(reader.verified().isSound && reader.state(after: .max).state == last)
        var cursor = reader.events()
        for event in Self.day { #expect(cursor.next() == event) }
    }

    @Test func `whatever instant its writer is killed at, no line is lost and what is left is packed`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/day.jsonl"
        var before = Files(path)
        var deaths: [(files: Files, lines: [UInt8], what: String)] = []
        _ = try write(path) { _, _, _ in
            let after = Files(path)
            defer { before = after }
            guard after.plain.isEmpty else { return }
            // All that the segment had was in the plain file before it was packed.
            let whole = try lines(path)
            let start = PackedBytes(FileBytes(before.packed)).count
            var files = before
            files.plain = Array(whole[start...])
            deaths.append((files, whole, "before it is packed"))
            for cut in [
                before.packed.count + 1, (before.packed.count + after.packed.count) / 2, after.packed.count - 1,
            ] {
                files.packed = Array(after.packed[..<cut])
                deaths.append((files, whole, "with the block cut at \(cut)"))
            }
            files.packed = after.packed
            deaths.append((files, whole, "with both there"))
            deaths.append((after, whole, "with an empty file"))
            // The other one could not be put in its place, and so it went on.
            files.plain += Array("[0,\"beat\",{}]\n".utf8)
            deaths.append((files, whole + Array("[0,\"beat\",{}]\n".utf8), "with more behind what is packed"))
        }
        #expect(deaths.count > 20)
        for (files, whole, what) in deaths {
            try files.write(path)
            for name in [path, path + ".bz3"] where FileManager.default.fileExists(atPath: name) {
                #expect(try lines(name) == whole, "\(what), by \(name.suffix(4))")
            }
            #expect(RecordingFolder(path: scratch.path).packAll(except: nil, now: Self.later).count == 1, "\(what)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["day.jsonl.bz3"], "\(what)")
            #expect(try lines(path + ".bz3") == whole, "\(what), packed")
        }
    }

    @Test func `what is no part of a recording is neither joined to it nor touched`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/day.jsonl"
        var files: Files?
        _ = try write(path) { _, _, count in
            if count > Self.day.count * 3 / 4, files == nil, Files(path).plain.count > 1000 { files = Files(path) }
        }
        let found = try #require(files)
        var other = found
        // Another line where it says that it goes on.
        let place = try #require(RecordingBytes.newline(in: other.plain)) + 3
        other.plain[place] ^= 1
        let start = PackedBytes(FileBytes(found.packed)).count
        other.packed = try #require(Packing.pack(Array(PackedBytes(FileBytes(found.packed)).read(0..<start - 500))))
        try other.write(path)
        // The packed part has lost its end: what is missing is said, and nothing is packed over it.
        let reader = try RecordingReader(path: path)
        #expect(reader.findings.contains { $0.contains("500 bytes are left out") })
        #expect(RecordingFolder(path: scratch.path).packAll(except: nil, now: Self.later) == [])
        #expect(Files(path) == other)
        // Its beginning is gone: it begins where everything was told again, or is said to be damaged.
        try FileManager.default.removeItem(atPath: path + ".bz3")
        let error = #expect(throws: RecordingError.self) { _ = try RecordingReader(path: path) }
        #expect(error?.summary.contains("damaged") == true)
        #expect(RecordingFolder(path: scratch.path).packAll(except: nil, now: Self.later) == [])
    }

    @Test(arguments: SeededGenerator.seeds(12))
    func `damage while it goes on spoils no more than its block, and nothing wrong is shown`(seed: UInt64) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/day.jsonl"
        var generator = SeededGenerator(seed: seed)
        var seen: [Files] = []
        _ = try write(path) { _, _, _ in
            let files = Files(path)
            if files.packed.count > 10_000 { seen.append(files) }
        }
        for _ in 0..<12 {
            var files = seen[generator.int(in: 0...seen.count - 1)]
            let packed = files.packed.count
            switch generator.int(in: 0...3) {
            case 0: files.packed[generator.int(in: 17...packed - 1)] ^= 1 << generator.int(in: 0...7)
            case 1: files.packed.removeLast(generator.int(in: 1...packed - 20))
            case 2 where !files.plain.isEmpty: files.plain.removeLast(generator.int(in: 1...files.plain.count))
            default: if !files.plain.isEmpty { files.plain[generator.int(in: 0...files.plain.count - 1)] ^= 4 }
            }
            try files.write(path)
            guard let reader = try? RecordingReader(path: path) else { continue }
            var cursor = reader.events()
            while let event = cursor.next() {
                guard case .traffic = event.observation, Int(event.number) <= Self.day.count else { continue }
                // A changed letter of a line that is not packed is what it says; the seal tells.
                if event == Self.day[Int(event.number) - 1] { continue }
                #expect(!reader.verified().isSound)
            }
            _ = reader.state(at: reader.start.advanced(bySeconds: reader.duration / 2))
            let before = Files(path)
            _ = RecordingFolder(path: scratch.path).packAll(except: nil, now: Self.later)
            let after = Files(path)
            // Nothing that could still be read may go.
            #expect(after == before || PackedBytes(FileBytes(after.packed)).count >= reader.bytes.count)
        }
    }

    @Test func `what cannot be packed stays plain, and the day goes on`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/day.jsonl"
        try Data("mine".utf8).write(to: URL(filePath: path + ".bz3"))
        let last = try write(path) { _, _, _ in }
        #expect(try Data(contentsOf: URL(filePath: path + ".bz3")) == Data("mine".utf8))
        let reader = try RecordingReader(path: path)
        #expect(reader.verified().isSound && reader.state(after: .max).state == last)
    }

    @Test func `a day in two files is one recording, and goes as one`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/day.jsonl"
        _ = try write(path) { _, _, _ in }
        let size = Files(path).plain.count + Files(path).packed.count
        let folder = RecordingFolder(path: scratch.path)
        #expect(folder.items().map(\.bytes) == [size] && folder.items().map(\.path) == [path + ".bz3"])
        try Data("{}\n".utf8).write(to: URL(filePath: scratch.path + "/newer.jsonl"))
        let future = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: 100)]
        try FileManager.default.setAttributes(future, ofItemAtPath: scratch.path + "/newer.jsonl")
        #expect(folder.prune(Retention(count: 1), now: Self.later) == [path + ".bz3"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["newer.jsonl"])
    }

    @Test func `of a long day only some blocks are held`() throws {
        var script = DayScript(seed: 32)
        let plain = Recorded(script.events(seconds: 100)).bytes
        let packed = FileBytes(try #require(Packing.pack(plain, piece: 3000)))
        let bytes = PackedBytes(packed, mostHeld: 10_000)
        #expect(bytes.count == plain.count && bytes.damaged() == nil)
        var generator = SeededGenerator(seed: 33)
        for _ in 0..<300 {
            let start = generator.int(in: 0...plain.count)
            let range = start..<min(plain.count, start + generator.int(in: 0...20_000))
            #expect(bytes.read(range) == Array(plain[range]))
            #expect(bytes.heldBytes <= 13_000)
        }
    }
}
