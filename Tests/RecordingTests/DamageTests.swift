import MeshModel
import TestKit
import Testing

@testable import Recording

@Suite struct DamageTests {
    private func shortDay(seconds: Int = 45) -> Recorded {
        var script = DayScript(seed: 2, services: 3)
        script.rate = 5
        return Recorded(script.events(seconds: seconds))
    }

    @Test func `a recording cut at any byte shows what is left of it, and says so`() throws {
        let recorded = shortDay()
        let header = try #require(recorded.bytes.firstIndex(of: 0x0A)) + 1
        var generator = SeededGenerator(seed: 4)
        let cuts = (0..<60).map { _ in generator.int(in: 0...recorded.bytes.count - 1) } + Array(0...40)
        for cut in cuts {
            let bytes = Array(recorded.bytes[..<cut])
            guard cut >= header else {
                #expect(throws: RecordingError.self) { try RecordingReader(bytes: bytes) }
                continue
            }
            let reader = try RecordingReader(bytes: bytes)
            #expect(reader.findings.isEmpty == (bytes.last == 0x0A), "cut at \(cut)")
            #expect(!reader.isComplete)
            var cursor = reader.events()
            var count = 0
            while let event = cursor.next() {
                #expect(event == recorded.events[count])
                count += 1
            }
            let state = reader.state(after: .max).state
            #expect(state.lastNumber == UInt64(count))
        }
    }

