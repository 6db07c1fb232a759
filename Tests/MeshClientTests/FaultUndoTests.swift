import MeshClient
import MeshModel
import TestKit
import Testing

@Suite struct FaultUndoTests {
    private func read(_ text: String) throws -> FaultUndo {
        try FaultUndo(WireFields(JSON(parsing: text), page: "ledger"))
    }

    private func part(
        _ keys: [String], _ payload: [JSON.Member] = [], of source: String = "bar", by injector: String = "toxiproxy",
        at place: String = "http://a"
    ) -> FaultUndo.Part {
        FaultUndo.Part(injector: injector, source: source, place: place, keys: keys, payload: payload)
    }

    @Test func `an undo of a ledger that knew only Envoys is the Envoys'`() throws {
        let undo = try read(
            """
            {"proxies":[{"source":"bar","admin":"http://127.0.0.1:9901","socket":null,"tls":null,
            "keys":["edge.taps.abort_pct"],"process":{"node":"bar","command":"/a.yaml","epoch":0,"uptime":7}},
            {"source":"till","admin":"http://till","socket":"/run/till.sock","keys":[]}]}
            """)
        let parts = undo.parts
        #expect(parts.map(\.injector) == ["envoy", "envoy"])
        #expect(parts.map(\.place) == ["http://127.0.0.1:9901", "/run/till.sock"])
        #expect(parts[0].keys == ["edge.taps.abort_pct"] && parts[0].process?.uptime == 7)
        #expect(try parts[0].fields.string("admin") == "http://127.0.0.1:9901")
        #expect(parts[1].fields.value("socket")?.string == "/run/till.sock")
        #expect(try read(undo.json.text) == undo)
    }

    @Test func `whatever an injector writes comes back to it`() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let payload = (0..<random.int(in: 0...4)).map { number in
                JSON.Member("\(random.hostileText())\(number)", .string(random.hostileText()))
            }
            var part = part(
                ["a", "b"], payload, of: random.hostileText(), by: random.hostileText(), at: random.hostileText())
            if random.bool() { part.process = ProxyProcess(node: "n", commandLine: "c", epoch: 1, uptime: 2) }
            let undo = FaultUndo(parts: [part, self.part(["c"])])
            #expect(try read(undo.json.text) == undo)
        }
    }

    @Test(arguments: [
        #"{"proxies":[{"source":"bar","keys":[]}]}"#, #"{"proxies":[{"injector":"x","at":"a","keys":[]}]}"#,
        #"{"proxies":[{"injector":"x","at":"a","source":"b","keys":[1]}]}"#, #"{"proxies":3}"#,
    ])
    func `a part without its place or its source is no part`(text: String) {
        #expect(throws: WireError.self) { try read(text) }
    }

    @Test func `faults overlap where one injector changes the same of one place`() {
        let one = FaultUndo(parts: [part(["k", "l"])])
        #expect(one.overlaps(FaultUndo(parts: [part(["l"], of: "other name")])))
        #expect(!one.overlaps(FaultUndo(parts: [part(["m"])])))
        #expect(!one.overlaps(FaultUndo(parts: [part(["k"], at: "http://b")])))
        #expect(!one.overlaps(FaultUndo(parts: [part(["k"], by: "envoy")])))
    }

    @Test func `joined undos take back what either does, with the payload of each`() {
        let (old, new) = ([JSON.Member("toxic", "a")], [JSON.Member("toxic", "b")])
        let one = FaultUndo(parts: [part(["k"], old)])
        #expect(one.joined(with: FaultUndo(parts: [part(["k", "l"], old)])).parts == [part(["k", "l"], old)])
        let both = one.joined(with: FaultUndo(parts: [part(["k"], new)]))
        #expect(both.parts == [part(["k"], old), part(["k"], new)])
    }
}
