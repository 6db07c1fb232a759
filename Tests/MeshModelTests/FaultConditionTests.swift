import MeshModel
import Testing

/// A fault for some requests alone.
@Suite struct FaultConditionTests {
    @Test func `A condition is a header with its value, or a version`() throws {
        #expect(try FaultCondition("end-user=jason") == .header("end-user", value: "jason"))
        #expect(try FaultCondition("End-User=a=b c") == .header("end-user", value: "a=b c"))
        #expect(try FaultCondition("v2") == .version("v2"))
        for text in ["", "=x", "end-user=", "two words", "a b=c", "x=\u{1B}[31m", "x=é"] {
            #expect(throws: FaultCondition.Mistake.self) { try FaultCondition(text) }
        }
    }

    @Test(arguments: ["Authorization=Bearer abc", "cookie=a", "x-api-key=1"])
    func `A header that may hold a secret is refused, and its value is not repeated`(text: String) {
        let mistake = #expect(throws: FaultCondition.Mistake.self) { try FaultCondition(text) }
        #expect(mistake?.words.contains("secret") == true && mistake?.words.contains("abc") == false)
    }

    @Test func `It is part of the kind on the wire and in its label, and versions that know none skip it`() throws {
        let kind = FaultKind.delay(milliseconds: 700).only(try FaultCondition("end-user=jason"))
        #expect(kind.label == "DELAY 700 ms only end-user=jason")
        #expect(kind.json.text == #"{"delay":700,"only":"end-user=jason"}"#)
        #expect(try FaultKind(WireFields(kind.json, page: "test")) == kind)
        #expect(try FaultKind(asked: WireFields(kind.json, page: "test")) == kind)
        let sorted = try JSON(parsing: #"{"abort":503,"only":"v2"}"#)
        #expect(try FaultKind(WireFields(sorted, page: "test")).only == .version("v2"))
        #expect(kind != .delay(milliseconds: 700))
    }

    @Test func `What is no condition is told to whoever asks, and kept as it came by whoever reads`() throws {
        let json = try JSON(parsing: #"{"abort":503,"only":"cookie=x"}"#)
        #expect(throws: WireError.self) { try FaultKind(asked: WireFields(json, page: "test")) }
        let read = try FaultKind(WireFields(json, page: "test"))
        #expect(!read.isKnown && read.json == json)
    }
}
