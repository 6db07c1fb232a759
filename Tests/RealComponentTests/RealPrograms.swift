import DemoMesh
import Dispatch
import Foundation
import Glibc
import Testing

/// The real programs that these tests run. One that is missing is a failure, not a reason to skip.
enum RealPrograms {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    /// The program of this package, which is built beside the tests.
    static func gameday() throws -> String { try beside("gameday") }

    /// A program of this package by its name.
    static func beside(_ name: String) throws -> String {
        let path = try directoryOfTests() + "/" + name
        guard access(path, X_OK) == 0 else { throw Missing(description: "\(path) is not built") }
        return path
    }

    static func envoy() throws -> EnvoyBinary {
        try EnvoyBinary(
            named: nil, environment: ProcessInfo.processInfo.environment, programDirectory: directoryOfTests(),
            currentDirectory: "/")
    }

    /// A new directory of its own for a demo.
    static func directory() throws -> String {
        let path = "/tmp/gameday-real-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private static func directoryOfTests() throws -> String {
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }
}

extension RealPrograms {
    /// Does what blocks on a thread of its own: the few that tests share would answer nobody meanwhile.
    static func aside<Answer: Sendable>(_ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
        }
    }

    /// Runs a program to its end, with both its outputs as one text. Throws in a test that is out of time.
    static func run(
        _ words: [String], _ environment: [String: String], in folder: String
    ) async throws -> (status: Int32, output: String) {
        try Task.checkCancellation()
        return try await aside {
            let process = Process()
            process.executableURL = URL(filePath: words[0])
            process.arguments = Array(words.dropFirst())
            process.environment = environment
            process.currentDirectoryURL = URL(filePath: folder)
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let said = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: said, as: UTF8.self))
        }
    }
}
