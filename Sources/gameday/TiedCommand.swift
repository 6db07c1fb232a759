import ArgumentParser
import DemoMesh

/// Runs a program that dies with its parent.
struct TiedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tied", abstract: "Run a program that dies with its parent.", shouldDisplay: false)

    @Argument(help: "The process id that the parent must have.")
    var parent: Int32

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String] = []

    func run() throws {
        throw ExitCode(Tie.become(command, of: parent))
    }
}
