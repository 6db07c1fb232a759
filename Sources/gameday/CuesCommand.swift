import ArgumentParser
import DemoMesh
import FoundationEssentials
import Glibc

/// `gameday cues`: the cue sheet of the bar, for the terminal that the audience does not see.
struct CuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cues", abstract: "Print the cue sheet of the bar's tour.",
        discussion: """
            What to say, what to press and what to look at, with times for about ten minutes. With --follow, Enter shows \
            one cue at a time, and how late you are.
            """)

    @Argument(help: "Which tour.")
    var name = TourName.bar

    @Flag(help: "Show one cue at a time; Enter shows the next.")
    var follow = false

    func run() async throws {
        let tour = name.tour
        let folders = BarExperiment.folders(environment: ProcessInfo.processInfo.environment)
        let folder = folders.last ?? "(the folder that `gameday demo` prints)"
        guard follow else {
            for line in tour.sheet(folder: folder) { Output.line(line) }
            return
        }
        let clock = ContinuousClock()
        let begin = clock.now
        var planned = 0
        for (number, cue) in tour.cues.enumerated() {
            for line in Tour.lines(of: cue, number: number + 1, at: planned, folder: folder) { Output.line(line) }
            planned += cue.seconds
            let next = number + 1 < tour.cues.count ? tour.cues[number + 1].title : "the end"
            Output.line("      Enter  \(next)")
            guard await TerminalLines.next() else { return }
            let late = Int((clock.now - begin) / .seconds(1)) - planned
            Output.line("      \(abs(late)) s \(late > 0 ? "late" : "early")\n")
        }
    }
}

/// A tour by its word.
enum TourName: String, CaseIterable, ExpressibleByArgument {
    case bar, fallacies

    var tour: Tour {
        switch self {
        case .bar: .bar
        case .fallacies: .fallacies
        }
    }
}

/// Lines that a person types.
enum TerminalLines {
    /// Waits for Enter; false when there is nobody to press it, or the task was cancelled.
    static func next() async -> Bool {
        while !Task.isCancelled {
            var typed = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&typed, 1, 0) > 0 else {
                try? await Task.sleep(for: .milliseconds(50))
                continue
            }
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            guard count > 0 else { return false }
            if bytes[..<count].contains(0x0A) { return true }
        }
        return false
    }
}
