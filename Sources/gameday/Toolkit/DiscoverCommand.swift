import ArgumentParser
import ChildPrograms
import Experiments
import FileWriting
import FoundationEssentials
import Glibc
import MeshClient

/// `gameday discover`: writes down what an extension can do.
struct DiscoverCommand: AsyncParsableCommand, ActingCommand, ToolkitCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover", abstract: "Write down what an extension of Chaos Toolkit can do.",
        discussion: """
            Native extensions are described without Python, unless that has them. Others are installed with pip first, as \
            `chaos discover` does; --no-install only looks.
            """)

    @Argument(
        help: "The package, such as chaostoolkit-kubernetes.", completion: .list(NativeExtension.all.map(\.package)))
    var package: String

    @Flag(help: "Do not ask about the system that the extension acts on.") var noSystemInfo = false

    @Flag(help: "Do not install the package.") var noInstall = false

    @Option(help: ArgumentHelp("Where to write it.", valueName: "file")) var discoveryPath = "./discovery.json"

    @OptionGroup(title: "Options of Chaos Toolkit, before or after the command") var toolkit: ToolkitOptions

    func run() async throws {
        let log = try toolkit.begin("discover")
        defer { log.finish() }
        let environment = ProcessInfo.processInfo.environment
        let say: @Sendable (LogRecord) -> Void = { record in
            log.record(record)
            if let text = log.shown(record) { Output.error(text) }
        }
        let notifications = Notifications(
            settings: toolkit.readSettings(log), environment: environment,
            network: HTTPDoor { () throws(TransportError) in try CurlTransport() }, log: say)
        await notifications.send(.discoverStarted, .text(package))
        let python = PythonExtensions(environment: environment, level: toolkit.lowestLevel, log: say)
        var found = await python.discovery(
            of: package, asksSystem: !noSystemInfo, installs: !noInstall && NativeExtension(package: package) == nil)
        if case .failure = found, let native = NativeExtension(package: package) {
            found = .success(native.discovery)
        }
        switch found {
        case .success(let discovery):
            try write(discovery)
            say(LogRecord(.info, "Discovery outcome saved in \(discoveryPath)"))
            await notifications.send(.discoverCompleted, discovery)
            await notifications.close()
        case .failure(let failure):
            log.record(LogRecord(.critical, failure.message))
            Output.error("gameday: \(failure.message)")
            await notifications.send(.discoverFailed, .text(package), error: failure.message)
            await notifications.close()
            throw ExitCode.unavailable
        }
    }

    private func write(_ discovery: Value) throws {
        do {
            try WritingPlace(discoveryPath).write(Array(ValueText.json(discovery, indent: 2).utf8))
        } catch {
            throw error.told
        }
    }
}
