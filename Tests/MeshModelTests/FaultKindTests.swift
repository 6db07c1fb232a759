import MeshModel
import TestKit
import Testing

/// The table of kinds: whatever stands in it is whole, and goes over every wire and back.
struct FaultKindTests {
    private static let words = FaultKindDescription.all.map(\.word)

    /// Kinds of one description: as it begins in a form, and with every amount as low and as high as it goes.
    private static func kinds(_ word: String) -> [FaultKind] {
        let fields = FaultKindDescription.of(word)?.fields ?? []
        func kind(_ amount: (FaultField) -> Int) -> FaultKind {
            FaultKind(word, Dictionary(uniqueKeysWithValues: fields.map { ($0.name, amount($0)) }))
        }
        return [kind(\.usual), kind(\.range.lowerBound), kind(\.range.upperBound)]
    }

    private static func read(_ text: String) throws -> FaultKind {
        try FaultKind(WireFields(try JSON(parsing: text), page: "test"))
    }

    private static func fault(_ kind: FaultKind) -> Fault {
        let at = Timestamp(milliseconds: 1_764_000_000_000)
        return Fault(
            id: "F1", kind: kind, edge: Edge(from: "bar", to: "taps"), share: 0.3, by: "mv", requestedAt: at,
            leaseEnds: at.advanced(bySeconds: 60), phase: .active)
    }

    @Test func `no two kinds look alike`() {
        let all = FaultKindDescription.all
        #expect(Set(all.map(\.word)).count == all.count)
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(Set(all.map(\.sign)).count == all.count)
        #expect(Set(all.map(\.mark)).count == all.count)
        #expect(!all.map(\.mark).contains("??"))
        for mark in all.map(\.mark) {
            #expect(mark.count == 2 && mark.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        }
    }

    @Test(arguments: words)
    func `a kind is described whole`(word: String) throws {
        let description = try #require(FaultKindDescription.of(word))
        #expect(!description.name.isEmpty && !description.words.isEmpty)
        #expect(Set(description.fields.map(\.name)).count == description.fields.count)
        #expect(description.shape != .letters || !description.edgeWord.isEmpty)
        for field in description.fields {
            #expect(!field.title.isEmpty && !field.words.isEmpty)
            #expect(field.range.contains(field.usual))
            #expect(field.presets == field.presets.sorted() && field.presets.allSatisfy(field.range.contains))
            #expect(field.step > 0)
            #expect(field.isRequired == (field.name == word))
        }
    }

    @Test(arguments: words)
    func `a kind goes over the wire and back`(word: String) throws {
        for kind in Self.kinds(word) {
            #expect(kind.isKnown)
            #expect(try Self.read(kind.json.text) == kind)
            let event = Event(number: 1, at: Timestamp(milliseconds: 5), observation: .fault(Self.fault(kind)))
            #expect(try EventWire.read(EventWire.line(event)) == .event(event))
        }
    }

    @Test(arguments: words)
    func `a kind reads what it writes for the command line`(word: String) throws {
        let description = try #require(FaultKindDescription.of(word))
        for kind in Self.kinds(word) {
            let options = description.options(of: kind)
            var typed: [String: String] = [:]
            var rest = options[...]
            while let name = rest.popFirst() {
                let value = rest.first.flatMap { $0.hasPrefix("--") ? nil : rest.popFirst() }
                typed[String(name.dropFirst(2))] = value ?? ""
            }
            #expect(try description.kind(typed: typed) == kind)
        }
    }

    @Test(arguments: words)
    func `a kind has a sentence and a label`(word: String) {
        for kind in Self.kinds(word) {
            let sentence = Narrator.words(for: Self.fault(kind))
            #expect(
                sentence.contains("taps ") && sentence.count > "taps ".count)
            #expect(kind.label.hasPrefix(kind.description?.sign ?? "?"))
        }
    }

    @Test func `what is written of the first kinds never changes`() throws {
        #expect(FaultKind.abort(status: 503).json.text == #"{"abort":503}"#)
        #expect(FaultKind.delay(milliseconds: 200).json.text == #"{"delay":200}"#)
        #expect(FaultKind.rateLimit(kbps: 64).json.text == #"{"rate-limit":64}"#)
        #expect(FaultKind.delay(milliseconds: 200, jitter: 50).json.text == #"{"delay":200,"jitter":50}"#)
        #expect(FaultKind("off").json.text == #"{"off":true}"#)
        #expect(
            FaultKind("bandwidth", ["bandwidth": 8, "direction": 1]).json.text == #"{"bandwidth":8,"direction":"up"}"#)
        let labels = [FaultKind.abort(status: 503), .delay(milliseconds: 2000), .rateLimit(kbps: 64)].map(\.label)
        #expect(labels == ["ABORT 503", "DELAY 2000 ms", "LIMIT 64 KiB/s"])
    }

