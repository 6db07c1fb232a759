import ArgumentParser
import ControlPlane
import Glibc
import MeshClient

/// `gameday guard`: the process that undoes what a dead control plane left. The control plane starts it.
struct GuardCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "guard", abstract: "Undo what a dead control plane left.", shouldDisplay: false)

    @Option(help: "The ledger that says what to undo.")
    var ledger: String

    @Option(help: "The process to outlive; it beats on standard input.")
    var parent: Int32

    mutating func run() async throws {
        Guardian.detach()
        let parent = parent
        let guardian = Guardian(
            ledger: ledger, injector: try MeshAccess.injector(), isOrphaned: { getppid() != parent })
        await guardian.run { Guardian.listen(on: 0) }
    }
}
