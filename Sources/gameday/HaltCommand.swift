import ArgumentParser
import MeshClient
import MeshModel

/// `gameday halt`: undoes everything, everywhere, and latches.
struct HaltCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "halt",
        abstract: "Remove every fault, everywhere, at once; no fault can start until you run `gameday rearm`.",
        discussion: """
            Reads every proxy back and prints its proof. Exits with 0 only when every fault is confirmed removed or \
            ended with its proxy; with 1 when a proxy that may hold one did not answer. Removal is retried every second.
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Option(help: ArgumentHelp("The reason, for the timeline.", valueName: "text"))
    var reason = "from the command line"

    @Flag(name: .long, help: "Wait until the counters of every clean proxy have been flat for three polls.")
    var wait = false

    @Flag(help: "Print the proofs as JSON.")
    var json = false

    mutating func run() async throws {
        let client = try location.client()
        let halt = try await asking { () async throws(ControlPlaneError) in
            try await client.halt(by: Environment.user, reason: reason)
        }
        let left = try await asking { () async throws(ControlPlaneError) in try await client.openFaults() }
        let flat = wait ? await Self.flatPolls(after: halt, client) : [:]
        if json {
            Output.json(halt.json)
        } else {
            Self.show(halt, flat)
        }
        guard left.isEmpty else { throw Self.failure(left) }
    }

    /// Names the faults whose end is not proven, and gives the exit code for it.
    static func failure(_ left: [Fault]) -> ExitCode {
        for fault in left {
            Output.error("gameday: \(fault.id) on \(fault.edge) is \(fault.phase.word): \(fault.explanation ?? "")")
        }
        if let stuck = left.first(where: { $0.phase == .stuck }) {
            Output.error(
                "Retrying every second. If its proxy is gone for good, the fault ends after its lease. "
                    + "Run `gameday forget \(stuck.id)` to give it up.")
        }
        return .failure
    }

    /// A sheet of more lines than this tells of what is not clean only.
    private static let longestSheet = 50

    /// The proof sheet: each proxy in a line, those that are not clean first.
    static func show(_ halt: Halt, _ flat: [String: Int] = [:], at now: Timestamp = .now) {
        let unproven = halt.proofs.filter { !$0.isClean }
        Output.line("\(halt.proofs.count - unproven.count) of \(halt.proofs.count) proxies verified clean")
        for proof in unproven {
            let why = Output.short(proof.explanation ?? "not confirmed", to: 160)
            let source = Output.short(proof.source)
            if let since = proof.unheardSince {
                let seconds = Int64(clamping: max(0, now.seconds(since: since)))
                let age = seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min"
                Output.line("\(source): NOT READ BACK: unreachable for \(age), no known fault there: \(why)")
            } else {
                Output.line("\(source): NOT CLEAN: \(why)")
            }
        }
        guard halt.proofs.count <= longestSheet else { return }
        for proof in halt.proofs where proof.isClean {
            let polls = flat[proof.source].map { ", counters flat for \($0) polls" } ?? ""
            Output.line("\(Output.short(proof.source)): verified clean\(polls)")
        }
    }

    /// For how many polls the counters of each clean proxy stood still; at most some fifteen seconds are waited for it.
    private static func flatPolls(after halt: Halt, _ client: ControlPlaneClient) async -> [String: Int] {
        let sources = halt.proofs.filter(\.isClean).map(\.source)
        var state = MeshState()
        var begun: Timestamp?
        for await element in client.feed() {
            guard case .event(let event) = element else { continue }
            state.apply(event)
            begun = begun ?? event.at
            let flat = state.watch.flatPolls
            let isProven = sources.allSatisfy { (flat[$0] ?? 0) >= Watch.provingPolls }
            if isProven || !state.isHalted || begun.map({ event.at.seconds(since: $0) > 15 }) == true { break }
        }
        return state.watch.flatPolls.filter { sources.contains($0.key) }
    }
}
