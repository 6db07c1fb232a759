import Foundation
import Logging
import MeshClient
import MeshModel
import Recording
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) struct RecorderTests {
    private func files(_ folder: String) -> [String] { RecordingFolder(path: folder).items().map(\.path) }

    @Test func `a session is recorded from its first event to its last, and sealed`() async throws {
        let stage = try ControlPlaneStage(isRecorded: true)
        try await stage.run { client in
            try await client.note(Note(by: "ann", text: "the pager went off"))
            let health = try await client.health()
            #expect(health["recording"]?.string?.hasPrefix(stage.recordings) == true)
        }
        let file = try #require(files(stage.recordings).first)
        #expect(files(stage.recordings).count == 1 && file.hasSuffix(".jsonl.bz3"))
        let reader = try RecordingReader(path: file)
        #expect(reader.isComplete && reader.findings.isEmpty && reader.verified().isSound)
        var cursor = reader.events()
        let next = cursor.next()
        let first = try #require(next)
        #expect(first.number == 1)
        guard case .session(let session) = first.observation else {
            Issue.record("the first event is \(first.observation.kind)")
            return
        }
        #expect(reader.header.session == session && session.name == "the bar")
        let story = reader.story()
        #expect(story.timeline.contains { $0.text == "ann: the pager went off" })
        // The last halt, which the end of a control plane is, belongs to the day.
        #expect(story.last.isHalted)
    }

    @Test func `days that were left unpacked are packed, but for the one that is written`() async throws {
        let scratch = try Scratch()
        for name in ["monday", "tuesday", "today"] {
            let header = #"{"gameday":2,"program":"test","created":0,"session":null}"# + "\n[0,\"beat\",{}]\n"
            try Data(header.utf8).write(to: URL(filePath: scratch.file(name + ".jsonl")))
        }
        // An hour later, since what changed just now may be being written.
        let later = { @Sendable in DayClock.system.now().advanced(bySeconds: 3600) }
        let clock = DayClock(now: later, elapsed: DayClock.system.elapsed, sleep: { _ in })
        let tidier = RecordingTidier(
            folder: RecordingFolder(path: scratch.path), current: scratch.file("today.jsonl"), clock: clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        await tidier.run()
        let names = files(scratch.path).map { URL(filePath: $0).lastPathComponent }
        #expect(names.sorted() == ["monday.jsonl.bz3", "today.jsonl", "tuesday.jsonl.bz3"])
    }

    @Test func `a disk that takes nothing is told as an event, and stops nothing`() async throws {
        let stage = try ControlPlaneStage(isRecorded: true)
        // A file stands where the folder is to be.
        try Data().write(to: URL(filePath: stage.recordings))
        try await stage.run { client in
            try await stage.wait { $0.recording?.phase == .stopped }
            try FileManager.default.removeItem(atPath: stage.recordings)
            try await stage.wait { $0.recording?.phase == .on }
            let status = try await client.status()
            #expect(status["recording"]?["state"]?.string == "on")
        }
        let reader = try RecordingReader(path: try #require(files(stage.recordings).first))
        #expect(reader.verified().isSound)
        let texts = reader.story().timeline.map(\.text)
        #expect(texts.contains("NOT RECORDING: Not a directory"))
        #expect(texts.contains("recording again"))
    }

    @Test func `a session that is not to be recorded says so`() async throws {
        let stage = try ControlPlaneStage()
        try await stage.run { _ in try await stage.wait { $0.recording?.phase == .off } }
        #expect(files(stage.recordings).isEmpty)
    }

    @Test func `what a recorder does not fetch is let go, and the state stands for it`() throws {
        let log = EventLog(clock: .system, isRecorded: true)
        for number in 1...4500 { log.append([.note(Note(by: "a", text: "\(number)"))]) }
        let taken = log.takeUnrecorded { _ in false }
        #expect(taken.lost == 4000 && taken.events.count == 500)
        #expect(taken.events.first?.number == 4001 && taken.state?.lastNumber == 4500)
        let next = log.takeUnrecorded { $0 != nil }
        #expect(next.lost == 0 && next.events.isEmpty && next.state == nil)
    }
}
