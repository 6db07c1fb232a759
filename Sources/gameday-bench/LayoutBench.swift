import ArgumentParser
import Dashboard
import DemoMesh
import Foundation
import MeshModel

/// The layered layout of a service graph against that of graphviz: how long it takes, and how many lines cross.
struct LayoutBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "layout", abstract: "The graph's layout against graphviz `dot`, in the same run.")

    @OptionGroup var options: BenchOptions
    @Option(help: "A folder for the graphs in dot's language; they are gone with the run otherwise.") var keep: String?

    func measure(seconds: Int) async throws -> [Figure] {
        guard let dot = Programs.installed("dot") else {
            throw BenchError("no dot: install graphviz, or run .ci/setup bench")
        }
        var figures: [Figure] = []
        for (services, calls, limit) in [(100, 250, 2), (1000, 3000, 50)] {
            tellProgress("layout: \(services) services and \(calls) calls")
            figures += try compare(
                services: services, calls: calls, limit: limit, with: dot, for: .seconds(seconds) / 4)
        }
        return figures
    }

    private func compare(
        services: Int, calls: Int, limit: Int, with dot: String, for time: Duration
    ) throws -> [Figure] {
        var (own, others): ([Double], [Double]) = ([], [])
        var crossings = (own: 0, dot: 0)
        // One graph may suit either by luck.
        for seed in 1...3 as ClosedRange<UInt64> {
            let edges = RandomCalls.edges(services: services, calls: calls, seed: seed)
            let clock = ContinuousClock()
            let deadline = clock.now + time
            var order: LayeredOrder?
            repeat {
                own.append(
                    clock.measure { order = LayeredOrder(of: edges, entrance: RandomCalls.name(0)) } / .milliseconds(1))
            } while clock.now < deadline && own.count < 300
            crossings.own += order?.crossings ?? 0
            let picture = try DotPicture(of: edges, program: dot, keep: keep.map { "\($0)/\(services)-\(seed).dot" })
            others.append(picture.milliseconds)
            crossings.dot += picture.order.crossings
        }
        let what = "\(services) services, \(calls) calls"
        let (median, theirs) = (own.quantile(0.5), others.quantile(0.5))
        return [
            Figure(
                "layout", "\(what), time", median, "ms", ratios: [.init(median, to: theirs, "dot")],
                aim: "at most \(limit)", note: String(format: "p99 %.1f", own.quantile(0.99))),
            Figure(
                "layout", "\(what), crossings", Double(crossings.own), "",
                ratios: [.init(Double(crossings.own), to: Double(crossings.dot), "dot")], aim: "at most 1.1 x dot",
                note: "three graphs"),
        ]
    }
}

/// Calls among services as if drawn by lot: each is called by one before it, and the rest fall anywhere.
enum RandomCalls {
    static func name(_ number: Int) -> ServiceName { ServiceName("s\(number)") }

    static func edges(services: Int, calls: Int, seed: UInt64) -> [Edge] {
        var lot = SeededRandom(seed: seed)
        var edges = Set((1..<services).map { Edge(from: name(Int.random(in: 0..<$0, using: &lot)), to: name($0)) })
        while edges.count < calls {
            let callee = Int.random(in: 1..<services, using: &lot)
            edges.insert(Edge(from: name(Int.random(in: 0..<callee, using: &lot)), to: name(callee)))
        }
        return edges.sorted()
    }
}
