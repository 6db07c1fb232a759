import ArgumentParser
import Recording

/// `gameday verify FILE`: is a recording what its writer wrote?
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that a recording is what was written.",
        discussion: """
            A recording seals itself every two minutes, a large mesh's more often: each seal is a SHA-256 over the \
            seal before it and the lines since. Exits with 0 when every line is vouched for, and with 1 when not. A seal shows what was changed by \
            accident or afterwards in part; it is no signature.
            """)

    @OptionGroup var recording: RecordingFile

    mutating func run() async throws {
        let found = try recording.open().verified()
        Output.line("\(recording.file): \(found.events) events in \(found.lines) lines, \(found.seals) seals fit")
        for lines in found.broken { Output.line("changed: lines \(lines.lowerBound) to \(lines.upperBound)") }
        if found.unreadable > 0 { Output.line("not readable: \(found.unreadable) lines") }
        if found.torn > 0 { Output.line("torn: the last \(found.torn) bytes are no whole line") }
        if found.unsealed > 0 { Output.line("not sealed: the last \(found.unsealed) lines") }
        if !found.isComplete { Output.line("not closed: its writer died, or is still writing") }
        Output.line(found.isSound ? "sound" : "NOT SOUND")
        if !found.isSound { throw ExitCode.failure }
    }
}
