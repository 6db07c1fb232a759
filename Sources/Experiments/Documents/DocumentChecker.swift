/// Finds every mistake of an experiment, in the order in which Chaos Toolkit would come upon them.
struct DocumentChecker {
    let document: ExperimentDocument
    let environment: [String: String]
    /// Asks a Python whether it has what an activity or a control names; nil says that all is well.
    let python: any PythonChecking
    /// Leaves out what Chaos Toolkit itself only comes upon in a run.
    let isStrict: Bool
    private(set) var problems: [DocumentProblem] = []

    init(
        _ document: ExperimentDocument, environment: [String: String], python: any PythonChecking,
        isStrict: Bool = false
    ) {
        self.document = document
        self.environment = environment
        self.python = python
        self.isStrict = isStrict
    }

    mutating func note(_ message: String, at path: DocumentPath, _ remedy: String) {
        problems.append(
            DocumentProblem(
                path: path, position: document.map.position(of: path), message: message, remedy: remedy))
    }

    /// Checks all of it and returns what is wrong.
    mutating func check() async -> [DocumentProblem] {
        let root = DocumentPath()
        guard document.value.isTruthy else {
            note(
                "an empty experiment is not an experiment", at: root,
                "Write at least a title, a description and a method.")
            return problems
        }
        guard document.value.fields != nil else {
            note("an experiment must be a mapping", at: root, "Start with `title: …`, not indented.")
            return problems
        }
        checkHead(root)
        checkConfiguration(root)
        await checkHypothesis(root.field("steady-state-hypothesis"))
        await checkMethod(root.field("method"))
        await checkActivities(document.value["rollbacks"], root.field("rollbacks"))
        for (name, value) in document.value["secrets"]?.fields?.entries ?? Fields().entries where value.fields == nil {
            note(
                "secret '\(name)' must be in a group", at: root.field("secrets").field(name),
                "Write it as `name: value` under a group of secrets.")
        }
        await checkControls()
        return problems
    }

    private mutating func checkHead(_ root: DocumentPath) {
        if document.value["title"]?.isTruthy != true {
            note(
                "experiment requires a title", at: root.field("title"), "Add `title: the question it answers`.")
        }
        if document.value["description"]?.isTruthy != true {
            note(
                "experiment requires a description", at: root.field("description"),
                "Add `description: why the answer matters`.")
        }
        if let tags = document.value["tags"], tags.isTruthy {
            let items = tags.list ?? []
            if tags.list == nil && tags.text == nil || items.contains(where: { $0.text?.isEmpty ?? true }) {
                note("experiment tags must be a non-empty string", at: root.field("tags"), "Use one word per tag.")
            }
        }
        if let extensions = document.value["extensions"], extensions.isTruthy, extensions.list == nil {
            note(
                "extensions must be a list of mappings", at: root.field("extensions"),
                "Begin each extension with a dash and its `name`.")
        }
        if !isStrict, let runtime = document.value["runtime"], runtime.isTruthy, runtime.fields == nil {
            note(
                "runtime must be a mapping", at: root.field("runtime"),
                "Write `hypothesis` or `rollbacks` under it, each with a `strategy`.")
        }
        for (index, extension_) in (document.value["extensions"]?.list ?? []).enumerated() {
            let name = Conversion.trimmed(extension_["name"]?.text ?? "")
            guard name.isEmpty else { continue }
            note(
                "All extensions require a non-empty name", at: root.field("extensions").item(index),
                "Give the extension a `name`.")
        }
    }

    private mutating func checkConfiguration(_ root: DocumentPath) {
        let loading = ConfigurationLoading(environment: environment)
        checkMapping("configuration", root)
        checkMapping("secrets", root)
        for (name, value) in document.value["configuration"]?.fields?.entries ?? Fields().entries {
            if !isStrict, value["type"]?.text == "probe", value["provider"]?.fields == nil {
                note(
                    "a probe of the configuration requires a provider", at: root.field("configuration").field(name),
                    "Add a `provider` with `type: http`, `type: process` or `type: python`.")
            }
            do { _ = try loading.configuration(.mapping(Fields([(name, value)]))) } catch {
                note(
                    error.message, at: root.field("configuration").field(name),
                    "Set the variable before the run, or add a `default`.")
            }
        }
        for (name, value) in document.value["secrets"]?.fields?.entries ?? Fields().entries {
            do { _ = try loading.secrets(.mapping(Fields([(name, value)]))) } catch {
                let path = error.field.split(separator: ".").reduce(root.field("secrets")) { $0.field(String($1)) }
                note(error.message, at: path, "Set the variable before the run.")
            }
        }
    }

