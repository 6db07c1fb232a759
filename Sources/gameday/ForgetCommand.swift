import ArgumentParser
import Glibc
import MeshClient
import MeshModel

/// `gameday forget`: gives up a fault whose end can't be proven.
struct ForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Give up a fault whose removal cannot be confirmed.",
        discussion: """
            For a fault that is stuck, or in another mesh, when its proxy is gone for good. Removal is tried once more; what a proxy \
            still shows is never forgotten. Who gave it up, and its last known state, is recorded.

              gameday faults
              gameday forget F1
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Argument(help: ArgumentHelp("Id of a fault, such as F1.", valueName: "id"))
    var id: String

    @Flag(help: "Do not ask for confirmation; for scripts.")
    var yes = false

    mutating func run() async throws {
        let client = try location.client()
        if !yes { try await ask(client) }
        let id = id
        let fault = try await asking { () async throws(ControlPlaneError) in
            try await client.forget(id, by: Environment.user)
        }
        let word = fault.ending?.rawValue ?? fault.phase.word
        Output.line("\(fault.id) is \(word): \(fault.explanation ?? "")")
    }

    /// The id is to be typed again: a key pressed too often must not do it.
    private func ask(_ client: ControlPlaneClient) async throws {
        guard isatty(0) == 1 else {
            throw ValidationError("No terminal to ask for confirmation. Use --yes to give \(id) up without it.")
        }
        let status = try await asking { () async throws(ControlPlaneError) in try await client.status() }
        let known = (status["faults"]?.array ?? []).filter { $0["id"]?.string == id }
        for fault in known { Output.line(FaultsCommand.sentence(fault)) }
        Output.line("Its removal is not confirmed: a proxy that comes back may still hold it.")
        Output.line("Type \(id) to give it up:")
        guard Output.answer()?.trimmed == id else {
            Output.error("gameday: nothing was given up")
            throw ExitCode.failure
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        let isSpace = { (character: Character) in character.isWhitespace }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
