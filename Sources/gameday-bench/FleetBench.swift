import ArgumentParser
import Foundation
import MeshClient
import MeshModel
import Synchronization

/// What a whole control plane costs that watches a fleet, beside a bare libcurl loop over the same pages and, where it
/// is installed, a Prometheus that scrapes the same numbers. One after the other, each alone with the simulated fleet.
struct FleetBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "A control plane on a fleet, beside a bare libcurl loop and a Prometheus.",
        discussion: """
            All three ask the same simulated proxies once a second, over connections that are kept. The bare loop asks \
            a tenth of them each tenth of a second, as the control plane does, and drops what it hears; the control \
            plane decodes, folds, records, and tells every event to one reader.
            """)

    @OptionGroup var options: BenchOptions
    @Option(help: "How many proxies; without it 1,000, then 10,000 without the Prometheus.") var services: Int?

    func measure(seconds: Int) async throws -> [Figure] {
        raiseDescriptorLimit()
        if let services { return try await Self.measure(services, seconds: seconds) }
        return try await Self.measure(1000, seconds: seconds) + Self.measure(10_000, seconds: seconds)
    }

    private static func measure(_ services: Int, seconds: Int) async throws -> [Figure] {
        let group = "fleet of \(services)"
        let fleet = try SimulatedProxies(services: services)
        let pages = await fleet.polledPages()
        let folder = try ScratchFolder()
        let urls = try folder.write(pages.joined(separator: "\n"), as: "urls")
        tellProgress("fleet: a bare libcurl loop over \(services) pages")
        let bare = try BareLoopCommand.measure(urls: urls, slots: min(10, max(1, services / 50)), seconds: seconds)
        tellProgress("fleet: a control plane on the same")
        let own = try await controlPlane(on: fleet, seconds: seconds)
        let prometheus =
            services <= 5000
            ? try await Self.prometheus(on: fleet, page: pages.first ?? "", in: folder, seconds: seconds) : nil
        var ratios = [Figure.Ratio(own.cost.perPoll, to: bare.perPoll, "the bare loop")]
        if let prometheus { ratios.append(.init(own.cost.perPoll, to: prometheus.perPoll, "Prometheus")) }
        var figures = [
            Figure(
                group, "bare libcurl loop, a poll", bare.perPoll, "µs",
                note: "\(Int(bare.bytes / bare.polls)) bytes a page; \(made(bare.polls, of: services, bare.seconds))"),
            Figure(
                group, "control plane, a poll", own.cost.perPoll, "µs", ratios: ratios,
                aim: "1.2 x the bare loop, a third of Prometheus",
                note: made(own.cost.polls, of: services, own.cost.seconds)),
            Figure(
                group, "control plane, of a core", own.cost.processor / own.cost.seconds * 100, "%", aim: "under 60"),
            Figure(group, "control plane, resident", own.cost.resident, "MB", aim: "under 500"),
            Figure(group, "all proxies heard after", own.heard, "s", aim: "two polls"),
            Figure(
                group, "recording, a minute", own.recorded, "MB", aim: "under 4 for 5,000",
                note: "packed as the day goes on"),
        ]
        if let prometheus {
            figures += [
                Figure(
                    group, "Prometheus, a scrape", prometheus.perPoll, "µs",
                    note: made(prometheus.polls, of: services, prometheus.seconds)),
                Figure(group, "Prometheus, resident", prometheus.resident, "MB"),
            ]
        }
        return figures
    }

    /// Whether it kept up with once a second.
    private static func made(_ polls: Double, of services: Int, _ seconds: Double) -> String {
        String(format: "%.1f %% of the polls due were made", polls / (seconds * Double(services)) * 100)
    }

    private static func prometheus(
        on fleet: SimulatedProxies, page: String, in folder: ScratchFolder, seconds: Int
    ) async throws -> ProgramCost? {
        guard let path = Programs.installed("prometheus") else { return nil }
        tellProgress("fleet: a Prometheus on the same")
        let program = try await PrometheusProgram(path, fleet: fleet, page: page, folder: folder)
        return try await program.measure(seconds: seconds)
    }

    /// What a control plane costs, after how many seconds it had heard all proxies, and the megabytes that it records a
    /// minute once the first of them, which tell of each proxy what it is, are over.
    private static func controlPlane(
        on fleet: SimulatedProxies, seconds: Int
    ) async throws -> (cost: ProgramCost, heard: Double, recorded: Double) {
        let program = try await ControlPlaneProgram(settings: fleet.settings)
        let counter = ReportCounter()
        let feed = program.client.feed(watcher: nil)
        let reading = Task {
            for await element in feed {
                if case .event(let event) = element, case .traffic = event.observation { counter.count() }
            }
        }
        defer { reading.cancel() }
        let start = ContinuousClock.now
        try await program.waitUntilHeard(fleet.names.count)
        let heard = (ContinuousClock.now - start) / .seconds(1)
        // Checkpoints of a large mesh come each ten polls.
        try await Task.sleep(for: .seconds(12))
        let (before, recorded) = (ContinuousClock.now, program.recordedBytes)
        let cost = try await ProgramCost.measure(program.identifier, seconds: max(seconds, 20)) {
            Double(counter.total)
        }
        let minutes = (ContinuousClock.now - before) / .seconds(60)
        return (cost, heard, Double(program.recordedBytes - recorded) / 1e6 / minutes)
    }
}

/// What a program that polls has used over some seconds.
struct ProgramCost {
    var processor: Double
    var seconds: Double
    var polls: Double
    var resident: Double
    var perPoll: Double { processor / polls * 1e6 }

    /// Looks at a process twice; `polls` counts what it has asked by then.
    static func measure(
        _ process: Int32, seconds: Int, polls: () async throws -> Double
    ) async throws -> ProgramCost {
        let (before, asked) = (try ProcessUsage(of: process), try await polls())
        try await Task.sleep(for: .seconds(seconds))
        let (after, askedThen) = (try ProcessUsage(of: process), try await polls())
        return ProgramCost(
            processor: after.processor - before.processor, seconds: (after.at - before.at) / .seconds(1),
            polls: askedThen - asked, resident: try ProcessUsage.resident(process))
    }
}

/// Counts what one task hears, for another to read.
final class ReportCounter: Sendable {
    private let value = Mutex(0)

    var total: Int { value.withLock { $0 } }
    func count(_ more: Int = 1) { value.withLock { $0 += more } }
}
