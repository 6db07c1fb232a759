import Foundation
import Glibc

/// What the kernel says that a process has used.
struct ProcessUsage {
    /// Seconds of processor time, user and system.
    var processor: Double
    var at = ContinuousClock.now

    init(of process: Int32) throws {
        // The name in parentheses may hold spaces; what is counted comes after it.
        let text = try Self.file("stat", of: process)
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw BenchError("/proc/\(process)/stat is not as proc(5) has it")
        }
        processor = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The processor time of this process itself, which is known more finely.
    static var own: Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Megabytes resident, shared pages in full.
    static func resident(_ process: Int32) throws -> Double {
        try megabytes("VmRSS:", in: file("status", of: process))
    }

    /// Megabytes resident, shared pages by the process's share in them.
    static func proportional(_ process: Int32) throws -> Double {
        try megabytes("Pss:", in: file("smaps_rollup", of: process))
    }

    /// Megabytes resident of memory that no file stands behind.
    static func anonymous(_ process: Int32) throws -> Double {
        try megabytes("Anonymous:", in: file("smaps_rollup", of: process))
    }

    private static func megabytes(_ name: String, in text: String) throws -> Double {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        guard let value = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else {
            throw BenchError("/proc tells no \(name)")
        }
        return value / 1024
    }

    /// The child of a process that runs this sub-command of ours.
    static func child(of parent: Int32, running command: String) -> Int32? {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.lazy.compactMap { Int32($0) }.first { process in
            guard let status = try? file("status", of: process), let line = try? file("cmdline", of: process) else {
                return false
            }
            return status.contains("\nPPid:\t\(parent)\n")
                && line.split(separator: "\0").dropFirst().first == command[...]
        }
    }

    private static func file(_ name: String, of process: Int32) throws -> String {
        try String(contentsOfFile: "/proc/\(process)/\(name)", encoding: .utf8)
    }
}

/// Lets this process, and those it starts, have as many connections as the machine allows.
func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
