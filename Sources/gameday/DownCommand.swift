import ArgumentParser
import Glibc
import MeshClient
import MeshModel

/// `gameday down`: undoes everything and ends the control plane.
struct DownCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Remove every fault and end the control plane.",
        discussion: """
            Exits with 0 when every fault is confirmed removed. What is not confirmed stays in the ledger: the guard \
            process retries for some minutes, and the next `gameday up` starts with it.
            """)

    @OptionGroup var location: ControlPlaneLocation

    mutating func run() async throws {
        let client = try location.client()
        // First a halt, so that it can still be asked what became of the faults.
        let halt = try await asking { () async throws(ControlPlaneError) in
            try await client.halt(by: Environment.user, reason: "the control plane is ending", isEnd: true)
        }
        let left = try await asking { () async throws(ControlPlaneError) in try await client.openFaults() }
        HaltCommand.show(halt)
        _ = try await asking { () async throws(ControlPlaneError) in
            try await client.shutdown(by: Environment.user)
        }
        // It has answered, and gives its socket up last: a matter of milliseconds, or of seconds when the disk that it
        // records to hangs.
        for _ in 0..<250 where access(location.path, F_OK) == 0 { try? await Task.sleep(for: .milliseconds(20)) }
        guard left.isEmpty else { throw HaltCommand.failure(left) }
    }
}
