import ArgumentParser
import Foundation
import Glibc
import MeshModel
import Recording

/// How much room the recording of a day takes, beside a film of the same day: the bar's whole tour on real sidecars,
/// with the dashboard open on a pty of 120x40 that asciinema records.
struct TourBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "tour", abstract: "The room that ten minutes of the bar need, beside asciinema's film of them.",
        discussion: "Not among `all`, for it takes as long as the tour. Needs asciinema and Envoy.")

    @OptionGroup var options: BenchOptions
    @Option(help: ArgumentHelp("A folder to keep the recording and the film in.", valueName: "folder"))
    var keep: String?
    @Option(help: "Customers a second.") var rate = 40.0

    func measure(seconds: Int) async throws -> [Figure] {
        guard let asciinema = Programs.installed("asciinema") else { throw BenchError("asciinema is not installed") }
        let folder = try ScratchFolder()
        let film = folder.path + "/tour.cast"
        let environment = [
            "HOME": folder.path, "XDG_STATE_HOME": folder.path, "XDG_RUNTIME_DIR": folder.path,
            "XDG_DATA_HOME": folder.path, "TERM": "xterm-256color", "LANG": "C.UTF-8", "SHELL": "/bin/sh",
        ]
        let socket = folder.path + "/gameday.sock"
        let gameday = try Programs.gameday()
        tellProgress("tour: ten minutes of the bar")
        let tour = try ChildProgram(
            [
                "tether", "--", gameday, "demo", "--tour", "--auto", "--no-dashboard", "--socket", socket,
                "--rate", "\(rate)",
            ],
            environment: environment, log: folder.path + "/demo.log")
        let demo = Int32(try tour.line()) ?? 0
        try await Self.wait(for: 30, "the bar does not open") { access(socket, F_OK) == 0 }
        let screen = try PtyProgram(
            [asciinema, "rec", "-q", "-c", "\(gameday) --socket \(socket)", film],
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, columns: 120, rows: 40)
        let start = ContinuousClock.now
        // It ends by itself when the last experiment is over; a day that does not is no tour.
        while kill(demo, 0) == 0, ContinuousClock.now - start < .seconds(1500) { screen.drain(for: .seconds(1)) }
        screen.end()
        tour.end()
        return try figures(folder.path + "/gameday/recordings", film: film)
    }

    private func figures(_ folder: String, film: String) throws -> [Figure] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        guard names.count == 1, let name = names.first, name.hasSuffix(RecordingFormat.packedSuffix) else {
            throw BenchError("there is no recording, or it is not whole: \(names)")
        }
        let reader = try RecordingReader(path: folder + "/" + name)
        let runs = reader.story().last.experiments
        guard reader.isComplete, runs.count > 5, runs.allSatisfy({ $0.endedAt != nil }) else {
            throw BenchError("the tour was not played to its end")
        }
        if let keep {
            for (from, to) in [(folder + "/" + name, "tour.jsonl.bz3"), (film, "tour.cast")] {
                try? FileManager.default.removeItem(atPath: "\(keep)/\(to)")
                try FileManager.default.copyItem(atPath: from, toPath: "\(keep)/\(to)")
            }
        }
        func kilobytes(_ path: String) throws -> Double {
            Double(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0) / 1000
        }
        let (ours, theirs) = (try kilobytes(folder + "/" + name), try kilobytes(film))
        let plain = Double(reader.bytesWhenPlain) / 1000
        let span = String(format: "%.0f s, %d experiments", reader.duration, runs.count)
        return [
            Figure("tour", "asciinema's film of the dashboard", theirs, "KB", note: span),
            Figure(
                "tour", "the recording, while the day goes on", plain, "KB",
                ratios: [.init(plain, to: theirs, "asciinema")]),
            Figure(
                "tour", "the recording of the day", ours, "KB", ratios: [.init(ours, to: theirs, "asciinema")],
                aim: "a tenth of asciinema"),
        ]
    }

    private static func wait(for seconds: Int, _ failure: String, until isThere: () -> Bool) async throws {
        for _ in 0..<seconds * 10 {
            if isThere() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BenchError(failure)
    }
}
