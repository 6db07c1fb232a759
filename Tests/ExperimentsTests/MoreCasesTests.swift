import Foundation
import TestKit
import Testing

@testable import Experiments

/// Corner cases of our own beside the conformance suite, in its format and packed into one file; what they expect was
/// recorded from the real Chaos Toolkit. They were drawn from some 870, found by comparing both side by side.
@Suite(.timeLimit(.minutes(5)), .serialized) struct MoreCasesTests {
    @Test func `every further case ends as in the original`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let cases = folder.appendingPathComponent("cases")
        let packed = try #require(try Fixture.json("more-cases.json").fields)
        #expect(packed.count > 200)
        for (name, files) in packed.entries {
            let place = cases.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for (file, text) in try #require(files.fields).entries {
                let path = place.appendingPathComponent(file)
                try Data((try #require(text.text)).utf8).write(to: path)
                if file.hasSuffix(".sh") {
                    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.path)
                }
            }
        }
        var failed = try await compare(cases, in: folder, ["--jobs", "2"])
        // A busy machine stretches the bounds of time: what fails among others is tried again alone.
        if !failed.isEmpty { failed = try await compare(cases, in: folder, failed.keys.sorted()) }
        #expect(failed.isEmpty, "\(failed.map { "\($0.key): \($0.value)" }.sorted().joined(separator: "\n"))")
    }

    /// The cases that fail, with the first difference.
    private func compare(_ cases: URL, in folder: URL, _ more: [String]) async throws -> [String: String] {
        let report = folder.appendingPathComponent("report.json").path
        let template = "\(BuiltProgram.path("gameday")) run --strict {flags} --journal-path {journal} {experiment}"
        let suite = Fixture.folder.appendingPathComponent("ConformanceSuite/compare.py").path
        let options = ["--json", report, "--pass-env", "GAMEDAY_PYTHON", "--cases", cases.path]
        let flags = more.first?.hasPrefix("--") == true ? more : []
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["python3", "-B", suite] + options + flags + [template] + (flags.isEmpty ? more : [])
        process.standardOutput = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let results = try JSONReader.value(of: String(contentsOfFile: report, encoding: .utf8)).list ?? []
        return results.reduce(into: [:]) { failed, one in
            guard let name = one["case"]?.text, let problem = one["problems"]?.list?.first?.text else { return }
            failed[name] = problem
        }
    }
}