    @Test(arguments: SeededGenerator.seeds(40))
    func `flipped bytes never trap and spoil no more than their surroundings`(seed: UInt64) throws {
        let recorded = shortDay()
        let header = try #require(recorded.bytes.firstIndex(of: 0x0A)) + 1
        var generator = SeededGenerator(seed: seed)
        var bytes = recorded.bytes
        for _ in 0..<generator.int(in: 1...8) {
            bytes[generator.int(in: header...bytes.count - 1)] = UInt8(generator.int(in: 0...255))
        }
        let reader = try RecordingReader(bytes: bytes)
        var cursor = reader.events()
        var right = 0
        while let event = cursor.next() {
            if recorded.events.contains(where: { $0.observation == event.observation }) { right += 1 }
        }
        #expect(right > recorded.events.count / 2)
        for _ in 0..<5 {
            let moment = recorded.events[generator.int(in: 0...recorded.events.count - 1)].at
            _ = reader.state(at: moment)
        }
        #expect(bytes == recorded.bytes || !reader.verified().isSound)
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `a file of noise is no recording and no trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let noise = (0..<5000).map { _ in UInt8(generator.int(in: 0...255)) }
        #expect(throws: RecordingError.self) { try RecordingReader(bytes: noise) }
        let header = Array(##"{"gameday":1,"created":0}"##.utf8) + [0x0A]
        if let reader = try? RecordingReader(bytes: header + noise) { _ = reader.state(after: .max) }
    }

    @Test func `hostile numbers in every place neither trap nor loop`() throws {
        let header = ##"{"gameday":1,"created":0}"##
        let lines = [
            ##"[9223372036854775807,"beat",{}]"##, ##"[9223372036854775807,"beat",{}]"##, ##"[0,"#number",-5]"##,
            ##"[0,"#number",9223372036854775807]"##, ##"[0,"#shape",99999999999,{}]"##, ##"[0,"#shape",-1,{}]"##,
            ##"[0,"#shape",0,{"source":"a","service":"a","to":[],"every":9223372036854775807,"rest":[[0,1]]}]"##,
            "[0,0,9223372036854775807,[1,[]]]", "[0,0,0,[1,[99999]]]", "[0,0,0,[1,[-5]]]", "[0,0,-5,[1,[5,-9],0,-7]]",
            "[0,0,0,[9999999999999999999,[]]]", "[0,0,0,[1,[[1e400,1,1]]]]", "[0,0,0,[1,[],7,-3,2,null]]",
            ##"[0,"#shape",1,{"source":"a","service":"a","to":["b"],"every":1,"rest":[[0,1]]}]"##,
            "[0,1,0,[1,[]],null]",
            ##"[0,"#checkpoint",{"t":5,"n":3,"prev":0,"told":-1,"kept":-1,"names":[[0,"a"],[99999999999,"b"]]}]"##,
            ##"[0,"#state",{"scopes":[[null,0,5,-9223372036854775808,300,300,-9223372036854775808,5]],"heard":[0]}]"##,
            ##"[0,"#checkpoint",{"t":5,"n":3,"prev":99999999,"told":9223372036854775807,"kept":9223372036854775807}]"##,
            ##"[0,"#state",{"scopes":[[null,0,null,9,9,9]],"heard":[0,5,0]}]"##, "[]", "[0]", "[0,[]]", "null", "",
        ]
        let text = ([header] + lines).joined(separator: "\n") + "\n"
        let reader = try RecordingReader(bytes: Array(text.utf8))
        for moment in [Int64.min, -1, 0, 5, .max] { _ = reader.state(at: Timestamp(milliseconds: moment)) }
        for number in [UInt64.min, 3, .max] { _ = reader.state(after: number) }
        _ = reader.story()
        _ = reader.verified()
        var replay = Replay(reader)
        for _ in 0..<40 { _ = replay.step() }
        _ = replay.skip(-1e300)
        _ = replay.advance(.infinity)
    }

    @Test func `kinds and words of later versions are passed over, and the version is said`() throws {
        let recorded = shortDay()
        var lines = recorded.lines()
        lines[0] = lines[0].replacing("\"gameday\":3", with: "\"gameday\":4")
        lines.insert(##"[0,"weather",{"rain":true}]"##, at: 5)
        lines.insert(##"[0,"#compass",17]"##, at: 9)
        let reader = try RecordingReader(bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
        #expect(reader.findings == ["format 4 is newer than this program; unknown parts are not shown"])
        var cursor = reader.events()
        var events: [Event] = []
        while let event = cursor.next() { events.append(event) }
        #expect(events.map(\.observation) == recorded.events.map(\.observation))
        // The unknown event has a number, so those after it are one later, until a checkpoint says better.
        #expect(events[6].number == recorded.events[6].number + 1)
        #expect(cursor.unreadable == 0)
    }

    @Test func `a damaged checkpoint is gone around`() throws {
        var script = DayScript(seed: 6)
        let recorded = Recorded(script.events(seconds: 260))
        var lines = recorded.lines()
        let state = try #require(lines.lastIndex { $0.contains("#state") })
        lines[state] = String(lines[state].dropLast(9))
        let reader = try RecordingReader(bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
        #expect(reader.index.checkpoints.count == 2)
        for (count, live) in recorded.states(after: [recorded.events.count]) {
            #expect(reader.state(after: UInt64(count)).state == live)
        }
    }

    @Test func `what an unreadable event did is known again from the next checkpoint on`() throws {
        var script = DayScript(seed: 6, services: 3)
        let recorded = Recorded(script.events(seconds: 260))
        let truth = try #require(recorded.states(after: [recorded.events.count]).first?.state)
        let lines = recorded.lines()
        let checkpoint = try #require(lines.lastIndex { $0.contains("#checkpoint") })
        let faults = lines[..<checkpoint].indices.filter { lines[$0].contains("\"fault\",{") }
        #expect(faults.count > 3)
        for place in faults {
            var damaged = lines
            damaged[place] = damaged[place].replacing("{", with: "!", maxReplacements: 1)
            let reader = try RecordingReader(bytes: Array((damaged.joined(separator: "\n") + "\n").utf8))
            var cursor = reader.events()
            var state = MeshState()
            while let event = cursor.next() { state.apply(event) }
            #expect(state.faults == truth.faults && state.lastNumber == truth.lastNumber, "line \(place + 1)")
            #expect(reader.state(at: reader.end).state.faults == truth.faults)
        }
    }

    @Test func `something large that is no recording is told at once to be none`() {
        #expect(throws: RecordingError.self) { try RecordingReader(bytes: [UInt8](repeating: 0, count: 40 << 20)) }
    }

    @Test func `every changed byte breaks a seal`() throws {
        let recorded = shortDay(seconds: 130)
        let sound = try RecordingReader(bytes: recorded.bytes).verified()
        #expect(sound.isSound && sound.seals == 2 && sound.events == recorded.events.count)
        #expect(sound.lines == recorded.lines().count)
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<40 {
            var bytes = recorded.bytes
            let place = generator.int(in: 60...bytes.count - 2)
            bytes[place] = bytes[place] == 0x31 ? 0x32 : 0x31
            let line = bytes[..<place].count { $0 == 0x0A } + 1
            let found = try RecordingReader(bytes: bytes).verified()
            #expect(!found.isSound)
            #expect(found.broken.contains { $0.contains(line) } || found.unsealed > 0, "line \(line)")
        }
    }

    @Test func `the hash is that of FIPS 180-4`() {
        func hash(_ text: String) -> String {
            var hash = SHA256()
            hash.update(text.utf8)
            return hash.hexadecimal
        }
        #expect(hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        // The lengths around a block's end, by another implementation.
        let known = [
            55: "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318",
            56: "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a",
            63: "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34",
            64: "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb",
            65: "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0",
            119: "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb",
            120: "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c",
            1000: "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3",
        ]
        for (length, expected) in known {
            var pieces = SHA256()
            for start in stride(from: 0, to: length, by: 50) {
                pieces.update(repeatElement(UInt8(ascii: "a"), count: min(50, length - start)))
            }
            #expect(pieces.hexadecimal == expected && hash(String(repeating: "a", count: length)) == expected)
        }
    }
}
