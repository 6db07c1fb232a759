import ArgumentParser
import CCurl
import Foundation
import Glibc
import MeshClient
import MeshModel

/// What polling a fleet once a second costs: this process's own CPU time a poll, from libcurl to samples, beside a bare
/// libcurl loop over the same pages. The pages come from another process.
struct PollBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll", abstract: "CPU time of one poll of one proxy, beside a bare libcurl loop.")

    @Option(help: "How many proxies.") var targets = 1000
    @Option(help: "Seconds to measure, for each row.") var seconds = 8
    @Flag(help: "One JSON object instead of a table.") var json = false

    /// One row of the table.
    private struct Row {
        var name: String
        var microseconds: Double
        var polls: Int
    }

    func run() async throws {
        raiseDescriptorLimit()
        let server = Process()
        let (output, input) = (Pipe(), Pipe())
        server.executableURL = URL(filePath: "/proc/self/exe")
        server.arguments = ["page-server"]
        (server.standardOutput, server.standardInput) = (output, input)
        try server.run()
        defer { server.terminate() }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = line.trimmingCharacters(in: .whitespacesAndNewlines)
        let bases = (0..<targets).map { "http://127.1.\($0 / 250).\($0 % 250 + 1):\(port)" }
        let urls = bases.map { $0 + "/stats?format=json&usedonly&histogram_buckets=detailed&filter=x" }

        var rows = [row("bare libcurl, all at once", urls, slots: 1), row("bare libcurl, 10 slots", urls, slots: 10)]
        rows.append(try await fleetRow(bases))
        rows.append(await memoryRow())
        report(rows)
    }

    private func row(_ name: String, _ urls: [String], slots: Int) -> Row {
        let loop = BareCurlLoop(urls: urls, slots: slots)
        for _ in 0..<2 { _ = loop.round() }
        let before = processorSeconds()
        var polls = 0
        for _ in 0..<seconds { polls += loop.round().polls }
        return Row(name: name, microseconds: (processorSeconds() - before) / Double(polls) * 1e6, polls: polls)
    }

    private func fleetRow(_ bases: [String]) async throws -> Row {
        let endpoints = bases.enumerated().map { EnvoyEndpoint(admin: $1, service: ServiceName("service-\($0)")) }
        let fleet = EnvoyFleet(endpoints, transport: try CurlTransport())
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let polling = Task { await fleet.run(into: continuation) }
        defer { polling.cancel() }
        var polls = 0
        var start: (time: ContinuousClock.Instant, cpu: Double)?
        let begin = ContinuousClock.now
        for await turn in turns {
            let now = ContinuousClock.now
            if let start {
                polls += turn.observations.reduce(0) { if case .traffic = $1 { $0 + 1 } else { $0 } }
                if now - start.time >= .seconds(seconds) {
                    let used = processorSeconds() - start.cpu
                    return Row(name: "gameday, 1 Hz", microseconds: used / Double(max(1, polls)) * 1e6, polls: polls)
                }
            } else if now - begin >= .seconds(2.5) {
                start = (now, processorSeconds())
            }
        }
        return Row(name: "gameday, 1 Hz", microseconds: .nan, polls: 0)
    }

    /// Decoding and sampling alone: the same pages from memory, no network.
    private func memoryRow() async -> Row {
        let pages = (1...8).map { Array(PageServer.page($0).utf8) }
        let transport = MemoryTransport(pages: pages)
        let endpoints = (0..<100).map { EnvoyEndpoint(admin: "http://memory", service: ServiceName("service-\($0)")) }
        let fleet = EnvoyFleet(endpoints, transport: transport, interval: .milliseconds(20))
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let before = processorSeconds()
        let polling = Task { await fleet.run(into: continuation) }
        defer { polling.cancel() }
        var polls = 0
        for await turn in turns {
            polls += turn.observations.count
            if polls >= 10_000 { break }
        }
        let name = "decoding and sampling a page of \(pages[0].count) bytes"
        return Row(name: name, microseconds: (processorSeconds() - before) / Double(polls) * 1e6, polls: polls)
    }

    private func report(_ rows: [Row]) {
        if json {
            let fields = rows.map { #"{"row":"\#($0.name)","microseconds":\#($0.microseconds),"polls":\#($0.polls)}"# }
            print("[" + fields.joined(separator: ",") + "]")
        } else {
            for row in rows {
                print(String(format: "%8.1f µs a poll  %7d polls  ", row.microseconds, row.polls) + row.name)
            }
        }
    }

    private func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Answers at once from memory, page after page.
private struct MemoryTransport: HTTPTransport {
    let pages: [[UInt8]]

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        HTTPResponse(status: 200, body: pages[0])
    }

    func answers(to batch: [HTTPRequest]) -> AsyncStream<[HTTPAnswer]> {
        let page = pages[Int(monotonic_microseconds() / 20_000) % pages.count]
        return AsyncStream { continuation in
            continuation.yield(
                batch.indices.map { HTTPAnswer(place: $0, result: .success(HTTPResponse(status: 200, body: page))) })
            continuation.finish()
        }
    }

    func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
        throw .refused("memory")
    }
}
