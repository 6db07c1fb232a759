import ArgumentParser
import Recording

/// `gameday verify FILE`: is a recording what its writer wrote?
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify that a recording is unchanged.",
        discussion: """
            A recording gets a seal every two minutes, that of a large mesh more often: each seal is a SHA-256 over the \
            previous seal and the lines since. Exits with 0 when every line is verified, and with 1 when not. A seal shows changes made by \
            accident, or to part of a file; it is not a signature.
            """)

    @OptionGroup var recording: RecordingFile

    mutating func run() async throws {
        let found = try recording.open().verified()
        Output.line("\(recording.file): \(found.events) events in \(found.lines) lines, \(found.seals) seals match")
        for lines in found.broken { Output.line("changed: lines \(lines.lowerBound) to \(lines.upperBound)") }
        if found.unreadable > 0 { Output.line("unreadable: \(found.unreadable) lines") }
        if found.torn > 0 { Output.line("torn: the last \(found.torn) bytes are an incomplete line") }
        if found.unsealed > 0 { Output.line("not sealed: the last \(found.unsealed) lines") }
        if !found.isComplete { Output.line("not closed: its writer died, or is still writing") }
        Output.line(found.isSound ? "sound" : "NOT VERIFIED")
        if !found.isSound { throw ExitCode.failure }
    }
}
