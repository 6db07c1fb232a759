internal import MeshModel

/// The fault of an Istio virtual service, as `chaosistio` hands it over. What Istio would refuse is refused here too, and
/// nothing is guessed: half a fault would be another one than its author meant.
struct IstioFaultBlock {
    private let block: Value

    /// Of a call to one of the functions that set a fault.
    init(function: String, arguments: Value) {
        func part(_ name: String, _ value: Value?) -> Value {
            var fields = Fields([(name, value ?? .null)])
            // As in the extension: None is no percentage.
            if let percentage = arguments["percentage"], !percentage.isNull {
                fields["percentage"] = ["value": percentage]
            }
            return .mapping(fields)
        }
        block =
            switch function {
            case "add_delay_fault": ["delay": part("fixedDelay", arguments["fixed_delay"])]
            case "add_abort_fault": ["abort": part("httpStatus", arguments["http_status"])]
            default: arguments["fault"] ?? .null
            }
    }

    /// What it does to requests, and to which share of them.
    func faults() throws(ActivityEnd) -> [(kind: FaultKind, share: Double)] {
        guard let parts = block.fields, !parts.isEmpty else { throw Self.refusal("a fault needs a delay or an abort") }
        var faults: [(FaultKind, Double)] = []
        for (name, part) in parts.entries {
            switch name {
            case "delay":
                try Self.check(part, name, knows: ["fixedDelay", "percentage", "percent"])
                faults.append((try Self.delay(part["fixedDelay"]), try Self.share(part, name)))
            case "abort":
                try Self.check(part, name, knows: ["httpStatus", "percentage", "percent"])
                faults.append((try Self.abort(part["httpStatus"]), try Self.share(part, name)))
            default: throw Self.refusal("unknown fault '\(name)': gameday has Istio's delay and abort")
            }
        }
        return faults
    }

    private static func check(_ part: Value, _ name: String, knows: [String]) throws(ActivityEnd) {
        guard let fields = part.fields else { throw refusal("\(article(name)) must be a mapping") }
        if let other = fields.keys.first(where: { !knows.contains($0) }) {
            throw refusal("unknown key '\(other)' in \(article(name)); gameday knows \(knows.joined(separator: ", "))")
        }
    }

    private static func delay(_ value: Value?) throws(ActivityEnd) -> FaultKind {
        guard let text = value?.text, let seconds = Quantity.seconds(text), seconds >= 0.001, seconds <= 1e6 else {
            throw refusal("invalid delay \(shown(value)): write a text such as 5s or 200ms")
        }
        return .delay(milliseconds: Int((seconds * 1_000).rounded()))
    }

    private static func abort(_ value: Value?) throws(ActivityEnd) -> FaultKind {
        guard case .integer(let status) = value, (200...599).contains(status) else {
            throw refusal("invalid http status \(shown(value)): write a whole number from 200 to 599")
        }
        return .abort(status: status)
    }

    /// `percentage: {value: 5}`, or `percent: 5` of older versions. Without either Istio's fault hits no request, and was
    /// said to hit all in its early days: what is meant is for the author to say.
    private static func share(_ part: Value, _ name: String) throws(ActivityEnd) -> Double {
        guard let percentage = part["percentage"] else {
            guard let percent = part["percent"] else {
                throw refusal("\(article(name)) has no percentage, which hits no request in Istio: write 100 for all")
            }
            guard case .integer = percent else {
                throw refusal("invalid percent \(shown(percent)): write a whole number")
            }
            return try NativeArguments.share(percent, of: 100, "percent", by: module)
        }
        guard percentage.fields?.keys == ["value"], let value = percentage["value"] else {
            throw refusal("invalid percentage \(shown(percentage)): write {\"value\": 5} for 5%")
        }
        return try NativeArguments.share(value, of: 100, "percentage", by: module)
    }

    private static let module = "chaosistio"
    private static func article(_ name: String) -> String { (name == "abort" ? "an " : "a ") + name }
    private static func shown(_ value: Value?) -> String { NativeArguments.shown(value) }
    private static func refusal(_ why: String) -> ActivityEnd { .failed("\(module): \(why)") }
}
