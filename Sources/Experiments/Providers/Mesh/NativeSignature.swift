/// The function of a Python module that we do natively, with its arguments, so that a mistake in them is told before a
/// run as Python would tell it.
struct NativeSignature: Sendable {
    var function: String
    var required: [String]
    var optional: [String] = []

    /// What is wrong with the arguments of an activity, in the words of Chaos Toolkit.
    func mistake(in activity: Value) -> PythonMistake? {
        let given = activity["provider"]?["arguments"]?.fields?.keys ?? []
        // The original, too, names the function here and not the activity.
        let message: String
        if let missing = required.first(where: { !given.contains($0) }) {
            message = "required argument '\(missing)' is missing from activity '\(function)'"
        } else if let extra = given.first(where: { !required.contains($0) && !optional.contains($0) }) {
            message = "argument '\(extra)' is not part of the function signature in activity '\(function)'"
        } else {
            return nil
        }
        return PythonMistake(message, of: function, given: given, required: required, optional: optional)
    }
}

/// The modules that act natively first, then the Python that knows the others.
struct CheckingWithNative: PythonChecking {
    let native: [any NativeModule]
    let python: any PythonChecking

    func mistake(in activity: Value) async -> PythonMistake? {
        let call = ActivityCall(activity, Substitution())
        for module in native {
            guard let signature = module.signature(of: call), await module.acts(for: call, isChecking: true) else {
                continue
            }
            let arguments = call.provider["arguments"] ?? .null
            if !NativeArguments.isOpen(arguments), let lack = await module.lack(of: call) {
                // It is for another mesh, and only Python could do it there.
                guard var mistake = await python.mistake(in: activity) else { return nil }
                mistake.remedy = "\(lack): name one of these. Or: \(mistake.remedy)"
                return mistake
            }
            if let mistake = signature.mistake(in: activity) { return mistake }
            let mistake = NativeArguments.isOpen(arguments) ? nil : module.mistake(in: call, arguments)
            return mistake.map { PythonMistake($0, remedy: "Correct the argument.") }
        }
        return await python.mistake(in: activity)
    }

    func mistake(inControl control: Value) async -> String? {
        await python.mistake(inControl: control)
    }
}

extension ActivityCall {
    var module: String { provider["module"]?.text ?? "" }
    var function: String { provider["func"]?.text ?? "" }
}