    mutating func checkMapping(_ name: String, _ parent: DocumentPath) {
        guard let value = document.value[name], value.fields == nil else { return }
        note(
            "\(name) must be a mapping", at: parent.field(name),
            "Write `name: value` lines under `\(name)`, or remove the key.")
    }

    private mutating func checkHypothesis(_ path: DocumentPath) async {
        guard let hypothesis = document.value["steady-state-hypothesis"] else { return }
        guard hypothesis.fields != nil else {
            note(
                "a hypothesis must be a mapping", at: path,
                "Write `title` and `probes` under it, or remove the key to do without one.")
            return
        }
        if hypothesis["title"]?.isTruthy != true {
            note("hypothesis requires a title", at: path.field("title"), "Add `title: what holds in the steady state`.")
        }
        guard let probes = hypothesis["probes"] else { return }
        guard let items = probes.list else {
            note(
                "the probes must be a list", at: path.field("probes"),
                "Begin each probe with a dash, or write `probes: []` for none.")
            return
        }
        for (index, probe) in items.enumerated() {
            let place = path.field("probes").item(index)
            await checkActivity(probe, place)
            guard probe.fields != nil else { continue }
            guard let tolerance = probe["tolerance"] else {
                note(
                    "hypothesis probe must have a tolerance entry", at: place,
                    "Add a `tolerance`, for example `tolerance: 200`.")
                continue
            }
            await checkTolerance(tolerance, place.field("tolerance"))
        }
    }

    private mutating func checkMethod(_ path: DocumentPath) async {
        guard let method = document.value["method"], !method.isNull else {
            note(
                "an experiment requires a method, which can be empty for only checking steady state hypothesis",
                at: path,
                "Add `method: []`, or the activities to run.")
            return
        }
        await checkActivities(method, path)
    }

    private mutating func checkActivities(_ value: Value?, _ path: DocumentPath) async {
        guard let value else { return }
        // Of rollbacks an empty mapping is as good as an empty list to the original.
        if path.description == "rollbacks", value.fields?.isEmpty == true { return }
        guard let items = value.list else {
            note(
                "\(path) must be a list of activities", at: path,
                "Begin each activity with a dash, or remove the key when there are none.")
            return
        }
        let references = ActivityIndex(document.value)
        for (index, activity) in items.enumerated() {
            let place = path.item(index)
            await checkActivity(activity, place)
            guard path.description == "method", let reference = activity["ref"]?.text, !reference.isEmpty,
                references[reference] == nil
            else { continue }
            note(
                "referenced activity '\(reference)' could not be found in the experiment", at: place.field("ref"),
                "Name an activity of the method or a probe of the hypothesis.")
        }
    }
}

/// What checking needs of a Python: whether the code that a document names is there and takes its arguments.
protocol PythonChecking: Sendable {
    /// What is wrong with an activity's module, function or arguments, in the words of Chaos Toolkit.
    func mistake(in activity: Value) async -> PythonMistake?
    /// What is wrong with a control, by its own opinion.
    func mistake(inControl control: Value) async -> String?
}

/// The activities that others may refer to by name.
struct ActivityIndex {
    private var places: [String: ActivityPlace] = [:]

    init(_ experiment: Value) {
        let lists = [
            (ActivityPlace.Section.method, experiment["method"]?.list ?? []),
            (.hypothesis, experiment["steady-state-hypothesis"]?["probes"]?.list ?? []),
        ]
        for (section, activities) in lists {
            for (index, activity) in activities.enumerated() {
                guard let name = activity["name"]?.text, !name.isEmpty else { continue }
                places[name] = ActivityPlace(section: section, index: index)
            }
        }
    }

    subscript(_ name: String) -> ActivityPlace? { places[name] }
}

/// Where an activity is in its experiment.
public struct ActivityPlace: Hashable, Sendable {
    public enum Section: String, Sendable {
        case hypothesis, method, rollbacks
    }

    public var section: Section
    public var index: Int

    public init(section: Section, index: Int) {
        self.section = section
        self.index = index
    }
}
