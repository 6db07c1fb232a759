import MeshModel
import TestKit
import Testing

@testable import Experiments

/// What is taken out of what leaves a run, and what is not.
@Suite struct RedactionTests {
    private func redaction(_ secrets: String...) -> Redaction {
        let redaction = Redaction()
        redaction.learn(secrets)
        return redaction
    }

    @Test(arguments: ["hunter2", "pa$$ w\"o'rd/+&<>", "gr\u{FC}\u{DF}e-\u{4E16}", "a b c d e f g", "%41%42c"])
    func `a secret goes in every form`(secret: String) {
        let hidden = redaction(secret)
        for form in SecretForms.plain(of: secret) where form.utf8.count >= 4 {
            #expect(hidden("before \(form) behind") == "before *** behind", "\(form)")
        }
    }

    @Test func `in Base64 it goes wherever it begins, with all of the text`() {
        let hidden = redaction("open sesame")
        for name in ["", "u:", "me:", "you:", "their:"] {
            let packed = String(decoding: Base64.encoded(Array((name + "open sesame").utf8)), as: UTF8.self)
            #expect(hidden("Basic \(packed)==.") == "Basic ***.")
        }
        #expect(Base64.decoded("b3BlbiBzZXNhbWU=").map { String(decoding: $0, as: UTF8.self) } == "open sesame")
    }

    @Test func `the longer of two secrets goes first`() {
        #expect(redaction("hunter2", "hunter2-and-more")("say hunter2-and-more, or hunter2") == "say ***, or ***")
    }

    @Test func `lines and words of a secret go by themselves, short ones and plain words don't`() {
        let hidden = redaction("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\nBgkqh9\ncorrect horse batterystaple1")
        #expect(hidden("it said MIIEvQIBADAN here") == "it said *** here")
        #expect(hidden("batterystaple1") == "***")
        #expect(hidden("a correct horse and BgkqhX PRIVATE") == "a correct horse and BgkqhX PRIVATE")
    }

    @Test func `what is too short to guard stays`() {
        #expect(redaction("abc")("abc abcd") == "abc abcd")
    }

    @Test func `numbers, names of fields and lists are looked through`() {
        let hidden = redaction("8642097531", "sesame-open")
        let value: Value = [
            "pin": 8_642_097_531, "list": ["x sesame-open"], "sesame-open": true, "name": "sesame", "port": 8642,
        ]
        #expect(
            hidden(value).equals([
                "pin": "***", "list": ["x ***"], "***": true, "name": "sesame", "port": 8642,
            ]))
    }

    @Test func `addresses lose their credentials and headers theirs`() {
        let hidden = Redaction()
        #expect(hidden("GET http://me:open@sesame@host:80/x?y failed") == "GET http://***@host:80/x?y failed")
        #expect(hidden("mail me@host, see http://host/@me") == "mail me@host, see http://host/@me")
        #expect(hidden("> Authorization: Bearer abc\n> Accept: x") == "> Authorization: ***\n> Accept: x")
        #expect(hidden(#"{"X-Api-Key": "abc", "b": 1}"#) == #"{"X-Api-Key": "***", "b": 1}"#)
        #expect(hidden("{'Cookie': 'a=b; c=d', 'e': 'f'}") == "{'Cookie': '***', 'e': 'f'}")
        #expect(hidden("Authorization: Bearer ${token}") == "Authorization: Bearer ${token}")
        #expect(
            hidden(["Set-Cookie": "a=bc", "Authorization": "Bearer ${token}", "Accept": "x"] as Value).equals([
                "Set-Cookie": "***", "Authorization": "Bearer ${token}", "Accept": "x",
            ]))
    }

    @Test func `what a document says outright is found, and what it refers to is not`() throws {
        let document = try ExperimentDocument(
            source: "x.yaml",
            text: """
                title: t
                secrets: {g: {one: first-secret, two: {type: env, key: SECOND_NAME}}}
                method:
                  - provider:
                      type: http
                      url: "https://user:third%2Dsecret@host/?access_token=fourth-secret&page=5"
                      headers: {authorization: "Basic bWU6ZmlmdGgtc2VjcmV0", X-Api-Key: "${two}"}
                      arguments: {password: sixth-secret, token_type: bearer-type}
                  - provider: {type: process, arguments: [--token, seventh-secret, --file, plain-file]}
                  - provider: {type: process, arguments: "-H 'x' --api-key=eighth-secret -n name-of-it"}
                """, format: .yaml)
        let hidden = Redaction(document, environment: ["MY_TOKEN": "ninth-secret", "TOKEN_FILE": "/etc/token/file"])
        let ordinals = ["first", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
        for ordinal in ordinals { #expect(hidden("\(ordinal)-secret") == "***", "\(ordinal)") }
        for plain in ["SECOND_NAME", "bearer-type", "plain-file", "name-of-it", "/etc/token/file"] {
            #expect(hidden(plain) == plain)
        }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `no secret is left, whatever stands around it`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let secret = generator.text(4...20)
            let hidden = redaction(secret)
            let text = generator.text(0...30) + secret + generator.text(0...30)
            #expect(!hidden(text).contains(secret), "\(secret) in \(text)")
        }
    }
}

extension SeededGenerator {
    fileprivate mutating func text(_ lengths: ClosedRange<Int>) -> String {
        let letters = Array("abAB01 \"'\\/+%&=:@{}\n\u{E9}\u{4E16}")
        return String(
            (0..<Int.random(in: lengths, using: &self)).map { _ in letters.randomElement(using: &self) ?? "a" })
    }
}
