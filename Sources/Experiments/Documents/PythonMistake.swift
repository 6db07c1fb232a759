internal import MeshModel

/// What is wrong with an activity in Python, in the words of Chaos Toolkit, and what to do about it.
struct PythonMistake: Equatable {
    var message: String
    var remedy: String

    init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    /// A module that the Python has not.
    init(_ message: String, absent module: String, from python: String) {
        let package = Self.packages[String(module.prefix { $0 != "." })]
        let install = package.map { "Run `\(python) -m pip install \($0)`" } ?? "Install it into \(python)"
        self.init(message, remedy: "\(install), correct the name, or choose another Python with GAMEDAY_PYTHON.")
    }

    /// A function that the module has not.
    init(_ message: String, wanted: String, has functions: [String]) {
        let near = Quantity.nearest(to: wanted, among: functions).map { "Did you mean '\($0)'? " } ?? ""
        let shown = functions.prefix(12).joined(separator: ", ") + (functions.count > 12 ? ", …" : "")
        self.init(
            message, remedy: "\(near)\(shown.isEmpty ? "Correct the module or the name." : "The module has \(shown).")")
    }

    /// Arguments that the function does not take, or not without others.
    init(_ message: String, of function: String, given: [String], required: [String], optional: [String]) {
        let optional = optional.filter { $0 != "configuration" && $0 != "secrets" }
        let known = required + optional
        let strange = given.first { !known.contains($0) && $0 != "configuration" && $0 != "secrets" }
        let near = strange.flatMap { Quantity.nearest(to: $0, among: known.filter { !given.contains($0) }) }
        let takes = known.isEmpty ? "takes no arguments" : "takes \(known.joined(separator: ", "))"
        let needs =
            optional.isEmpty || required.isEmpty ? "" : "; it can do without \(optional.joined(separator: ", "))"
        self.init(message, remedy: "\(near.map { "Did you mean '\($0)'? " } ?? "")`\(function)` \(takes)\(needs).")
    }

    /// As the other side of the bridge tells it.
    init?(_ answer: Value, module: String) {
        guard let message = answer["message"]?.text else { return nil }
        func texts(_ name: String) -> [String] { answer[name]?.list?.compactMap(\.text) ?? [] }
        if let python = answer["python"]?.text {
            self.init(message, absent: module, from: python)
        } else if let wanted = answer["wanted"]?.text {
            self.init(message, wanted: wanted, has: texts("functions"))
        } else {
            self.init(
                message, of: answer["function"]?.text ?? "", given: texts("given"), required: texts("required"),
                optional: texts("optional"))
        }
    }

    /// The packages of the modules that most experiments name.
    private static let packages = [
        "chaosk8s": "chaostoolkit-kubernetes", "chaosistio": "chaostoolkit-istio",
        "chaostoxi": "chaostoolkit-toxiproxy", "chaosprometheus": "chaostoolkit-prometheus",
        "chaosaws": "chaostoolkit-aws", "chaosazure": "chaostoolkit-azure",
        "chaosgcp": "chaostoolkit-google-cloud-platform", "chaosgrafana": "chaostoolkit-grafana",
        "chaosslack": "chaostoolkit-slack", "chaosaddons": "chaostoolkit-addons", "chaosk6": "chaostoolkit-k6",
        "chaosreliably": "chaostoolkit-reliably", "chaosspring": "chaostoolkit-spring",
        "chaosdatadog": "chaostoolkit-datadog", "chaosdynatrace": "chaostoolkit-dynatrace",
        "chaostracing": "chaostoolkit-opentracing", "chaosgremlin": "chaostoolkit-gremlin",
        "chaoscf": "chaostoolkit-cloud-foundry", "chaosansible": "chaostoolkit-ansible",
    ]
}
