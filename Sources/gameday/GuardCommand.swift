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

    @Option(help: "The life in that ledger which it guards.")
    var life: Int

    @Option(help: "The process to outlive; it beats on standard input.")
    var parent: Int32

    mutating func run() async throws {
        Guardian.detach()
        let parent = parent
        let guardian = Guardian(
            ledger: ledger, life: life, injector: try MeshAccess.injectors(), isOrphaned: { getppid() != parent })
        let line = GuardLine(0)
        await guardian.run { await line.listen() }
    }
}
