import ArgumentParser
import ChildPrograms
import Experiments
import FileWriting
import FoundationEssentials
import Glibc
import MeshClient
import Recording

/// `gameday report`: tells journals to people, one or many in one document.
struct ReportCommand: AsyncParsableCommand, ActingCommand, ToolkitCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write a report of one or many journals.",
        discussion: """
            markdown and html need nothing else; pdf needs pandoc with a PDF engine. Journals of `chaos` and of gameday.

              gameday report --export-format=html journal.json report.html
            """)

    @Option(help: ArgumentHelp("The title of the report.", valueName: "text")) var title: String?

    @Option(help: "markdown, html, html5 or pdf.") var exportFormat = "markdown"

    @Argument(help: ArgumentHelp("Journals, and the report to write as the last one.", valueName: "files"))
    var files: [String]

    @OptionGroup(title: "Options of Chaos Toolkit, before or after the command") var toolkit: ToolkitOptions

    func validate() throws {
        guard ["markdown", "md", "html", "html5", "pdf"].contains(exportFormat) else {
            throw ValidationError("'\(exportFormat)' is not one of markdown, html, html5 or pdf")
        }
        guard files.count > 1 else { throw ValidationError("name at least one journal, and the report to write") }
    }

    func run() async throws {
        try toolkit.move()
        let journals = try files.dropLast().map(read)
        let path = files.last ?? "report.md"
        let report = JournalReport(journals: journals, title: title)
        switch exportFormat {
        case "html", "html5": try write(report.html, to: path)
        case "pdf": try await makePDF(report.markdown, path)
        default: try write(report.markdown, to: path)
        }
        Output.line("Report generated as '\(path)'")
    }

    private func read(_ path: String) throws -> Value {
        let text: String
        do { text = try FileContent.readText(path) } catch { throw ExitCode.unavailable("gameday: \(path): \(error)") }
        guard let journal = ValueText.value(json: text), journal["experiment"]?.fields != nil else {
            throw ExitCode.badDocument("gameday: \(path) is not a journal of a run")
        }
        return journal
    }

    private func write(_ text: String, to path: String) throws {
        do { try WritingPlace(path).write(Array(text.utf8)) } catch { throw error.told }
    }

    private func makePDF(_ markdown: String, _ path: String) async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let pandoc = ExecutableSearch(environment: environment).find("pandoc") else {
            throw ExitCode.unavailable(
                "gameday: a PDF needs pandoc, which is not in PATH. Install it, or write --export-format=html.")
        }
        let source = "\(path).\(getpid()).md"
        try write(markdown, to: source)
        defer { unlink(source) }
        let command = ChildCommand(
            path: pandoc, arguments: [pandoc, source, "-f", "gfm", "-o", path], environment: environment,
            timeout: .seconds(300))
        guard case .finished(let status, _, let err) = await ChildProcesses().run(command), status == 0 else {
            throw ExitCode.unavailable(
                "gameday: pandoc made no PDF. It needs a PDF engine such as weasyprint.")
        }
        if !err.isEmpty { Output.error(String(decoding: err, as: UTF8.self)) }
    }
}
