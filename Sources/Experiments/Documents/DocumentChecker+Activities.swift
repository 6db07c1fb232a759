internal import ChildPrograms

extension DocumentChecker {
    mutating func checkActivity(_ activity: Value, _ path: DocumentPath) async {
        guard activity.isTruthy, activity.fields != nil else {
            note("empty activity is no activity", at: path, "Remove the entry, or write `type`, `name` and `provider`.")
            return
        }
        if let reference = activity["ref"], !reference.isNull {
            guard reference.text?.isEmpty ?? true else { return }
            note(
                "reference to activity must be non-empty strings", at: path.field("ref"),
                "Write the name of another activity.")
            return
        }
        checkNames(activity, path)
        let provider = checkProvider(activity, path)
        checkTimes(activity, path)
        if let background = activity["background"], background.bool == nil {
            note("activity background must be a boolean", at: path.field("background"), "Write `true` or `false`.")
        }
        switch provider {
        case "process": checkProcess(activity, path.field("provider"))
        case "http": checkHTTP(activity, path.field("provider"))
        case "python": await checkPython(activity, path.field("provider"))
        default: break
        }
    }

    private mutating func checkNames(_ activity: Value, _ path: DocumentPath) {
        let kinds = "Use `type: probe` to observe, `type: action` to change."
        if let type = activity["type"], type.isTruthy {
            if type.text != "probe" && type.text != "action" {
                note(
                    "'\(PythonText.string(type))' is not a supported activity type", at: path.field("type"), kinds)
            }
        } else {
            note("an activity must have a type", at: path, kinds)
        }
        if activity["name"]?.isTruthy != true {
            note("an activity must have a name", at: path, "Add a `name`; the journal and others refer to it.")
        }
    }

    private mutating func checkProvider(_ activity: Value, _ path: DocumentPath) -> String? {
        guard let provider = activity["provider"], provider.isTruthy, provider.fields != nil else {
            note(
                "an activity requires a provider", at: path,
                "Add a `provider` with `type: http`, `type: process` or `type: python`.")
            return nil
        }
        let kinds = "Write `type: http`, `type: process` or `type: python`."
        guard let type = provider["type"], type.isTruthy else {
            note("a provider must have a type", at: path.field("provider"), kinds)
            return nil
        }
        guard let name = type.text, ["python", "process", "http"].contains(name) else {
            let place = path.field("provider").field("type")
            note("unknown provider type '\(PythonText.string(type))'", at: place, kinds)
            return nil
        }
        return name
    }

    private mutating func checkTimes(_ activity: Value, _ path: DocumentPath) {
        if let timeout = activity["timeout"], !timeout.isNull, timeout.double == nil {
            note("activity timeout must be a number", at: path.field("timeout"), "Write seconds, without quotes.")
        }
        checkProviderTimeout(activity["provider"] ?? .null, path.field("provider").field("timeout"))
        guard let pauses = activity["pauses"], !pauses.isNull else { return }
        guard pauses.fields != nil else {
            note("activity pauses must be a mapping", at: path.field("pauses"), "Write `before` or `after` under it.")
            return
        }
        for name in ["before", "after"] {
            guard let text = pauses[name]?.text, !(text.hasPrefix("${") && text.hasSuffix("}")) else { continue }
            note(
                "activity \(name) pause must be a number or a pattern to a variable from the configuration or secrets",
                at: path.field("pauses").field(name), "Write seconds, without quotes, or a `${name}`.")
        }
    }

    /// A text as a timeout aborts the run when the activity begins; the original only finds out then.
    private mutating func checkProviderTimeout(_ provider: Value, _ path: DocumentPath) {
        guard !isStrict, let text = provider["timeout"]?.text else { return }
        if provider["type"]?.text == "http", text.contains("$") { return }
        note("the timeout of a provider must be a number", at: path, "Write seconds, without quotes.")
    }

