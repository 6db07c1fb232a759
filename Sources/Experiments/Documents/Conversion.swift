/// What a variable's text is turned into, by the name of a type: `port:int=80`, `env_var_type: int`.
enum Conversion {
    /// Throws what Python throws when the text is not of the type.
    static func value(of text: String, as type: String?) throws(Crash) -> Value {
        switch type {
        case nil, "str", "string", "bytes": return .text(text)
        case "int", "integer":
            let digits = trimmed(text).filter { $0 != "_" }
            let body = digits.hasPrefix("+") ? digits.dropFirst() : digits[...]
            if let number = Int(body) { return .integer(number) }
            let isNumber =
                !body.drop { $0 == "-" }.isEmpty && body.drop { $0 == "-" }.allSatisfy { $0.isASCII && $0.isNumber }
            guard isNumber, body.filter({ $0 == "-" }).count < 2 else {
                throw Crash(
                    "ValueError", "invalid literal for int() with base 10: \(PythonText.representation(.text(text)))")
            }
            return .bigInteger(String(body))
        case "float", "number":
            guard let exact = ExactDecimal(text), let number = Double(trimmed(text).filter { $0 != "_" }) else {
                throw Crash(
                    "ValueError", "could not convert string to float: \(PythonText.representation(.text(text)))")
            }
            return .number(exact == .notANumber ? .nan : number)
        case "bool": return .bool(!["false", "0", "no"].contains(text.lowercased()))
        case "json":
            if text.isEmpty { return .text(text) }
            do { return try JSONReader.value(of: text) } catch {
                throw Crash(
                    "json.decoder.JSONDecodeError",
                    "\(error.message): line \(error.position.line) column \(error.position.column)")
            }
        case _:
            throw Crash("ValueError", "variable type can only be: bool, str, int, float, bytes or json")
        }
    }

    static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
