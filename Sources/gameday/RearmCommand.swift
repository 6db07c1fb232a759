import ArgumentParser
import MeshClient

/// `gameday rearm`: takes the latch of a halt back.
struct RearmCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rearm", abstract: "Allow new faults to start after a halt.",
        discussion: "Nothing that was halted comes back by itself.")

    @OptionGroup var location: ControlPlaneLocation

    mutating func run() async throws {
        let client = try location.client()
        _ = try await asking { () async throws(ControlPlaneError) in try await client.rearm(by: Environment.user) }
    }
}
