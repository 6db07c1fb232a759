/// Reads the arguments of native modules: a number is a number, and what is none is refused.
enum NativeArguments {
    /// A share 0...1 out of a number from 0 to `whole`.
    static func share(
        _ value: Value, of whole: Double, _ name: String, by module: String
    ) throws(ActivityEnd) -> Double {
        guard value.bool == nil, let number = value.double, number.isFinite, number >= 0, number <= whole else {
            let range = whole == 1 ? "0 to 1" : "0 to \(Int(whole))"
            var remedy = "write a number from \(range), without quotes"
            if value.text != nil { remedy += "; a variable of the environment needs `env_var_type: float`" }
            throw .failed("\(module): invalid \(name) \(shown(value)): \(remedy)")
        }
        return number / whole
    }

    /// A value as a message shows it.
    static func shown(_ value: Value?) -> String {
        guard let value, !value.isNull else { return "(none)" }
        return Excerpt.line(PythonText.representation(value), to: 60)
    }

    /// Why the arguments are refused, or nil.
    static func mistake(_ read: () throws(ActivityEnd) -> Void) -> String? {
        do { try read() } catch {
            if case .failed(let why) = error { return why }
        }
        return nil
    }

    /// Whether a value waits for a variable, so that it can't be judged before the run.
    static func isOpen(_ value: Value) -> Bool {
        switch value {
        case .text(let text): text.contains("$")
        case .list(let items): items.contains(where: isOpen)
        case .mapping(let fields): fields.entries.contains { isOpen($1) }
        default: false
        }
    }
}
