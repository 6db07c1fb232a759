import ArgumentParser
import Experiments
import FileWriting
import FoundationEssentials
import MeshClient

/// `gameday init`: asks for an experiment and writes it.
struct InitCommand: AsyncParsableCommand, ActingCommand, ToolkitCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Create an experiment by answering questions.",
        discussion: """
            Activities are chosen from what `gameday discover` found. Every question can be answered beforehand:
              gameday init --answer 'Can the bar lose a tap?' --answer n --no-input
            """)

    @Option(help: ArgumentHelp("What `gameday discover` wrote.", valueName: "file"))
    var discoveryPath = "./discovery.json"

    @Option(help: ArgumentHelp("Where to write the experiment, .json or .yaml.", valueName: "file"))
    var experimentPath = "./experiment.json"

    @Option(help: ArgumentHelp("The title, instead of the question for it.", valueName: "text"))
    var title: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The answer to the next question; may be given again and again.", valueName: "text"))
    var answer: [String] = []

    @Flag(help: "Ask nothing: questions without an answer are left empty.") var noInput = false

    @OptionGroup(title: "Options of Chaos Toolkit, before or after the command") var toolkit: ToolkitOptions

    func run() async throws {
        let log = try toolkit.begin("init")
        defer { log.finish() }
        let notifications = Notifications(
            settings: toolkit.readSettings(log), environment: ProcessInfo.processInfo.environment,
            network: HTTPDoor { () throws(TransportError) in try CurlTransport() }, log: { log.record($0) })
        await notifications.send(.initStarted)
        let isYAML = [".yaml", ".yml"].contains { experimentPath.lowercased().hasSuffix($0) }
        Output.line(Self.welcome)
        let discovery = try readDiscovery()
        if discovery == nil { Output.line("No discovery was found, let's create an empty experiment") }
        var wizard = ExperimentWizard(
            activities: discovery?["activities"]?.list, questions: Questions(given: answer, asks: !noInput))
        let experiment = try wizard.experiment(title: title)
        let text =
            isYAML
            ? ValueText.yaml(experiment, indent: 4, sortsKeys: false) : ValueText.json(experiment, indent: 4)
        do {
            try WritingPlace(experimentPath).write(Array(text.utf8))
        } catch {
            throw error.told
        }
        Output.line("\nExperiment created and saved in '\(experimentPath)'")
        await notifications.send(.initCompleted, experiment)
        await notifications.close()
    }

    private func readDiscovery() throws -> Value? {
        guard let text = FileContent.text(of: discoveryPath) else { return nil }
        guard let value = ValueText.value(json: text), value["activities"]?.list != nil else {
            throw ExitCode.badDocument("gameday: \(discoveryPath) is not what `gameday discover` writes")
        }
        return value
    }

    private static let welcome = """
        You are about to create an experiment, step by step. It has three parts:
        - a steady-state hypothesis (optional)
        - a method: the activities to play, at least one of them for a run
        - rollbacks (optional)
        """
}

/// Makes an experiment of answers, in the order in which `chaos init` asks.
struct ExperimentWizard {
    /// What an extension can do; nil when nobody looked.
    let activities: [Value]?
    var questions: Questions

    mutating func experiment(title: String?) throws -> Value {
        var experiment = Fields([
            ("title", .text(try title ?? questions.text("Experiment's title"))), ("description", "N/A"), ("tags", []),
        ])
        Output.line("\nA steady-state hypothesis says what is normal; it is checked before and after the method.")
        if try questions.confirm("Do you want to define a steady state hypothesis now?") {
            let title = try questions.text("Hypothesis's title")
            var probes: [Value] = []
            if let activities {
                Output.line("\nChoose the probes that determine the steady state.")
                try add(from: activities.filter { $0["type"]?.text == "probe" }, to: &probes, withTolerance: true)
            }
            experiment["steady-state-hypothesis"] = ["title": .text(title), "probes": .list(probes)]
        }
        var method: [Value] = []
        var rollbacks: [Value]?
        if let activities {
            Output.line("\nThe method's actions change the system, its probes gather what happens.")
            if try questions.confirm("Do you want to define an experimental method?") {
                try add(from: activities, to: &method)
            }
            Output.line("\nRollbacks bring the system back.")
            if try questions.confirm("Do you want to add some rollbacks now?") {
                var chosen: [Value] = []
                try add(from: activities.filter { $0["type"]?.text == "action" }, to: &chosen)
                rollbacks = chosen
            }
        }
        // Without a method it would be no experiment.
        experiment["method"] = .list(method)
        if let rollbacks { experiment["rollbacks"] = .list(rollbacks) }
        return .mapping(experiment)
    }

