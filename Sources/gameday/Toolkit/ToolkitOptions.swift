import ArgumentParser
import Experiments
import FoundationEssentials
import Glibc
import MeshClient

/// The global options of `chaos`, which each of its commands takes, before or behind its name.
struct ToolkitOptions: ParsableArguments {
    /// How lines of the log look on the terminal.
    enum Format: String, CaseIterable, ExpressibleByArgument { case string, json }

    static let defaultLog = "chaostoolkit.log"

    @Flag(help: "Show debug messages of extensions, and where each comes from.")
    var verbose = false

    @Flag(help: "Accepted for compatibility: gameday never looks for a newer version.")
    var noVersionCheck = false

    @Option(help: ArgumentHelp("Change to this directory first.", valueName: "dir"))
    var changeDir: String?

    @Flag(help: "Do not write a log file.")
    var noLogFile = false

    @Option(help: ArgumentHelp("The log file; lines are added to it.", valueName: "file"))
    var logFile = ToolkitOptions.defaultLog

    @Option(
        help: ArgumentHelp("The lowest level in the log file: debug, info, warning or error.", valueName: "level"),
        transform: level)
    var logFileLevel = LogRecord.Level.debug

    @Option(help: ArgumentHelp("Log lines on the terminal: string or json.", valueName: "format"))
    var logFormat = Format.string

    @Option(help: ArgumentHelp("The settings file.", valueName: "file"))
    var settings: String?

    /// Where the settings are.
    var settingsPath: String {
        settings ?? ToolkitSettings.path(environment: ProcessInfo.processInfo.environment)
    }

    /// The least that extensions must log to be heard at all.
    var lowestLevel: LogRecord.Level {
        if verbose { return .debug }
        return noLogFile ? .info : min(.info, logFileLevel)
    }

    /// Moves to the wanted directory, and returns the log: its path begins where the command did.
    func begin(_ command: String) throws -> ToolkitLog {
        let log = try openLog()
        log.record(LogRecord(.debug, String(repeating: "#", count: 79)))
        log.record(LogRecord(.debug, "Running command '\(command)'"))
        log.record(LogRecord(.debug, "Using settings file '\(settingsPath)'"))
        if let changeDir { log.record(LogRecord(.warning, "Moving to \(changeDir)")) }
        try move()
        return log
    }

    /// Moves to the wanted directory. Throws why that is not possible.
    func move() throws {
        guard let changeDir, chdir(changeDir) != 0 else { return }
        throw ValidationError("cannot change to '\(changeDir)': \(String(cString: strerror(errno)))")
    }

    /// What the settings file says; one that can't be read says nothing, as in the original.
    func readSettings(_ log: ToolkitLog) -> Value {
        do { return try ToolkitSettings.read(settingsPath) } catch {
            log.record(LogRecord(.error, error.message))
            Output.error("gameday: the settings are not used: \(error.message)")
            return .null
        }
    }

    private func openLog() throws -> ToolkitLog {
        let console = ToolkitLog.Console(
            level: verbose ? .debug : .info, isJSON: logFormat == .json, isVerbose: verbose,
            tellsRun: logFormat == .json || ToolkitArguments.isNamedAfterOriginal)
        guard !noLogFile else { return ToolkitLog(console: console, file: nil) }
        // A file that nobody named is nobody else's.
        let own = logFile == Self.defaultLog ? O_NOFOLLOW : 0
        let file = open(logFile, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | own, 0o600)
        guard file < 0 else { return ToolkitLog(console: console, file: (file, logFileLevel)) }
        let why = "cannot write the log '\(logFile)': \(String(cString: strerror(errno)))"
        // Where nobody asked for one, a folder that may not be written keeps nothing from being done.
        guard logFile == Self.defaultLog else { throw ValidationError(why) }
        return ToolkitLog(console: console, file: nil)
    }

    private static func level(_ name: String) throws -> LogRecord.Level {
        let known: [String: LogRecord.Level] = ["debug": .debug, "info": .info, "warning": .warning, "error": .error]
        guard let level = known[name] else {
            throw ValidationError("'\(name)' is not one of debug, info, warning or error")
        }
        return level
    }
}
