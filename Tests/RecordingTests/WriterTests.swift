import Foundation
import MeshModel
import TestKit
import Testing

@testable import Recording

@Suite struct WriterTests {
    private func header(_ day: [Event]) -> RecordingHeader {
        RecordingHeader(program: "test", created: day[0].at, session: nil)
    }

    @Test func `a day written to a file is the day read from it`() throws {
        let scratch = try Scratch()
        var script = DayScript(seed: 21, services: 4)
        let day = script.events(seconds: 65)
        let path = scratch.path + "/day.jsonl"
        let writer = RecordingWriter(path: path, header: header(day))
        var state = MeshState()
        for (place, event) in day.enumerated() {
            state.apply(event)
            writer.append(event, state: state)
            if place.isMultiple(of: 50) { #expect(writer.flush() == nil) }
        }
        #expect(writer.close() == nil && writer.close() == nil)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let reader = try RecordingReader(path: path)
        #expect(reader.verified().isSound)
        #expect(reader.state(after: .max).state == state)
        #expect(reader.header == header(day))
    }

    @Test func `a reader sees what is written so far`() throws {
        let scratch = try Scratch()
        var script = DayScript(seed: 22, services: 3)
        let day = script.events(seconds: 40)
        let writer = RecordingWriter(path: scratch.path + "/day.jsonl", header: header(day))
        var state = MeshState()
        for event in day {
            state.apply(event)
            writer.append(event, state: state)
        }
        writer.flush()
        let reader = try RecordingReader(path: writer.path)
        #expect(!reader.isComplete && reader.findings == [])
        #expect(reader.state(after: .max).state == state)
    }

    @Test func `trouble is told once, and the recording goes on when it is over`() throws {
        let scratch = try Scratch()
        let folder = scratch.path + "/not-yet"
        var script = DayScript(seed: 23, services: 4)
        let day = script.events(seconds: 100)
        let writer = RecordingWriter(path: folder + "/day.jsonl", header: header(day), limit: 6000)
        var state = MeshState()
        var told: [RecordingWriter.Report] = []
        for (place, event) in day.enumerated() {
            if place == 300 {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            state.apply(event)
            writer.append(event, state: state)
            if let report = writer.flush() { told.append(report) }
        }
        writer.close()
        guard told.count == 2, case .stopped(let trouble) = told[0], case .resumed(let lost) = told[1] else {
            Issue.record("\(told)")
            return
        }
        #expect(trouble.summary == "not recording: No such file or directory")
        #expect(lost > 0)
        let reader = try RecordingReader(path: writer.path)
        #expect(reader.verified().isSound)
        #expect(reader.state(after: .max).state == state)
        var cursor = reader.events()
        var count = 0
        while cursor.next() != nil { count += 1 }
        // Of the events that are missing, the whole state stands for the last.
        #expect(count == day.count - lost)
    }

    @Test func `no recording is written over`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/day.jsonl"
        try Data("precious".utf8).write(to: URL(filePath: path))
        var script = DayScript(seed: 24, services: 2)
        let day = script.events(seconds: 2)
        let writer = RecordingWriter(path: path, header: header(day))
        guard case .stopped = writer.flush() else {
            Issue.record("it was written over")
            return
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func `files that are none of ours are said to be none`() throws {
        let scratch = try Scratch()
        #expect(throws: RecordingError.self) { try RecordingReader(path: scratch.path) }
        let missing = #expect(throws: RecordingError.self) { try RecordingReader(path: scratch.path + "/no") }
        #expect(missing?.summary.hasSuffix("No such file or directory") == true)
        let zipped = #expect(throws: RecordingError.self) { try RecordingReader(bytes: [0x1F, 0x8B, 8, 0]) }
        #expect(zipped?.summary == "the recording is not a recording: it is compressed; run gunzip first")
    }
}

@Suite struct RetentionTests {
    private func item(_ path: String, _ bytes: Int, daysOld: Double) -> Retention.Item {
        Retention.Item(
            path: path, bytes: bytes, changed: Timestamp(milliseconds: 0).advanced(bySeconds: -daysOld * 86_400))
    }

    @Test func `what is too many or too much goes, the oldest first, and what is being written stays`() {
        let now = Timestamp(milliseconds: 0)
        let items = [
            item("old", 1, daysOld: 40), item("third", 60, daysOld: 3), item("second", 60, daysOld: 2),
            item("newest", 500, daysOld: 1), item("small", 10, daysOld: 4),
        ]
        func gone(_ count: Int, _ bytes: Int) -> [String] {
            Retention(count: count, bytes: bytes).removals(from: items, now: now).map(\.path)
        }
        #expect(gone(10, 10_000) == [])
        #expect(gone(4, 10_000) == ["old"])
        #expect(gone(10, 571) == ["third"])
        #expect(gone(2, 10_000) == ["third", "small", "old"])
        #expect(gone(0, 0) == ["second", "third", "small", "old"])
        #expect(Retention(count: 0, bytes: 0).removals(from: [items[0]], now: now).isEmpty)
        let busy = [item("mine", 9, daysOld: 0), item("theirs", 9, daysOld: 0.0001), item("done", 9, daysOld: 0.01)]
        #expect(Retention(count: 1, bytes: 1).removals(from: busy, now: now).map(\.path) == ["done"])
    }

    @Test func `recordings are kept where XDG says, under names that need no quoting`() {
        let variables = ["HOME": "/home/ann"]
        #expect(RecordingFolder.standard { variables[$0] }.path == "/home/ann/.local/share/gameday/recordings")
        let folder = RecordingFolder.standard { $0 == "XDG_DATA_HOME" ? "/data" : nil }
        #expect(folder.path == "/data/gameday/recordings")
        let at = Timestamp(milliseconds: 1_764_000_000_123)
        #expect(
            folder.newPath(name: "The Bar!", at: at) == "/data/gameday/recordings/2025-11-24T160000123Z-the-bar.jsonl")
        #expect(folder.newPath(name: "../../🍺\n", at: at) == "/data/gameday/recordings/2025-11-24T160000123Z.jsonl")
    }

    @Test func `the folder is made, listed and pruned`() throws {
        let root = FileManager.default.temporaryDirectory.path() + "/gameday-folder-\(UUID().uuidString)"
        let path = root + "/deep/er"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = RecordingFolder(path: path)
        #expect(folder.items().isEmpty)
        try folder.prepare()
        try folder.prepare()
        for name in ["a.jsonl", "b.jsonl", "notes.txt"] {
            try Data(name.utf8).write(to: URL(filePath: "\(path)/\(name)"))
        }
        #expect(folder.items().map(\.bytes) == [7, 7])
        let later = Timestamp(milliseconds: .max / 2)
        #expect(folder.prune(Retention(count: 1), now: later).count == 1)
        #expect(folder.items().count == 1)
        #expect(FileManager.default.fileExists(atPath: "\(path)/notes.txt"))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_764_000_000_123, "2025-11-24T16:00:00.123Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ])
    func `moments are written as ISO 8601 has them`(milliseconds: Int64, expected: String) {
        #expect(Timestamp(milliseconds: milliseconds).iso8601 == expected)
        for extreme in [Int64.min, .max] { #expect(Timestamp(milliseconds: extreme).iso8601.count == 24) }
    }

    @Test func `spans are written as people read them`() {
        #expect(SpanText.text(4.25) == "4.3 s")
        #expect(SpanText.text(65) == "1:05")
        #expect(SpanText.text(3725.4) == "1:02:05")
        #expect(SpanText.text(.nan) == "?" && SpanText.text(.infinity) == "?")
    }
}
