import ArgumentParser
import MeshClient
import MeshModel

/// `gameday halt`: undoes everything, everywhere, and latches.
struct HaltCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halt",
        abstract: "Undo every fault, everywhere, at once; nothing may start until `gameday rearm`.",
        discussion: """
            Reads every proxy back and prints what each showed. Exits with 0 only when every fault was seen gone; with \
            1 when a proxy that may hold one did not answer. It is tried again until it does.
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Option(help: ArgumentHelp("Why, for the timeline.", valueName: "text"))
    var reason = "asked at the command line"

    @Flag(help: "Print the proofs as JSON.")
    var json = false

    mutating func run() async throws {
        let client = try location.client()
        let halt = try await asking { () async throws(ControlPlaneError) in
            try await client.halt(by: Environment.user, reason: reason)
        }
        let left = try await asking { () async throws(ControlPlaneError) in try await client.faults() }
            .filter { !$0.phase.isOver }
        if json {
            Output.json(halt.json)
        } else {
            Self.show(halt)
        }
        guard left.isEmpty else { throw Self.failure(left) }
    }

    /// Names the faults whose end is not proven, and gives the exit code for it.
    static func failure(_ left: [Fault]) -> ExitCode {
        for fault in left {
            Output.error("gameday: \(fault.id) on \(fault.edge) is \(fault.phase.rawValue): \(fault.explanation ?? "")")
        }
        return .failure
    }

    /// What the proxies showed: all clean in a line, or those that are not by name.
    static func show(_ halt: Halt) {
        let unproven = halt.proofs.filter { !$0.isClean }
        Output.line("\(halt.proofs.count - unproven.count) of \(halt.proofs.count) proxies seen clean")
        for proof in unproven {
            Output.line("\(Output.short(proof.source)): \(Output.short(proof.explanation ?? "not proven", to: 160))")
        }
    }
}
