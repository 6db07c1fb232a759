import ArgumentParser
import CCurl
import Foundation

/// The baseline as a process of its own: asks for every page of a file once a second with a bare libcurl loop.
struct BareLoopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bare-loop", shouldDisplay: false)

    @Option var urls: String
    @Option var slots: Int
    @Option var seconds: Int

    func run() throws {
        raiseDescriptorLimit()
        let pages = try String(contentsOfFile: urls, encoding: .utf8).split(separator: "\n").map(String.init)
        let loop = BareCurlLoop(urls: pages, slots: slots)
        for _ in 0..<2 { _ = loop.round() }
        let (processor, start) = (ProcessUsage.own, monotonic_microseconds())
        var (polls, bytes) = (0, 0)
        for _ in 0..<seconds {
            let round = loop.round()
            polls += round.polls
            bytes += round.bytes
        }
        let used = ProcessUsage.own - processor
        print("\(used) \(Double(monotonic_microseconds() - start) / 1e6) \(polls) \(bytes)")
    }

    /// What a run of it in another process measured.
    struct Result {
        var processor: Double
        var seconds: Double
        var polls: Double
        var bytes: Double
        var perPoll: Double { processor / polls * 1e6 }
    }

    static func measure(urls: String, slots: Int, seconds: Int) throws -> Result {
        let program = try ChildProgram([
            "bare-loop", "--urls", urls, "--slots", "\(slots)", "--seconds", "\(seconds)",
        ])
        let numbers = try program.line().split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 4 else { throw BenchError("the bare loop says nothing that makes sense") }
        return Result(processor: numbers[0], seconds: numbers[1], polls: numbers[2], bytes: numbers[3])
    }
}
