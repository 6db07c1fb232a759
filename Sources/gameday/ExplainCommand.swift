import ArgumentParser
import MeshClient
import MeshModel

/// `gameday explain`: what protects an edge, as the caller's proxies are configured, and what acts on it now.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show what protects an edge: timeout, retries, circuit breaker, identity.",
        discussion: """
            Reads the configuration of the caller's proxies and prints it in sentences, with what acts at this moment \
            and the callee's versions. Exits with 69 when no proxy of the caller answers.

              gameday explain 'bar>taps'
              gameday explain bar taps
            """)

    @OptionGroup var location: ControlPlaneLocation

    @OptionGroup var edge: EdgeArgument

    @Flag(help: "Print the response of the API as JSON.")
    var json = false

    mutating func run() async throws {
        let client = try location.client()
        let edge = try edge.edge()
        let answer = try await asking { () async throws(ControlPlaneError) in try await client.protection(of: edge) }
        if json { return Output.line(answer.text) }
        let sentences = (answer["sentences"]?.array ?? []).compactMap(\.string)
        for sentence in sentences { Output.line(sentence) }
        if sentences.isEmpty {
            throw ExitCode.unavailable("gameday: no proxy of \(edge.from) answers for \(edge).")
        }
    }
}
