import CursesTerminal
import Foundation
import TerminalCanvas

/// A program for the tests of the terminal: it shows a picture and the keys it gets, and crashes when asked. With the
/// argument `bench` it shows frames that differ in every cell and then says what one cost.
@main
struct TerminalProbe {
    private let terminal: CursesTerminal
    private var size = Size(0, 0)
    private var names: [String] = []
    private var theme = Theme.midnight

    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        if CommandLine.arguments.contains("bench") { return try await bench(environment) }
        let redirection = try environment["PROBE_LOG"].map { try StandardErrorRedirection(to: $0) }
        do {
            let options = CursesTerminal.Options(environment: environment, hasMouse: environment["PROBE_MOUSE"] != nil)
            var probe = TerminalProbe(terminal: try CursesTerminal(options))
            let status = await probe.run()
            await probe.terminal.close()
            redirection?.end()
            print("ended with \(status)")
            exit(status)
        } catch {
            print("no terminal: \(error)")
            exit(3)
        }
    }

    private mutating func run() async -> Int32 {
        size = await terminal.size
        show()
        for await key in terminal.keys {
            names.append(key.description)
            if let status = await handle(key) { return status }
            show()
        }
        return 6
    }

    private func show() {
        terminal.show(picture(size: size, glyphs: terminal.glyphs, keys: names), theme)
    }

    /// The exit status when the key ends the program.
    private mutating func handle(_ key: Key) async -> Int32? {
        switch key {
        case .character("q"): return 0
        case .signal: return ProcessInfo.processInfo.environment["PROBE_DEAF"] == nil ? 4 : nil
        case .resized(let now): size = now
        case .pasted(let text): names.append(text)
        case .control("z"): await terminal.suspend()
        case .character("l"): theme = theme == .midnight ? TerminalProbe.light : .midnight
        case .character("f"):
            for frame in (0..<8).map({ noise(size: size, $0) }) { terminal.show(frame, theme) }
        case .character("d"): names.append(await terminal.statistics.dropped > 0 ? "some dropped" : "none dropped")
        case .character("w"): FileHandle.standardError.write(Data("to the log\n".utf8))
        case .character(let letter): crash(letter)
        default: break
        }
        return nil
    }

    private func crash(_ letter: Character) {
        switch letter {
        case "t": _ = [Int]()[names.count]
        case "a": abort()
        case "s": kill(getpid(), SIGSEGV)
        case "e": exit(5)
        default: break
        }
    }

    private static var light: Theme {
        let document = ThemeDocument(
            name: "light", background: .light, inherits: "midnight",
            roles: ["text": Look(fg: .mixed(Color(0, 0, 0)))],
            grounds: ["base": Look(bg: .mixed(Color(255, 255, 255)))])
        return (try? Theme(document, inheritingFrom: .midnight)) ?? .midnight
    }

    /// Asks after each frame for the statistics, which come from the same thread, so that no frame is dropped.
    private static func bench(_ environment: [String: String]) async throws {
        let terminal = try CursesTerminal(.init(environment: environment))
        let size = await terminal.size
        let frames = (0..<8).map { noise(size: size, $0) }
        for number in 0..<2000 {
            terminal.show(frames[number % frames.count], .midnight)
            while await terminal.statistics.frames + terminal.statistics.dropped <= number {}
        }
        let statistics = await terminal.statistics
        await terminal.close()
        let micros = statistics.drawing / .microseconds(1) / Double(max(1, statistics.frames))
        print("\(statistics.frames) frames of \(size.columns)x\(size.rows), \(statistics.dropped) dropped")
        print("\(Int(micros)) us and \(statistics.bytes / max(1, statistics.frames)) bytes a frame")
    }
}
