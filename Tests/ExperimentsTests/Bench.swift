import ChildPrograms
import Foundation
import MeshClient
import TestKit
import Testing

@testable import Experiments

/// A folder with files, and commands that are run in it: ours, and Chaos Toolkit's own.
final class Bench: Sendable {
    let folder: URL
    static let python = ProcessInfo.processInfo.environment["GAMEDAY_PYTHON"] ?? "/usr/bin/python3"
    static let chaos = ProcessInfo.processInfo.environment["GAMEDAY_CHAOS"] ?? "/usr/bin/chaos"

    struct End: Sendable {
        var status: Int
        var out: String
        var err: String
    }

    init(_ files: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
        for (name, text) in files { try write(name, text) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func text(_ name: String) -> String { FileContent.text(of: path(name)) ?? "" }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func write(_ name: String, _ text: String) throws {
        let place = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: place, atomically: true, encoding: .utf8)
    }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: path(name)) }

    /// Runs a program in the folder, with the folder as home and as place of Python's modules.
    func run(_ program: String, _ arguments: [String], _ more: [String: String] = [:]) async -> End {
        let environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "PYTHONPATH": folder.path,
            "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", "GAMEDAY_PYTHON": Self.python,
            "XDG_RUNTIME_DIR": folder.path,
        ].merging(more) { $1 }
        let command = ChildCommand(
            path: "/bin/sh", arguments: ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path, program] + arguments,
            environment: environment, timeout: .seconds(120))
        guard case .finished(let status, let out, let err) = await ChildProcesses().run(command) else {
            return End(status: -1, out: "", err: "it did not end")
        }
        return End(status: status, out: String(decoding: out, as: UTF8.self), err: String(decoding: err, as: UTF8.self))
    }

    func gameday(_ arguments: String..., with more: [String: String] = [:]) async -> End {
        await run(BuiltProgram.path("gameday"), arguments, more)
    }

    func chaos(_ arguments: String..., with more: [String: String] = [:]) async -> End {
        await run(Self.chaos, ["--no-version-check"] + arguments, more)
    }
}
