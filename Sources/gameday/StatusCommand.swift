import ArgumentParser
import MeshClient
import MeshModel
import TerminalCanvas

/// `gameday status`: what is observed now, for a person or for a script.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the current state.",
        discussion: """
            Rates, success and latencies cover the last five seconds. A dash means unknown, not zero.

            With --json it prints one object: session, mode, sources, services, edges, slos, faults, halted. Times are \
            seconds, ratios 0...1, and null is unknown:
              gameday status --json | jq '.edges[] | select(.successRatio < 0.9)'
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func run() async throws {
        let client = try location.client()
        let document = try await asking { () async throws(ControlPlaneError) in try await client.status() }
        if json { Output.json(document) } else { Self.show(document) }
    }

    private static func show(_ document: JSON) {
        let halted = document["halted"]?.bool == true ? ", HALTED" : ""
        Output.line("\(text(document["name"])) (\(text(document["mode"])))\(halted)")
        let sources = document["sources"]?.array ?? []
        let unheard = sources.filter { $0["state"]?.string != "fresh" }
        let proxies = sources.filter { SourceKind(rawValue: text($0["kind"])).tellsTraffic }
        let silent = proxies.count { $0["state"]?.string != "fresh" }
        Output.line("\(proxies.count) proxies, \(silent) of them stale")
        for source in unheard {
            let name = Output.short(text(source["name"]))
            Output.line("  \(name) \(text(source["state"])): \(Output.short(text(source["explanation"]), to: 160))")
        }
        for line in table("service", document["services"]?.array ?? [], name: { text($0["name"]) }) {
            Output.line(line)
        }
        for line in table(
            "edge", document["edges"]?.array ?? [], name: { "\(text($0["from"]))>\(text($0["to"]))" })
        {
            Output.line(line)
        }
        for slo in document["slos"]?.array ?? [] {
            let verdict = slo["met"]?.bool.map { $0 ? "holds" : "BROKEN" } ?? "unknown"
            Output.line("slo \(text(slo["name"])): \(verdict)\(budget(slo))")
        }
        for guardRail in document["guards"]?.array ?? [] { Output.line(GuardWords.line(guardRail)) }
        for fault in document["faults"]?.array ?? [] where !FaultsCommand.isOver(fault) {
            Output.line(FaultsCommand.sentence(fault))
        }
    }

    static func table(_ title: String, _ rows: [JSON], name: (JSON) -> String) -> [String] {
        guard !rows.isEmpty else { return [] }
        let names = rows.map { Output.short(name($0)) }
        let width = max(title.count, names.map { Text.width($0) }.max() ?? 0)
        let heads = ["req/s", "success", "p50 ms", "p95 ms", "p99 ms", "health"]
        let cells = rows.map { row in
            [
                number(row["requestRate"]), number(row["successRatio"], times: 100, unit: "%"),
                number(row["p50"], times: 1000), number(row["p95"], times: 1000), number(row["p99"], times: 1000),
                text(row["health"]),
            ]
        }
        // The latency of a stream that lasts an hour takes more room than others, and touches none.
        let widths = heads.indices.map { place in
            max(9, 2 + (cells.map { Text.width($0[place]) }.max() ?? 0))
        }
        return ([(title, heads)] + zip(names, cells)).map { name, cells in
            pad(name, width) + zip(cells, widths).map { pad($0, $1, .right) }.joined()
        }
    }

    /// `, burns 10s 20.6x 1m 14.4x 5m 4x, 98.8% of the budget left`; nothing of what is unknown.
    private static func budget(_ slo: JSON) -> String {
        let names = [10.0: "10s", 60: "1m", 300: "5m"]
        let burns = (slo["burn"]?.array ?? []).compactMap { burn -> String? in
            guard let window = burn["seconds"]?.double, let name = names[window], burn["rate"]?.double != nil else {
                return nil
            }
            return "\(name) \(number(burn["rate"], unit: "x"))"
        }
        let left = slo["budget"]?["left"]?.double
        return (burns.isEmpty ? "" : ", burn rate " + burns.joined(separator: " "))
            + (left.map { ", \(PlainWords.budgetLeft($0)) of the error budget left" } ?? "")
    }

    static func text(_ value: JSON?) -> String { value?.string ?? "-" }

    static func number(_ value: JSON?, times factor: Double = 1, unit: String = "") -> String {
        guard let value = value?.double else { return "-" }
        let tenths = (value * factor * 10).rounded() / 10
        return "\(tenths)\(unit)"
    }

    private static func pad(_ text: String, _ width: Int, _ side: Text.Alignment = .left) -> String {
        let space = String(repeating: " ", count: max(0, width - Text.width(text)))
        return side == .right ? space + text : text + space
    }
}
