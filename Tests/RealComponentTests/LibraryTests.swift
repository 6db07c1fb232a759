import Foundation
import MeshClient
import MeshModel
import TestKit
import Testing

/// The library as others take it: the program that the manual shows is built with the tests, and run.
@Suite(.timeLimit(.minutes(2))) struct LibraryTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL

    @Test func `The manual shows the program that is built`() throws {
        let manual = try String(
            contentsOf: Self.root.appending(path: "Sources/gameday/Topics/api.md"), encoding: .utf8)
        let program = try String(
            contentsOf: Self.root.appending(path: "Tests/LibraryExample/Example.swift"), encoding: .utf8)
        #expect(manual.contains("```swift\n\(program)```"))
    }

    @Test func `It observes a real Envoy, and begins and ends a fault there`() async throws {
        let transport = try CurlTransport()
        let taps = try StubServer { _, connection in connection.respond(body: "beer") }
        let envoy = try await EnvoyProcess(upstream: taps.port, transport: transport)
        let program = try RealPrograms.beside("library-example")
        let words = try await RealPrograms.aside { [admin = envoy.admin] in
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(filePath: program)
            process.arguments = [admin]
            process.standardOutput = output
            try process.run()
            let words = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: words, as: UTF8.self)
        }
        #expect(words.contains("held: true\nended: true\n"), "\(words)")
        let page = try await envoy.send("GET", "/runtime").body
        #expect(!String(decoding: page, as: UTF8.self).contains("edge.taps.delay"))
    }

    @Test func `What can't be read is told with its line`() {
        #expect {
            try MeshConnection(yaml: "proxies:\n  - admin: ftp://a")
        } throws: { error in
            "\(error)".hasPrefix("line 2: invalid URL for admin")
        }
        #expect {
            try MeshConnection(yaml: "{}")
        } throws: { error in
            "\(error)".contains("missing 'proxies'")
        }
    }
}