    private mutating func add(from known: [Value], to pool: inout [Value], withTolerance: Bool = false) throws {
        repeat {
            Output.line("Add an activity")
            for (number, activity) in known.enumerated() {
                Output.line("\(number + 1)) \(activity["name"].map(ValueText.python) ?? "")")
            }
            let number = try questions.ask("Activity (0 to escape)") { text in
                guard let number = Int(text), (0...known.count).contains(number) else {
                    throw Mistake("'\(text)' is not a number from 0 to \(known.count).")
                }
                return number
            }
            guard number > 0 else { return }
            let chosen = known[number - 1]
            if let words = chosen["doc"]?.text { Output.line("\n\(words)") }
            guard try questions.confirm("Do you want to use this \(chosen["type"]?.text ?? "activity")?") else {
                continue
            }
            pool.append(try activity(chosen, withTolerance: withTolerance))
        } while try questions.confirm("Do you want to select another activity?")
    }

    private mutating func activity(_ chosen: Value, withTolerance: Bool) throws -> Value {
        var activity = Fields([("type", chosen["type"] ?? "action"), ("name", chosen["name"] ?? "")])
        if withTolerance {
            Output.line("\nA probe of the hypothesis needs a tolerance: a value, or JSON.")
            activity["tolerance"] = try questions.ask("What is the tolerance for this probe?") { text in
                ValueText.value(json: text) ?? .text(text)
            }
        }
        var arguments = Fields()
        Output.line("\nFill in the arguments; return takes the default in brackets.")
        for argument in chosen["arguments"]?.list ?? [] {
            let name = argument["name"]?.text ?? ""
            guard name != "secrets", name != "configuration" else { continue }
            let fallback = argument["default"].map { ($0.isNull ? "" : ValueText.python($0), $0) }
            let type = argument["type"]?.text ?? "string"
            arguments[name] = try questions.ask("Argument's value for '\(name)'", default: fallback) { text in
                try Self.value(of: text, as: type)
            }
        }
        activity["provider"] = [
            "type": "python", "module": chosen["mod"] ?? "", "func": chosen["name"] ?? "",
            "arguments": .mapping(arguments),
        ]
        return .mapping(activity)
    }

    /// Why an answer is not what it should be.
    struct Mistake: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    static func value(of text: String, as type: String) throws -> Value {
        let json = ValueText.value(json: text)
        switch type {
        case "integer":
            guard case .integer = json else { throw Mistake("'\(text)' is not a valid integer.") }
        case "number":
            guard json?.double != nil, json?.bool == nil else { throw Mistake("'\(text)' is not a valid float.") }
        case "boolean":
            if ["true", "t", "1", "yes", "y", "on"].contains(text.lowercased()) { return true }
            if ["false", "f", "0", "no", "n", "off"].contains(text.lowercased()) { return false }
            throw Mistake("'\(text)' is not a valid boolean.")
        case "list":
            guard json?.list != nil else { throw Mistake("write a JSON list, such as [1, 2].") }
        case "mapping":
            guard json?.fields != nil else { throw Mistake("write a JSON object, such as {\"a\": 1}.") }
        default: return .text(text)
        }
        return json ?? .text(text)
    }
}
