import ArgumentParser
import CCurl
import MeshClient
import MeshModel

/// What polling a fleet once a second costs: this process's own CPU time a poll, from libcurl to samples, beside a bare
/// libcurl loop over the same pages. The pages come from another process.
struct PollBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "polls", abstract: "CPU time of one poll of one proxy, beside a bare libcurl loop.")

    @OptionGroup var options: BenchOptions
    @Option(help: "How many proxies.") var targets = 1000

    /// One row of the table.
    private struct Row {
        var name: String
        var microseconds: Double
        var polls: Int
    }

    func measure(seconds: Int) async throws -> [Figure] {
        raiseDescriptorLimit()
        let server = try ChildProgram(["page-server"])
        let port = try server.line()
        let bases = (0..<targets).map { "http://127.1.\($0 / 250).\($0 % 250 + 1):\(port)" }
        let urls = bases.map { $0 + "/stats?format=json&usedonly&histogram_buckets=detailed&filter=x" }

        tellProgress("polls: bare libcurl, then our client, \(targets) proxies each")
        let atOnce = row("bare libcurl, all at once", urls, slots: 1, seconds: seconds)
        let spread = row("bare libcurl, 10 slots", urls, slots: 10, seconds: seconds)
        let own = try await fleetRow(bases, seconds: seconds)
        let memory = await memoryRow()
        server.end()
        return [atOnce, spread, own, memory].map { row in
            let ratio = Figure.Ratio(row.microseconds, to: spread.microseconds, spread.name)
            return Figure(
                "polls", row.name, row.microseconds, "µs", ratios: row.name == own.name ? [ratio] : [],
                note: "\(row.polls) polls")
        }
    }

    private func row(_ name: String, _ urls: [String], slots: Int, seconds: Int) -> Row {
        let loop = BareCurlLoop(urls: urls, slots: slots)
        for _ in 0..<2 { _ = loop.round() }
        let before = ProcessUsage.own
        var polls = 0
        for _ in 0..<seconds { polls += loop.round().polls }
        return Row(name: name, microseconds: (ProcessUsage.own - before) / Double(polls) * 1e6, polls: polls)
    }

    private func fleetRow(_ bases: [String], seconds: Int) async throws -> Row {
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
                    let used = ProcessUsage.own - start.cpu
                    return Row(name: "gameday, 1 Hz", microseconds: used / Double(max(1, polls)) * 1e6, polls: polls)
                }
            } else if now - begin >= .seconds(2.5) {
                start = (now, ProcessUsage.own)
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
        let before = ProcessUsage.own
        let polling = Task { await fleet.run(into: continuation) }
        defer { polling.cancel() }
        var polls = 0
        for await turn in turns {
            polls += turn.observations.count
            if polls >= 10_000 { break }
        }
        let name = "decoding and sampling a page of \(pages[0].count) bytes"
        return Row(name: name, microseconds: (ProcessUsage.own - before) / Double(polls) * 1e6, polls: polls)
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
