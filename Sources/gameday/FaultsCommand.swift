import ArgumentParser
import MeshClient
import MeshModel

/// `gameday faults`: the faults of this session.
struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults", abstract: "List the faults of this session.",
        discussion: """
            A fault is requested, then configured when its proxy confirms it, active when requests were hit, \
            and removed when the proxy confirms its removal. Stuck means that the removal is not confirmed yet; it is \
            retried every second. Partial means that some of its proxies do not show it. Gone means that it ended with its proxy, forgotten that it was given up with `gameday forget`. \
            X1, X2 and so on are orphans: faults found in a proxy, not started here.
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Flag(name: .long, help: "Include faults that have ended.")
    var all = false

    @Flag(help: "Print one JSON list.")
    var json = false

    mutating func run() async throws {
        let client = try location.client()
        let status = try await asking { () async throws(ControlPlaneError) in try await client.status() }
        let faults = status["faults"]?.array ?? []
        let shown = all ? faults : faults.filter { !Self.isOver($0) }
        if json {
            Output.json(.array(shown))
        } else {
            for fault in shown { Output.line(Self.sentence(fault)) }
            for stray in status["elsewhere"]?.array ?? [] { Output.line(Self.elsewhere(stray)) }
        }
    }

    static func isOver(_ fault: JSON) -> Bool {
        fault["phase"]?.string.flatMap { FaultPhase(rawValue: $0) }?.isOver ?? false
    }

    /// One fault in a line; the id comes first, so that a script can cut it.
    static func sentence(_ fault: JSON) -> String {
        let edge = "\(StatusCommand.text(fault["from"]))>\(StatusCommand.text(fault["to"]))"
        let asked = StatusCommand.number(fault["asked"], times: 100, unit: "%")
        let seen = StatusCommand.number(fault["seen"], times: 100, unit: "%")
        let lease = fault["leaseRemaining"]?.double.map { ", \(Int($0.rounded())) s left" } ?? ""
        let why = fault["explanation"]?.string.map { " (\($0))" } ?? ""
        let only = fault["only"]?.string.map { "only \(Output.short($0, to: 80))" } ?? ""
        let kind = [StatusCommand.text(fault["kind"]), amount(fault), only].filter { !$0.isEmpty }.joined(
            separator: " ")
        let phase =
            fault["partial"]?.bool == true ? "partial" : fault["ending"]?.string ?? StatusCommand.text(fault["phase"])
        return
            "\(StatusCommand.text(fault["id"])) \(edge) \(kind) requested \(asked) observed \(seen) \(phase)\(lease)\(why)"
    }

    /// What another mesh left in the ledger of this socket.
    private static func elsewhere(_ stray: JSON) -> String {
        let fault = stray["fault"]
        let edge = "\(StatusCommand.text(fault?["from"]))>\(StatusCommand.text(fault?["to"]))"
        let mesh = [stray["mesh"], stray["settings"]].compactMap { $0?.string }.joined(separator: ", ")
        return "\(StatusCommand.text(fault?["id"])) \(edge) is in another mesh (\(mesh)); it is not counted here"
    }

    private static func amount(_ fault: JSON) -> String {
        guard let kind = fault["kind"]?.string.flatMap(FaultKindDescription.of) else {
            return fault["label"]?.string ?? "-"
        }
        guard let main = kind.mainField else { return "" }
        let further = kind.fields.filter { $0.name != kind.word }.compactMap { field -> String? in
            guard let figure = fault["amounts"]?[field.name] else { return nil }
            let usual = field.unit.figure(field.usual)
            if figure.double == usual.double, figure.string == usual.string { return nil }
            return "\(field.name) \(field.unit.words(figure: figure))"
        }
        return ([fault["amount"].map { main.unit.words(figure: $0) } ?? "-"] + further).joined(separator: ", ")
    }
}
