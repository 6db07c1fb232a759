import Dashboard
import Foundation
import MeshModel
import Recording
import TerminalCanvas
import TestKit
import Testing

@testable import gameday

/// What is seen again is what was seen: whole days, live on one side, from their recording on the other.
struct PastTests {
    private static let sizes = [Size(80, 24), Size(120, 40), Size(200, 60)]
    /// With all that the screen reckons from its clock and from what was before: dots, and differences.
    private static let options = DashboardState.Options(user: "ann", isTrafficMoving: true)
    private static let compare = Key.character("D")

    /// A day and its recording in a file.
    private final class Recorded {
        let events: [Event]
        let reader: RecordingReader
        private let path = FileManager.default.temporaryDirectory.path() + "/gameday-past-\(UUID().uuidString).jsonl"

        init(seed: UInt64, seconds: Int) throws {
            var script = DayScript(seed: seed)
            events = script.events(seconds: seconds)
            let writer = RecordingWriter(
                path: path, header: RecordingHeader(program: "test", created: events[0].at, session: nil))
            var state = MeshState()
            for event in events {
                state.apply(event)
                writer.append(event, state: state)
            }
            #expect(writer.close() == nil)
            reader = try RecordingReader(path: path)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Moments in rising order, away from the first seconds.
        func moments(_ count: Int, _ generator: inout SeededGenerator) -> [Timestamp] {
            let span = Int(reader.duration * 1000)
            return (0..<count).map { _ in
                Timestamp(milliseconds: reader.start.milliseconds + Int64(generator.int(in: 3000...span)))
            }.sorted()
        }
    }

    /// A dashboard that was there.
    private struct Witness {
        var state: DashboardState
        private var next = 0

        init(_ size: Size, at: Timestamp) {
            state = DashboardState(PastTests.options, size: size, now: at)
            _ = state.update(.connection(.connected))
            _ = state.update(.key(PastTests.compare))
        }

        mutating func see(_ events: [Event], until moment: Timestamp) {
            while next < events.count, events[next].at <= moment {
                _ = state.update(.event(events[next]))
                next += 1
            }
            _ = state.update(.tick(moment))
        }
    }

    /// How the rows between the line of faults and the footer differ, of which one tells what is so now and the others
    /// whether it is live; none when they are the same, cell by cell.
    private func differences(_ one: Canvas, _ other: Canvas, from first: Int = 2) -> [String] {
        (first..<(min(one.size.rows, other.size.rows) - 3)).compactMap { row in
            let isSame = (0..<min(one.size.columns, other.size.columns)).allSatisfy { column in
                let (left, right) = (one[column, row], other[column, row])
                return left.glyph == right.glyph && left.style == right.style
            }
            guard !isSame else { return nil }
            let texts = [one, other].map { CanvasText.glyphs($0).split(separator: "\n")[row] }
            return "row \(row)\n\(texts[0])\n\(texts[1])"
        }
    }

    @Test(arguments: SeededGenerator.seeds(2), sizes)
    func `a replayed frame is the frame that was seen live`(seed: UInt64, size: Size) throws {
        let day = try Recorded(seed: seed, seconds: 190)
        var generator = SeededGenerator(seed: seed)
        let replaySize = Size(size.columns, size.rows + 1)
        var player = ReplayPlayer(
            PastPlayer(Replay(day.reader), story: day.reader.story()), options: Self.options, size: replaySize)
        _ = player.take(Self.compare)
        var witness = Witness(size, at: day.reader.start)
        for moment in day.moments(6, &generator) {
            witness.see(day.events, until: moment)
            // Forwards from before, and backwards from later.
            for detour in [day.reader.start, day.reader.end] {
                player.perform(.to(detour))
                player.perform(.to(moment))
                let found = differences(player.picture(.full), Screen.draw(witness.state))
                #expect(found == [], "\(moment.seconds(since: day.reader.start)) s")
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(2), sizes)
    func `a frame of the past is the frame that was seen then`(seed: UInt64, size: Size) throws {
        let day = try Recorded(seed: seed, seconds: 190)
        var generator = SeededGenerator(seed: seed &+ 1)
        var now = Witness(size, at: day.reader.start)
        now.see(day.events, until: day.reader.end)
        var player = PastPlayer(Replay(day.reader), story: day.reader.story())
        var witness = Witness(size, at: day.reader.start)
        for moment in day.moments(6, &generator) {
            witness.see(day.events, until: moment)
            _ = player.perform(.to(moment))
            _ = now.state.update(.past(player.past))
            #expect(differences(Screen.draw(now.state), Screen.draw(witness.state)) == [])
            let header = CanvasText.glyphs(Screen.draw(now.state)).split(separator: "\n")[0]
            #expect(header.contains("REWOUND"))
        }
        _ = now.state.update(.past(nil))
        var there = Witness(size, at: day.reader.start)
        there.see(day.events, until: day.reader.end)
        #expect(differences(Screen.draw(now.state), Screen.draw(there.state), from: 0) == [])
    }

    @Test(arguments: Glyphs.allCases)
    func `an experiment that deviated has a mark of its own on the line of the day`(glyphs: Glyphs) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../recordings")
        func line(_ name: String) throws -> String {
            let reader = try RecordingReader(path: folder.appending(path: "\(name).jsonl.bz3").standardizedFileURL.path)
            var canvas = Canvas(Size(100, 1), glyphs: glyphs)
            ScrubBar(PastPlayer(Replay(reader), story: reader.story())).draw(in: canvas.area, on: &canvas)
            return CanvasText.glyphs(canvas)
        }
        let mark = String(Character(ScrubMark.deviated.glyph(glyphs).scalar))
        #expect(try line("where-is-the-bathroom").contains(mark))
        #expect(try !line("one-tap-is-slow").contains(mark))
        #expect(Set(ScrubMark.allCases.map { $0.glyph(glyphs) }).count == ScrubMark.allCases.count)
    }

    @Test func `moves, marks and searches go where they say`() throws {
        let day = try Recorded(seed: 4, seconds: 190)
        var player = PastPlayer(Replay(day.reader), story: day.reader.story())
        #expect(player.perform(.hit(isForward: true)).word == "Press / to search first")
        #expect(player.perform(.nextMark).word == "No marks; m sets one")
        _ = player.perform(.mark)
        _ = player.perform(.tenth(isForward: true))
        let tenth = player.now
        #expect(abs(tenth.seconds(since: day.reader.start) - day.reader.duration / 10) < 0.01)
        _ = player.perform(.nextMark)
        #expect(player.now == day.reader.start)
        let found = player.perform(.find("pager"))
        #expect(found.word == "pager: 1 of 2")
        let note = try #require(day.reader.story().timeline.first { $0.kind == .note })
        #expect(player.now == note.at)
        _ = player.perform(.hit(isForward: true))
        #expect(player.perform(.hit(isForward: true)).word == "pager: 2 matches, none after this")
        #expect(player.perform(.find("p99 of nobody > 3ms")).word == "No match: p99 of nobody > 3ms")
        #expect(player.perform(.find("p99 of door")).word?.hasPrefix("missing > or <") == true)
        player.replayPauses()
        let before = player.now
        _ = player.perform(.step(isForward: true))
        #expect(player.now.seconds(since: before) == 1)
    }
}

extension PastPlayer {
    fileprivate mutating func replayPauses() { _ = perform(.playOrPause) }
}
