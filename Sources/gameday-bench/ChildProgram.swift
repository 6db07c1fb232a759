import ArgumentParser
import Foundation
import Glibc

/// One of our own hidden sub-commands in a process of its own. It ends when its standard input closes, so it is gone
/// with the measurement, however that ends.
final class ChildProgram {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()
    private var unread: [UInt8] = []

    init(_ arguments: [String], environment: [String: String] = [:], log: String? = nil) throws {
        process.executableURL = URL(filePath: "/proc/self/exe")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        (process.standardOutput, process.standardInput) = (output, input)
        if let log {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
            process.standardError = FileHandle(forWritingAtPath: log)
        }
        try process.run()
    }

    deinit { end() }

    var isRunning: Bool { process.isRunning }

    /// The next line that it prints.
    func line() throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw BenchError("\(process.arguments?.first ?? "a program") ended without a word")
            }
            unread += more
        }
    }

    /// Writes a line to it.
    func tell(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Closes its input and waits until it has ended.
    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// Runs any program and ends it when its own standard input closes. The first line it prints is the program's id.
struct Tether: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tether", shouldDisplay: false)

    @Argument(parsing: .postTerminator) var command: [String] = []

    func run() throws {
        let process = Process()
        process.executableURL = URL(filePath: command.first ?? "")
        process.arguments = Array(command.dropFirst())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.standardError
        try process.run()
        print(process.processIdentifier)
        fflush(nil)
        while !FileHandle.standardInput.availableData.isEmpty {}
        process.terminate()
        for _ in 0..<100 where process.isRunning { usleep(50_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}

/// A folder for the files of a measurement, gone when nobody holds it any more.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/gameday-bench-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw BenchError("no folder can be made in /tmp") }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file in it and returns its path.
    func write(_ text: String, as name: String) throws -> String {
        try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
        return path + "/" + name
    }
}

/// The programs that are measured.
enum Programs {
    /// The `gameday` that was built with this program.
    static func gameday() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(filePath: own).deletingLastPathComponent().appending(path: "gameday").path
        guard access(path, X_OK) == 0 else { throw BenchError("no \(path): build it with `swift build -c release`") }
        return path
    }

    /// A program that may be installed.
    static func installed(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
