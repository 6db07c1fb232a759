import Foundation
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// Lists of servers that change while they are used.
@Suite(.timeLimit(.minutes(1))) struct DiscoveryTests {
    private func targets(_ text: String, port: UInt16? = nil) -> (targets: [FoundTarget]?, mistakes: [String]) {
        let log = SettingsMistakes()
        let list = TargetList(place: .file("/t.json"), service: "all", port: port, refresh: .seconds(1))
        let targets = FileSD.targets(text, in: "/t.json", of: list, log: log)
        return (targets, log.all.map { "\($0.line): \($0.message)" })
    }

    @Test func `JSON and YAML say the same, and labels tell service, address, version and zone`() throws {
        let json = """
            [{"targets": ["10.0.0.5:9901", "[::1]:9902"], "labels": {"job": "cart", "version": "v2", "zone": "a"}},
             {"targets": ["c:15090"], "labels": {"service": "menu", "job": "x", "__scheme__": "https", "admin": "c:9901"}},
             {"targets": ["d:1"]}]
            """
        let yaml = """
            - targets: [10.0.0.5:9901, "[::1]:9902"]
              labels: {job: cart, version: v2, zone: a}
            - targets:
                - c:15090
              labels:
                service: menu
                job: x
                __scheme__: https
                admin: c:9901
            - targets: [d:1]
            """
        let found = try #require(targets(json).targets)
        #expect(found == targets(yaml).targets)
        #expect(found.map(\.url) == ["http://10.0.0.5:9901", "http://[::1]:9902", "https://c:9901", "http://d:1"])
        #expect(found.map(\.service) == ["cart", "cart", "menu", "all"])
        #expect(found.map(\.version) == ["v2", "v2", nil, nil] && found.map(\.zone) == ["a", "a", nil, nil])
        #expect(targets("[]").targets == [])
        // The port of the metrics is not that of the admin page.
        #expect(
            targets(#"[{"targets": ["a:9090", "b"]}]"#, port: 9901).targets?.map(\.url) == [
                "http://a:9901", "http://b:9901",
            ])
    }

    @Test(arguments: [
        ("", "1: it is empty"), ("{}", "1: the list must be a list"), ("- 7", "1: a group must be a mapping"),
        ("\n- labels: {}", "2: a group needs 'targets'"), ("- targets: [a]", "1: invalid address 'a'"),
        ("- targets: [\"::1:5\"]", "1: invalid address '::1:5'"),
        ("- targets: [a:99999]", "1: invalid address 'a:99999'"),
        ("- targets: [a:1,\n   a:1]", "2: http://a:1 is listed twice"),
        ("- targets: [a:1]\n  labels: {x: [1]}", "2: a label must be a string"),
        ("- targets: [a:1]\n  labels: {__scheme__: ftp}", "2: the scheme 'ftp'"),
        ("- targets: [a:1]\n  target: [a:1]", "2: unknown key 'target' in a group"), ("- targets: [", "invalid YAML"),
        ("- targets: [\"u:p@h:1\"]", "invalid address 'u:p@h:1'"),
    ])
    func `A mistake is told with its line, and nothing is taken of a list that has one`(text: String, words: String) {
        let (targets, mistakes) = targets(text)
        #expect(targets == nil)
        #expect(mistakes.contains { $0.contains(words) }, "\(mistakes)")
    }

    @Test func `A file is read when it changes, and the last good list stays until there is another`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "targets-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let watch = TargetWatch(TargetList(place: .file(file), refresh: .seconds(1)))
        func write(_ text: String) throws { try text.write(toFile: file, atomically: true, encoding: .utf8) }
        let missing = await watch.look()
        #expect(missing.targets == nil && missing.trouble?.contains(file) == true)
        try write(#"[{"targets": ["a:1"]}]"#)
        #expect(await watch.look() == TargetWatch.Look(targets: [FoundTarget(url: "http://a:1")]))
        #expect(await watch.look() == TargetWatch.Look())
        try write("[{\"targets\":\n[\"a\"]}]")
        let broken = await watch.look()
        #expect(broken.targets == nil)
        #expect(broken.trouble == "\(file):2: invalid address 'a'; keeping the last valid list of 1")
        #expect(await watch.look() == broken, "it stays told")
        try FileManager.default.removeItem(atPath: file)
        #expect(await watch.look().trouble?.contains("keeping the last valid list") == true)
        try write(#"[{"targets": ["a:1", "b:1"]}]"#)
        #expect(await watch.look().targets?.count == 2)
        #expect(await watch.look().trouble == nil)
    }

    @Test func `A name is asked again, and a resolver that fails changes nothing`() async {
        let answer = Mutex<Result<[String], Addresses.Unknown>>(.success(["10.0.0.1", "[::1]"]))
        let list = TargetList(place: .name(host: "cart", port: 9901), service: "cart", refresh: .seconds(1))
        let watch = TargetWatch(list) { name throws(Addresses.Unknown) in
            #expect(name == "cart")
            return try answer.withLock { $0 }.get()
        }
        let first = await watch.look()
        #expect(first.targets?.map(\.url) == ["http://10.0.0.1:9901", "http://[::1]:9901"])
        #expect(first.targets?.map(\.service) == ["cart", "cart"])
        answer.withLock { $0 = .failure(Addresses.Unknown(cause: "no answer", isCertain: false)) }
        #expect(await watch.look() == TargetWatch.Look(trouble: "cart: no answer; keeping the last valid list of 2"))
        answer.withLock { $0 = .success(["10.0.0.2"]) }
        #expect(await watch.look().targets?.map(\.url) == ["http://10.0.0.2:9901"])
    }

    @Test func `The system's resolver knows this machine, and says when there is no such name`() throws {
        #expect(try Addresses.all(of: "localhost").contains { $0 == "127.0.0.1" || $0 == "[::1]" })
        #expect(try Addresses.all(of: "127.0.0.1") == ["127.0.0.1"])
        #expect(throws: Addresses.Unknown.self) { try Addresses.all(of: "no-such-host.invalid") }
    }
}
