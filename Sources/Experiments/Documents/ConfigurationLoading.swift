internal import MeshModel

/// Resolves what the configuration and the secrets of an experiment refer to.
struct ConfigurationLoading {
    let environment: [String: String]
    /// What a Vault holds, by path; empty where none was asked.
    var vault: [String: Value] = [:]

    /// A reference that leads nowhere, with the field it is in.
    struct Failure: Error {
        var field: String
        var message: String
    }

    /// The configuration without its probes' values; these stay as they are, for `RunPreparation`.
    func configuration(_ declared: Value?, variables: Fields = Fields()) throws(Failure) -> Fields {
        var loaded = Fields()
        for (name, given) in declared?.fields?.entries ?? Fields().entries {
            let value = variables[name] ?? given
            guard value["type"]?.text == "env" else {
                loaded[name] = value
                continue
            }
            guard let key = value["key"]?.text else { throw Failure(field: name, message: "KeyError: 'key'") }
            guard let text = environment[key] else {
                guard let fallback = value["default"] else {
                    throw Failure(
                        field: name,
                        message: "Configuration makes reference to an environment key that does not exist: \(key)")
                }
                loaded[name] = try converted(fallback, as: value["env_var_type"]?.text, name)
                continue
            }
            loaded[name] = try converted(.text(text), as: value["env_var_type"]?.text, name)
        }
        return loaded
    }

    /// Defaults of the document are converted as texts are, when they are texts.
    private func converted(_ value: Value, as type: String?, _ field: String) throws(Failure) -> Value {
        do throws(Crash) {
            switch (value, type) {
            case (.text(let text), _): return try Conversion.value(of: text, as: type)
            case (_, "int"), (_, "integer"):
                guard let number = value.double else { throw Crash("TypeError", "int() can't take this default") }
                return .integer(Int(Int64(clamping: number.rounded(.towardZero))))
            case (_, "float"), (_, "number"):
                guard let number = value.double else { throw Crash("TypeError", "float() can't take this default") }
                return .number(number)
            case (.bool, "bool"), (_, nil), (_, "str"), (_, "string"), (_, "json"): return value
            default: throw Crash("AttributeError", "'\(value.pythonType)' object has no attribute of \(type ?? "")")
            }
        } catch {
            throw Failure(field: field, message: error.message)
        }
    }

    /// All of a secret of Vault, or what it has under a key.
    private func vaultSecret(_ reference: Value, _ field: String) throws(Failure) -> Value {
        // As the original without its Vault client, or without a path: nothing is there.
        guard let path = reference["path"]?.text, let secret = vault[path] else { return .mapping(Fields()) }
        guard let key = reference["key"], !key.isNull else { return secret }
        guard let part = secret[PythonText.string(key)] else {
            let message = "The secret at '\(path)' of Vault has no key '\(PythonText.string(key))'"
            throw Failure(field: field, message: message)
        }
        return part
    }

    func secrets(_ declared: Value?, variables: Fields = Fields()) throws(Failure) -> Fields {
        var loaded = Fields()
        for (name, value) in declared?.fields?.entries ?? Fields().entries {
            guard let fields = value.fields else {
                loaded[name] = value
                continue
            }
            if let given = variables[name], !given.isNull {
                loaded[name] = given
            } else if fields["type"]?.text == "env" {
                guard let key = fields["key"]?.text else { throw Failure(field: name, message: "KeyError: 'key'") }
                guard let text = environment[key] else {
                    throw Failure(
                        field: name,
                        message: "Secrets make reference to an environment key that does not exist: \(key)")
                }
                loaded[name] = .text(text)
            } else if fields["type"]?.text == "vault" {
                loaded[name] = try vaultSecret(value, name)
            } else {
                do { loaded[name] = .mapping(try secrets(value)) } catch {
                    throw Failure(field: "\(name).\(error.field)", message: error.message)
                }
            }
        }
        return loaded
    }
}
