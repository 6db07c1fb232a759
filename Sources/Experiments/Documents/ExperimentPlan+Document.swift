public import MeshModel

extension ExperimentPlan {
    /// So many steps are told of a document at most; what is longer runs all the same.
    static let mostSteps = 500

    /// What a document says that it would do.
    public init(_ document: ExperimentDocument, file: String) {
        let redaction = Redaction(document, environment: [:])
        let outline = DocumentOutline(redaction(document.value))
        self.init(
            file: file, title: Excerpt.line(redaction(document.title)), description: outline.description,
            steps: outline.steps, probes: outline.probes)
        lesson = outline.lesson
    }
}

extension ExperimentReport {
    /// The run of a document before anything of it happened.
    public init(_ document: ExperimentDocument, id: String, file: String, by: String, at: Timestamp) {
        let plan = ExperimentPlan(document, file: file)
        self.init(
            id: id, file: file, title: plan.title, by: by, startedAt: at,
            activities: plan.steps.enumerated().map { number, step in
                Activity(
                    id: number, part: step.part, kind: step.kind, name: step.name, touches: step.touches,
                    isInBackground: step.isInBackground)
            },
            probes: plan.probes)
        guards = DocumentOutline(document.value).guards
    }
}

/// Reads out of a document what a person wants to know before it is run. Nothing is checked: what is odd is left out.
struct DocumentOutline {
    private let experiment: ExperimentState
    private let substitution: Substitution

    init(_ value: Value) {
        experiment = ExperimentState(value)
        var known = Fields()
        for (name, given) in value["configuration"]?.fields?.entries ?? Fields().entries {
            // What the environment or a probe will say is not known yet; its default is the best guess.
            guard given.fields != nil else {
                known[name] = given
                continue
            }
            if let fallback = given["default"] { known[name] = fallback }
        }
        substitution = Substitution(configuration: known)
    }

    var description: String {
        let given = experiment.value["description"]
        let text = given?.text ?? given?.list?.map(PythonText.string).joined(separator: " ") ?? ""
        return Excerpt.line(text, to: 2000)
    }

    var steps: [ExperimentPlan.Step] {
        let method = places(.method).map { step($0, .method) }
        let rollbacks = places(.rollbacks).map { step($0, .rollbacks) }
        return Array((method + rollbacks).prefix(ExperimentPlan.mostSteps))
    }

    var probes: [ExperimentReport.Probe] {
        places(.hypothesis).prefix(100).enumerated().map { number, place in
            let probe = experiment[experiment.resolved(place) ?? place]
            return ExperimentReport.Probe(
                id: number, name: name(of: probe), expected: ToleranceWords.text(experiment[place]["tolerance"]))
        }
    }

    /// Ours stand in an extension, of which Chaos Toolkit thinks nothing: `{name: gameday, guards: [{stale: 5s}]}`.
    /// What is no guard is left out.
    var guards: [Guard] {
        own.flatMap { $0["guards"]?.list ?? [] }.compactMap { item in
            if let stale = Self.seconds(item["stale"]) { return .stale(seconds: stale) }
            if let seconds = Self.seconds(item["duration"]) { return .duration(seconds: seconds) }
            if let share = item["blast-radius"]?.text.flatMap(Quantity.share(percent:)) {
                return .blastRadius(share: share)
            }
            if let objective = item["broken"]?.text {
                return .broken(objective: objective, seconds: Self.seconds(item["for"]) ?? 0)
            }
            guard let objective = item["budget"]?.text, let below = item["below"] else { return nil }
            return below.text.flatMap(Quantity.share(percent:)).map { .budget(objective: objective, floor: $0) }
        }
    }

    /// The extensions of ours.
    private var own: [Value] {
        (experiment.value["extensions"]?.list ?? []).filter { $0["name"]?.text == "gameday" }
    }

    /// `{name: gameday, mesh: …, code: …}`: what the mesh does about it, and what only code can do.
    var lesson: ExperimentPlan.Lesson? {
        own.lazy.compactMap { item -> ExperimentPlan.Lesson? in
            guard let mesh = item["mesh"]?.text, let code = item["code"]?.text else { return nil }
            return ExperimentPlan.Lesson(mesh: Excerpt.line(mesh, to: 200), code: Excerpt.line(code, to: 200))
        }.first
    }

    private static func seconds(_ value: Value?) -> Double? {
        value.flatMap { $0.text.flatMap(Quantity.seconds) ?? $0.double }
    }

    private func places(_ section: ActivityPlace.Section) -> [ActivityPlace] {
        experiment.list(of: section).indices.map { ActivityPlace(section: section, index: $0) }
    }

    private func name(of activity: Value) -> String { Excerpt.line(activity["name"].map(PythonText.string) ?? "") }

    private func step(_ place: ActivityPlace, _ part: ExperimentReport.Activity.Part) -> ExperimentPlan.Step {
        let own = experiment[place]
        let activity = experiment[experiment.resolved(place) ?? place]
        let touch = ActivityTouch(replaced(activity["provider"] ?? .null))
        var step = ExperimentPlan.Step(
            part: part, kind: activity["type"]?.text == "probe" ? .probe : .action, name: name(of: activity),
            touches: Excerpt.line(touch.words, to: 80))
        step.isInBackground = own["background"]?.isTruthy ?? false
        let pauses = replaced(activity["pauses"] ?? .null)
        step.pauseBefore = pauses["before"]?.double
        step.pauseAfter = pauses["after"]?.double
        step.fault = touch.fault
        return step
    }

    private func replaced(_ value: Value) -> Value { (try? substitution(value)) ?? value }
}

/// What a tolerance asks for, in words.
enum ToleranceWords {
    static func text(_ tolerance: Value?) -> String {
        guard let tolerance else { return "any" }
        return Excerpt.line(words(tolerance), to: 80)
    }

    /// One expected value stands alone, and as JSON has it: `true`.
    private static func expected(_ value: Value) -> String {
        let values = value.list ?? [value]
        return values.map { $0.text ?? JSONWriter.text($0) }.joined(separator: ", ")
    }

    private static func words(_ tolerance: Value) -> String {
        switch tolerance {
        case .list(let items): return "one of " + items.map(PythonText.string).joined(separator: ", ")
        case .mapping(let fields):
            let target = fields["target"]?.text.map { "\($0) " } ?? ""
            switch fields["type"]?.text {
            case "range":
                let bounds = (fields["range"]?.list ?? []).map(PythonText.string)
                return bounds.count == 2 ? "\(bounds[0]) to \(bounds[1])" : "a range"
            case "regex": return "\(target)like \(fields["pattern"].map(PythonText.string) ?? "")"
            case "jsonpath":
                let path = fields["path"].map(PythonText.string) ?? ""
                let count = fields["count"].map { " found \(PythonText.string($0)) times" } ?? ""
                return path + (fields["expect"].map { " = \(expected($0))" } ?? count)
            case "probe": return "as \(fields["name"].map(PythonText.string) ?? "a probe") judges"
            default: return "?"
            }
        default: return PythonText.string(tolerance)
        }
    }
}
