import ArgumentParser
import ChildPrograms
import Experiments
import FoundationEssentials
import Glibc
import MeshClient

/// `gameday info`: which parts of Chaos Toolkit are here.
struct InfoCommand: AsyncParsableCommand, ToolkitCommand {
    /// What may be asked for.
    enum Target: String, CaseIterable, ExpressibleByArgument { case core, settings, extensions }

    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Show which Python, extensions and settings are used.",
        discussion: """
            core        versions, and the Python that runs extensions
            extensions  the extensions of that Python, and those that are native
            settings    the settings file as it is
            """)

    @Argument(help: "core, extensions or settings.") var target: Target

    @OptionGroup(title: "Options of Chaos Toolkit, before or after the command") var toolkit: ToolkitOptions

    func run() async throws {
        try toolkit.move()
        switch target {
        case .core: await core()
        case .extensions: await extensions()
        case .settings:
            let path = toolkit.settingsPath
            guard access(path, F_OK) == 0 else { return Output.line("No settings file found at \(path)") }
            do { Output.document(try FileContent.readText(path, upTo: FileContent.largestYAML) + "\n") } catch {
                throw ExitCode.badDocument("gameday: \(path): \(error)")
            }
        }
    }

    private func core() async {
        let python = PythonExtensions(environment: ProcessInfo.processInfo.environment)
        let facts = await python.facts()
        let rows: [(String, String)] = [
            ("NAME", "VERSION"), ("CLI", Gameday.version), ("Core library", RunOptions.libraryVersion),
            ("Python", facts["python"].map(ValueText.python) ?? "not found"),
            ("Python path", python.path ?? "-"), ("chaostoolkit-lib there", facts["chaoslib"]?.text ?? "not installed"),
        ]
        for (name, version) in rows { Output.line(Self.column(name, 24) + Self.column(version, 10)) }
    }

    private func extensions() async {
        let python = PythonExtensions(environment: ProcessInfo.processInfo.environment)
        let known = await python.facts()["extensions"]?.list ?? []
        var rows = [["NAME", "VERSION", "LICENSE", "DESCRIPTION"]]
        rows += known.map { one in ["name", "version", "license", "summary"].map { one[$0]?.text ?? "" } }
        rows += NativeExtension.all.map { native in
            let words = "\(native.functions.count) functions of \(native.modules.joined(separator: ", "))"
            return [native.package, "native", "", words]
        }
        for row in rows {
            let text = Self.column(row[0], 40) + Self.column(row[1], 10) + Self.column(row[2], 30) + row[3]
            Output.line(text.trimmedAtEnd)
        }
    }

    private static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