    private mutating func checkProcess(_ activity: Value, _ path: DocumentPath) {
        guard let given = activity["provider"]?["path"], given.isTruthy else {
            note("a process activity must have a path", at: path, "Add the `path` of a program.")
            return
        }
        guard let name = given.text else {
            note("the path of a process must be a text", at: path.field("path"), "Put it in quotes.")
            return
        }
        guard ExecutableSearch(environment: environment).find(name) == nil else { return }
        note(
            "path '\(name)' cannot be found, in activity '\(PythonText.string(activity["name"] ?? .null))'",
            at: path.field("path"),
            "Install the program, or correct its path; relative paths start at the working folder.")
    }

    private mutating func checkHTTP(_ activity: Value, _ path: DocumentPath) {
        if activity["provider"]?["url"]?.isTruthy != true {
            note("a HTTP activity must have a URL", at: path, "Add a `url` beginning with http:// or https://.")
        }
        if let headers = activity["provider"]?["headers"], headers.isTruthy, headers.fields == nil {
            note(
                "a HTTP activities expect headers as a mapping", at: path.field("headers"),
                "Write each header as `Name: value`.")
        }
    }

    private mutating func checkPython(_ activity: Value, _ path: DocumentPath) async {
        if activity["provider"]?["module"]?.isTruthy != true {
            note("a Python activity must have a module path", at: path, "Add the `module` that has the function.")
        } else if activity["provider"]?["func"]?.isTruthy != true {
            note("a Python activity must have a function name", at: path, "Add the `func` to call.")
        } else if let mistake = await python.mistake(in: activity) {
            note(mistake.message, at: path, mistake.remedy)
        }
    }

    mutating func checkControls() async {
        let controls = allControls()
        let declared = Set(controls.compactMap { $0.value["ref"] == nil ? $0.value["name"]?.text : nil })
        for control in controls {
            let value = control.value
            if let reference = value["ref"], reference.text.map({ !declared.contains($0) }) ?? true {
                note(
                    "Control reference '{}' declaration cannot be found", at: control.path,
                    "Declare a control of that name at the top of the experiment.")
            }
            guard let name = value["name"] else {
                note("A control must have a `name` property", at: control.path, "Give it a `name`.")
                continue
            }
            let title = PythonText.string(name)
            guard value["provider"] != nil else {
                note("Control '\(title)' must have a `provider` property", at: control.path, "Add its `provider`.")
                continue
            }
            if let scope = value["scope"], scope.isTruthy, scope.text != "before", scope.text != "after" {
                note(
                    "Control '\(title)' scope property must be 'before' or 'after' only",
                    at: control.path.field("scope"), "Write `before` or `after`, or remove it for both.")
            }
            guard value["provider"]?["type"]?.text == "python" else { continue }
            if value["provider"]?["module"]?.isTruthy != true {
                note("Control '\(title)' must have a module path", at: control.path, "Add the `module`.")
            } else if let mistake = await python.mistake(inControl: value) {
                note(mistake, at: control.path, "Read the control's documentation: it refuses this declaration.")
            }
        }
    }

    private func allControls() -> [(value: Value, path: DocumentPath)] {
        let root = DocumentPath()
        let experiment = document.value
        let hypothesis = root.field("steady-state-hypothesis")
        var holders: [(Value?, DocumentPath)] = [
            (experiment, root), (experiment["steady-state-hypothesis"], hypothesis),
        ]
        let lists = [
            (experiment["steady-state-hypothesis"]?["probes"], hypothesis.field("probes")),
            (experiment["method"], root.field("method")), (experiment["rollbacks"], root.field("rollbacks")),
        ]
        for (list, path) in lists {
            for (index, activity) in (list?.list ?? []).enumerated() { holders.append((activity, path.item(index))) }
        }
        return holders.flatMap { holder, path in
            let controls = holder?["controls"] ?? .list([])
            // What is no list is taken as a control without a name, which it is; what is empty, as none.
            return (controls.list ?? (controls.fields?.isEmpty == true ? [] : [.null])).enumerated().map {
                ($1, path.field("controls").item($0))
            }
        }
    }
}
