import Foundation
import Glibc

/// A program that was run to its end: how long it took, what it and all its children cost, and its peak memory.
struct TimedProgram {
    /// Milliseconds on the clock.
    var wall: Double
    /// Milliseconds of CPU.
    var processor: Double
    /// The largest resident set of the program or one of its children, in MB.
    var peak: Double

    /// Runs it with nothing to read, and its output nowhere. A program that fails is no measurement.
    init(_ words: [String], environment: [String: String] = [:]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var variables: [UnsafeMutablePointer<CChar>?] = all.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        let start = ContinuousClock.now
        var process: pid_t = 0
        guard posix_spawnp(&process, words[0], &actions, nil, &arguments, &variables) == 0 else {
            throw BenchError("\(words[0]) can't be started")
        }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
        wall = (ContinuousClock.now - start) / .milliseconds(1)
        guard status == 0 else { throw BenchError("\(words.joined(separator: " ")) ended with status \(status)") }
        let time = { (value: timeval) in Double(value.tv_sec) * 1_000 + Double(value.tv_usec) / 1_000 }
        processor = time(usage.ru_utime) + time(usage.ru_stime)
        peak = Double(usage.ru_maxrss) / 1_024
    }

    /// The median of several runs, each number for itself.
    static func median(of runs: Int, _ words: [String]) throws -> TimedProgram {
        let all = try (0..<runs).map { _ in try TimedProgram(words) }
        var median = all[0]
        median.wall = all.map(\.wall).quantile(0.5)
        median.processor = all.map(\.processor).quantile(0.5)
        median.peak = all.map(\.peak).quantile(0.5)
        return median
    }
}
