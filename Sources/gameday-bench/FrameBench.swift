import ArgumentParser
import CursesTerminal
import Dashboard
import Foundation
import TerminalCanvas

/// What one frame of the dashboard takes: to take in what was heard since the last one, to draw it on a canvas, and to
/// make the terminal's bytes of it.
struct FrameBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "frame", abstract: "Time of the dashboard's update and draw, and of putting a frame.")

    @OptionGroup var options: BenchOptions
    @Option(help: "How many services the large mesh has.") var services = 1000

    func measure(seconds: Int) async throws -> [Figure] {
        var figures: [Figure] = []
        let meshes: [(String, Int?)] = [("the bar", nil), ("\(services) services", services)]
        for (name, count) in meshes {
            tellProgress("frame: watching \(name)")
            let mesh = try await ObservedMesh.observe(services: count)
            for size in [Size(200, 60), Size(120, 40)] {
                figures += Self.frames(of: mesh, name, size, limit: .seconds(seconds) / 4)
            }
            tellProgress("frame: showing \(name) on a terminal")
            figures.append(try Self.putting(name, count))
        }
        return figures
    }

    private static func frames(of mesh: ObservedMesh, _ name: String, _ size: Size, limit: Duration) -> [Figure] {
        var day = mesh.dashboard(size)
        var (updates, draws): ([Double], [Double]) = ([], [])
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while clock.now < deadline, draws.count < 1_000 {
            updates.append(clock.measure { day.goOn() } / .microseconds(1))
            var canvas: Canvas?
            draws.append(clock.measure { canvas = Screen.draw(day.state) } / .microseconds(1))
            precondition(canvas?.size == size)
        }
        let place = "\(name), \(size.columns)x\(size.rows)"
        let events = day.slots.map(\.count).max() ?? 0
        return [("update", updates, "of \(events) events, "), ("draw", draws, "")].map { part, times, what in
            Figure(
                "frame", "\(place), \(part)", times.quantile(0.5), "µs",
                note: String(format: "\(what)p99 %.0f µs, %d frames", times.quantile(0.99), times.count))
        }
    }

    private static func putting(_ name: String, _ services: Int?) throws -> Figure {
        let folder = try ScratchFolder()
        let result = folder.path + "/result"
        let size = services.map { ["--services", "\($0)"] } ?? []
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = try PtyProgram(
            [own, "show-frames", "--result", result] + size,
            environment: ["TERM": "xterm-256color", "LANG": "C.UTF-8"], columns: 200, rows: 60)
        program.drain(for: .seconds(30))
        program.end()
        let words = (try? String(contentsOfFile: result, encoding: .utf8)) ?? ""
        let numbers = words.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 3 else { throw BenchError("no frames were shown: \(words)") }
        return Figure(
            "frame", "\(name), 200x60, put by ncurses", numbers[0] / numbers[1], "µs",
            note: String(format: "mean of %.0f frames, %.0f bytes each", numbers[1], numbers[2] / numbers[1]))
    }
}

/// Shows a watched mesh on its terminal, frame after frame, and writes down what that took.
struct ShowFrames: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show-frames", shouldDisplay: false)

    @Option var services: Int?
    @Option var result: String

    func run() async throws {
        let mesh = try await ObservedMesh.observe(services: services)
        let terminal = try CursesTerminal(
            CursesTerminal.Options(environment: ProcessInfo.processInfo.environment))
        var day = mesh.dashboard(await terminal.size)
        for frame in 1...100 {
            day.goOn()
            terminal.show(Screen.draw(day.state, glyphs: terminal.glyphs), .midnight)
            // The next one would replace a frame that was not put yet.
            while await terminal.statistics.frames < frame { await Task.yield() }
        }
        let statistics = await terminal.statistics
        await terminal.close()
        let words = "\(statistics.drawing / .microseconds(1)) \(statistics.frames) \(statistics.bytes)"
        try words.write(toFile: result, atomically: true, encoding: .utf8)
    }
}
