import MeshModel
import TestKit
import Testing

/// `gameday contexts` shows what the kubeconfig knows, and none of its secrets.
@Suite(.timeLimit(.minutes(1))) struct ContextsTests {
    private let home: GamedayHome
    private var config: String { home.folder + "/config" }

    init() throws {
        home = try GamedayHome()
        home.write(
            """
            current-context: lab
            clusters:
            - {name: lab, cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: Z2VoZWlt}}
            - {name: far, cluster: {server: "https://ana:geheim@far.example"}}
            users:
            - {name: me, user: {token: geheim}}
            contexts:
            - {name: lab, context: {cluster: lab, user: me, namespace: bookinfo}}
            - {name: "a\\e[31m", context: {cluster: far, user: me}}
            - {name: lost, context: {cluster: nowhere, user: me}}

            """, to: "config")
    }

    private func run(_ words: String..., config: String) async throws -> GamedayHome.Outcome {
        try await home.run(program: GamedayHome.program, words, environment: ["KUBECONFIG=\(config)"])
    }

    @Test func `each context has its line, the current one a star, and nobody a secret`() async throws {
        let outcome = try await run("contexts", config: config)
        #expect(outcome.code == 0)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "   CONTEXT  SERVER                   NAMESPACE  USER")
        #expect(lines.contains("*  lab      https://10.0.0.1:6443    bookinfo   me"))
        #expect(lines.contains("   lost     unknown cluster          default    me"))
        #expect(lines.count == 4 && !outcome.output.contains("\u{1B}") && !outcome.output.contains("geheim"))
        let json = try await run("contexts", "--json", config: config)
        let document = try JSON(parsing: json.output)
        #expect(document["current"] == "lab" && document["contexts"]?.array?.count == 3)
        #expect(!json.output.contains("geheim") && !json.output.contains("Z2VoZWlt"))
    }

    @Test func `a file that can't be used ends with its line and 65, and none is told`() async throws {
        home.write("contexts: [\n", to: "broken")
        let broken = try await run("contexts", config: home.folder + "/broken")
        #expect(broken.code == 65 && broken.output.contains("\(home.folder)/broken:"))
        let none = try await run("contexts", config: "/nowhere")
        #expect(none.code == 0 && none.output.contains("No kubeconfig found"))
    }
}
