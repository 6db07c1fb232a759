import ArgumentParser
import Glibc
import MeshClient
import MeshModel

/// `gameday fault`: starts one, changes it, and stops it.
struct FaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault", abstract: "Start, change, renew or stop a fault on an edge.",
        subcommands: [Start.self, Dial.self, Renew.self, Stop.self])
}

extension FaultCommand {
    /// `gameday fault start`: answers with the id once the proxy confirmed the fault.
    struct Start: AsyncParsableCommand, ActingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start a fault; prints only its id, once the proxy has confirmed it.",
            discussion: """
                A fault acts in the sidecar of the caller and hits a percentage of the requests to one callee. It has a \
                lease. It is removed when the lease expires, when it is stopped, at a halt, and whichever process dies.

                  gameday fault start --from bar --to taps --abort 503 --percent 50
                  gameday fault start --from bar --to taps --delay 200ms --percent 100 --lease 5m
                  gameday fault start --from bar --to taps --rate-limit 64 --percent 10

                The possible kinds depend on the proxies of the edge; others are refused, with the reason.
                """)

        @OptionGroup var location: ControlPlaneLocation

        @Option(help: ArgumentHelp("The caller.", valueName: "service"))
        var from: String

        @Option(help: ArgumentHelp("The callee.", valueName: "service"))
        var to: String

        @OptionGroup(title: "Kinds of fault, one of") var kind: FaultKindOptions

        @Option(
            help: ArgumentHelp("Percentage of requests to hit, such as 50 or 0.5 (half a percent).", valueName: "p"))
        var percent: String?

        @Option(help: ArgumentHelp("Lease: maximum lifetime, such as 30s or 5m.", valueName: "duration"))
        var lease = "1m"

        @Flag(name: .long, help: "Wait until the proxy has counted a request that was hit.")
        var wait = false

        @Flag(help: "Print the whole fault as JSON.")
        var json = false

        func validate() throws {
            _ = try request()
        }

        mutating func run() async throws {
            let client = try location.client()
            let request = try request()
            var fault = try await asking { () async throws(ControlPlaneError) in try await client.start(request) }
            let told = fault.explanation
            if wait { fault = try await untilActive(fault, client) }
            if json {
                Output.json(fault.json)
            } else {
                Output.line(fault.id)
                // How it differs from what was asked: a nearer step, or proxies that it does without.
                if let told { Output.error("gameday: \(fault.id): \(told)") }
            }
        }

        private func request() throws -> FaultRequest {
            let kind = try kind.kind()
            guard let percent = percent ?? (kind.description?.hasShare == false ? "100" : nil) else {
                throw ValidationError("Missing --percent <p>: the percentage of requests to hit, such as 50.")
            }
            guard let share = Quantity.share(percent: percent), share > 0 else {
                throw ValidationError("Invalid --percent '\(percent)': use a number above 0, at most 100.")
            }
            guard let seconds = Quantity.seconds(lease), seconds > 0 else {
                throw ValidationError("Invalid --lease '\(lease)': use a duration such as 30s or 5m.")
            }
            let edge = Edge(from: ServiceName(from), to: ServiceName(to))
            return FaultRequest(kind: kind, edge: edge, share: share, lease: seconds, by: Environment.user)
        }

        private func untilActive(_ fault: Fault, _ client: ControlPlaneClient) async throws -> Fault {
            for await element in client.feed() {
                guard case .event(let event) = element else { continue }
                let told: Fault? =
                    switch event.observation {
                    case .fault(let told) where told.id == fault.id: told
                    case .keyframe(let state): state.faults.last { $0.id == fault.id }
                    default: nil
                    }
                guard let told else { continue }
                // What nothing confirms never becomes more than accepted.
                if told.phase == .active || told.phase == .accepted && told.evidence == .asked { return told }
                if told.phase.isOver || told.phase == .reverting {
                    Output.error("gameday: \(told.id) is \(told.phase.word): \(told.explanation ?? "")")
                    throw ExitCode.failure
                }
            }
            return fault
        }
    }

    /// `gameday fault stop`: ends one, an orphan too.
    struct Stop: AsyncParsableCommand, ActingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop a fault; exits with 0 when its removal is confirmed.",
            discussion: """
                Takes the id that start printed, or that of an orphan, such as X1; or an edge, to stop every fault \
                on it. Stopping a fault twice is not an error.
                """)

        @OptionGroup var location: ControlPlaneLocation

        @Argument(help: ArgumentHelp("Id of a fault, such as F1.", valueName: "id"))
        var id: String?

        @Option(help: ArgumentHelp("The caller, instead of an id.", valueName: "service"))
        var from: String?

        @Option(help: ArgumentHelp("The callee, instead of an id.", valueName: "service"))
        var to: String?

        @Flag(help: "Print the fault as JSON.")
        var json = false

        func validate() throws {
            guard (id != nil) != (from != nil), (from == nil) == (to == nil) else {
                throw ValidationError("Give the id of a fault, or an edge with --from and --to.")
            }
        }

        mutating func run() async throws {
            let client = try location.client()
            var ids = id.map { [$0] } ?? []
            if let from, let to {
                let edge = Edge(from: ServiceName(from), to: ServiceName(to))
                let faults = try await asking { () async throws(ControlPlaneError) in try await client.faults() }
                ids = faults.filter { $0.edge == edge && !$0.phase.isOver }.map(\.id)
            }
            var end: ExitCode?
            for id in ids {
                do { try await stop(id, client) } catch let code as ExitCode { end = end ?? code }
            }
            if let end { throw end }
        }

        private func stop(_ id: String, _ client: ControlPlaneClient) async throws {
            let fault = try await asking { () async throws(ControlPlaneError) in
                try await client.stop(id, by: Environment.user)
            }
            if json { Output.json(fault.json) }
            guard !fault.phase.isOver else { return }
            Output.error("gameday: \(fault.id) is \(fault.phase.word): \(fault.explanation ?? "not confirmed yet")")
            throw ExitCode.failure
        }
    }
}
