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
            plane decodes, folds, and tells every event to one reader.
            """)

    @OptionGroup var options: BenchOptions
    @Option(help: "How many proxies.") var services = 1000

    func measure(seconds: Int) async throws -> [Figure] {
        raiseDescriptorLimit()
        let fleet = try SimulatedProxies(services: services)
        let pages = await fleet.polledPages()
        let folder = try ScratchFolder()
        let urls = try folder.write(pages.joined(separator: "\n"), as: "urls")
        tellProgress("fleet: a bare libcurl loop over \(services) pages")
        let bare = try BareLoopCommand.measure(urls: urls, slots: min(10, max(1, services / 50)), seconds: seconds)
        tellProgress("fleet: a control plane on the same")
        let own = try await Self.controlPlane(on: fleet, seconds: seconds)
        let prometheus = try await Self.prometheus(on: fleet, page: pages.first ?? "", in: folder, seconds: seconds)
        var ratios = [Figure.Ratio(own.perPoll, to: bare.perPoll, "the bare loop")]
        if let prometheus { ratios.append(.init(own.perPoll, to: prometheus.perPoll, "Prometheus")) }
        var figures = [
            Figure(
                "fleet", "bare libcurl loop, a poll", bare.perPoll, "µs",
                note: "\(Int(bare.bytes / bare.polls)) bytes a page; \(made(bare.polls, bare.seconds))"),
            Figure(
                "fleet", "control plane, a poll", own.perPoll, "µs", ratios: ratios,
                aim: "1.5 x the bare loop, a third of Prometheus", note: made(own.polls, own.seconds)),
            Figure("fleet", "control plane, of a core", own.processor / own.seconds * 100, "%", aim: "under 35"),
            Figure("fleet", "control plane, resident", own.resident, "MB", aim: "under 200"),
        ]
        if let prometheus {
            figures += [
                Figure(
                    "fleet", "Prometheus, a scrape", prometheus.perPoll, "µs",
                    note: made(prometheus.polls, prometheus.seconds)),
                Figure("fleet", "Prometheus, resident", prometheus.resident, "MB"),
            ]
        }
        return figures
    }

    /// Whether it kept up with once a second.
    private func made(_ polls: Double, _ seconds: Double) -> String {
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

    private static func controlPlane(on fleet: SimulatedProxies, seconds: Int) async throws -> ProgramCost {
        let program = try await ControlPlaneProgram(settings: fleet.settings)
        let counter = ReportCounter()
        let feed = program.client.feed(watcher: nil)
        let reading = Task {
            for await element in feed {
                if case .event(let event) = element, case .traffic = event.observation { counter.count() }
            }
        }
        defer { reading.cancel() }
        try await program.waitUntilHeard(fleet.names.count)
        try await Task.sleep(for: .seconds(2))
        return try await ProgramCost.measure(program.identifier, seconds: seconds) { Double(counter.total) }
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
