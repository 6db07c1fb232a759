import ArgumentParser
import MeshClient
import MeshModel

extension FaultCommand {
    /// `gameday fault dial`: another share for a fault that stands.
    struct Dial: AsyncParsableCommand, ActingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change the percentage a fault hits; returns when its proxies confirm it.",
            discussion: "  gameday fault dial F1 --percent 5")

        @OptionGroup var location: ControlPlaneLocation

        @Argument(help: ArgumentHelp("Id of a fault, such as F1.", valueName: "id"))
        var id: String

        @Option(
            help: ArgumentHelp("Percentage of requests to hit, such as 50 or 0.5 (half a percent).", valueName: "p"))
        var percent: String

        @Flag(help: "Print the fault as JSON.")
        var json = false

        func validate() throws { _ = try share() }

        mutating func run() async throws {
            let (client, id, share) = (try location.client(), id, try share())
            let fault = try await asking { () async throws(ControlPlaneError) in
                try await client.change(id, FaultChange(share: share), by: Environment.user)
            }
            if json { Output.json(fault.json) }
        }

        private func share() throws -> Double {
            guard let share = Quantity.share(percent: percent), share > 0 else {
                throw ValidationError("Invalid --percent '\(percent)': use a number above 0, at most 100.")
            }
            return share
        }
    }

    /// `gameday fault renew`: a new lease for a fault that stands.
    struct Renew: AsyncParsableCommand, ActingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a fault a new lease, starting now.",
            discussion: "  gameday fault renew F1 --lease 5m")

        @OptionGroup var location: ControlPlaneLocation

        @Argument(help: ArgumentHelp("Id of a fault, such as F1.", valueName: "id"))
        var id: String

        @Option(help: ArgumentHelp("New lease: maximum lifetime from now, such as 30s or 5m.", valueName: "duration"))
        var lease: String

        @Flag(help: "Print the fault as JSON.")
        var json = false

        func validate() throws { _ = try seconds() }

        mutating func run() async throws {
            let (client, id, seconds) = (try location.client(), id, try seconds())
            let fault = try await asking { () async throws(ControlPlaneError) in
                try await client.change(id, FaultChange(lease: seconds), by: Environment.user)
            }
            if json { Output.json(fault.json) }
        }

        private func seconds() throws -> Double {
            guard let seconds = Quantity.seconds(lease), seconds > 0 else {
                throw ValidationError("Invalid --lease '\(lease)': use a duration such as 30s or 5m.")
            }
            return seconds
        }
    }
}