    @Test(arguments: [
        #"{"gravity":9,"pull":["up",null]}"#, #"{"gravity":9,"delay":200}"#, #"{"reset":true,"direction":"left"}"#,
        #"{"abort":{"grpc":14}}"#, #"{"delay":200.5}"#,
    ])
    func `what a later version made up is kept as it came`(text: String) throws {
        let kind = try Self.read(text)
        #expect(!kind.isKnown)
        #expect(kind.json.text == text)
        #expect(try Self.read(kind.json.text) == kind)
        let fault = Self.fault(kind)
        #expect(Narrator.words(for: fault).contains(kind.label))
        #expect(try Fault(WireFields(fault.json, page: "test")) == fault)
        // Nobody may ask for what is not understood.
        let fields = WireFields(try JSON(parsing: text), page: "test")
        #expect(throws: WireError.self) { try FaultKind(asked: fields) }
    }

    @Test(arguments: [
        (#"{"gravity":9}"#, "gravity"), (#"{"abort":"x"}"#, "abort"), (#"{"abort":503,"jitter":5}"#, "jitter"),
        (#"{"delay":200,"direction":"left"}"#, "direction"), (#"{"jitter":5}"#, "jitter"),
        (#"{"delay":null}"#, "delay"),
    ])
    func `a wish that is not understood is told where`(text: String, path: String) throws {
        let fields = WireFields(try JSON(parsing: text), page: "request", path: "kind")
        let error = #expect(throws: WireError.self) { try FaultKind(asked: fields) }
        #expect(error?.path == "kind.\(path)")
    }

    @Test func `words beside what is known are passed over`() throws {
        #expect(try Self.read(#"{"delay":200,"shape":"sine"}"#) == .delay(milliseconds: 200))
    }

    @Test func `a wish may have its members in any order`() throws {
        let fields = WireFields(try JSON(parsing: #"{"direction":"up","limit-data":9}"#), page: "request")
        #expect(try FaultKind(asked: fields) == FaultKind("limit-data", ["limit-data": 9, "direction": 1]))
    }

    /// An older program takes nothing from a feed with a kind in it that it can't read, so that kind goes by other names.
    @Test func `older programs find the kinds they know, and no other, where they look`() throws {
        var mesh = MeshState()
        var faults = [FaultKind("off"), .abort(status: 503), FaultKind("reset"), .delay(milliseconds: 5)].map(
            Self.fault)
        for place in faults.indices { faults[place].id = "F\(place)" }
        mesh.faults = faults
        let frame = EventWire.line(Event(number: 7, at: Timestamp(milliseconds: 1), observation: .keyframe(mesh)))
        let data = try #require(try JSON(parsing: frame)["data"])
        #expect(data["faults"]?.array?.compactMap { $0["id"]?.string } == ["F1", "F3"])
        guard case .event(let event) = try EventWire.read(frame), case .keyframe(let read) = event.observation else {
            Issue.record("no key frame")
            return
        }
        #expect(read.faults == faults)
        #expect(Observation.fault(faults[0]).kind == "other-fault")
        #expect(Observation.fault(faults[1]).kind == "fault")
    }

    @Test func `an arrow goes from preset to preset, and on by steps to the ends`() throws {
        let field = try #require(FaultKindDescription.of("delay")?.mainField)
        func walk(from start: Int, isUp: Bool, _ count: Int) -> [Int] {
            var now = start
            return (0..<count).map { _ in
                now = field.next(after: now, isUp: isUp, in: field.range)
                return now
            }
        }
        #expect(walk(from: 200, isUp: true, 6) == [500, 1000, 2000, 5000, 6000, 7000])
        #expect(walk(from: 210, isUp: false, 4) == [200, 100, 50, 1])
        #expect(walk(from: 599_900, isUp: true, 2) == [600_000, 600_000])
        #expect(walk(from: 1, isUp: false, 1) == [1])
    }
}
