import ArgumentParser
import ControlPlane
import Glibc
import MeshClient

/// `gameday guard`: the process that undoes what a dead control plane left. The control plane starts it.
struct GuardCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "guard", abstract: "Remove the faults that a dead control plane left.", shouldDisplay: false)

    @Option(help: "The ledger of undos.")
    var ledger: String

    @Option(help: "The session in that ledger to guard.")
    var life: Int

    @Option(help: "The process to watch; its heartbeats arrive on standard input.")
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
