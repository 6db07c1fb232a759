import ArgumentParser
import MeshModel

/// The kinds of fault and their amounts as options, made from the kinds' descriptions: a kind that is added there is one
/// here, in the help and in the completions too.
struct FaultKindOptions: ParsableArguments, CustomReflectable {
    /// One option: a kind with its main amount, a kind without one, or a further amount.
    private struct Entry {
        var name: String
        /// Nil for a kind that is named without an amount.
        var field: FaultField?
        var words: String
    }

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private static let entries: [Entry] = {
        let kinds = FaultKindDescription.all
        let main = kinds.map { kind in
            let words = kind.mainField?.words ?? kind.words.prefix(1).uppercased() + kind.words.dropFirst()
            return Entry(name: kind.word, field: kind.mainField, words: "\(words)\(span(kind.mainField)).")
        }
        var further: [Entry] = []
        for field in kinds.flatMap({ kind in kind.fields.filter { $0.name != kind.word } })
        where !further.contains(where: { $0.name == field.name }) {
            let owners = kinds.filter { $0.fields.contains { $0.name == field.name } }.map { "--\($0.word)" }
            let whose = owners.count > 3 ? "most kinds" : owners.joined(separator: ", ")
            let words = "With \(whose): \(field.words.prefix(1).lowercased())"
            further.append(Entry(name: field.name, field: field, words: "\(words)\(field.words.dropFirst())."))
        }
        return main + further
    }()

    private static func span(_ field: FaultField?) -> String {
        switch field?.unit {
        case .status: ", \(field?.span ?? "")"
        case .milliseconds, .microseconds: ", such as \(field?.unit.example ?? "")"
        case .kibibytesPerSecond, .bytes, .count, .choice, nil: ""
        }
    }

    /// What was typed, by the names of the options; nothing for a kind without an amount.
    private var typed: [String: String] = [:]
    private var only: String?

    private static let onlyName = "only"

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        let key = Name(stringValue: Self.onlyName)
        only = try container.decode(Option<String?>.self, forKey: key).wrappedValue
        for entry in Self.entries {
            let key = Name(stringValue: entry.name)
            if entry.field == nil {
                if try container.decode(Flag<Bool>.self, forKey: key).wrappedValue { typed[entry.name] = "" }
            } else {
                typed[entry.name] = try container.decode(Option<String?>.self, forKey: key).wrappedValue
            }
        }
    }

    var customMirror: Mirror {
        let children = Self.entries.map { entry -> Mirror.Child in
            let name = NameSpecification.customLong(entry.name)
            guard let field = entry.field else {
                return ("_" + entry.name, Flag(wrappedValue: false, name: name, help: ArgumentHelp(entry.words)))
            }
            let help = ArgumentHelp(entry.words, valueName: field.unit.valueName)
            return ("_" + entry.name, Option<String?>(name: name, help: help))
        }
        let help = ArgumentHelp(
            "Only requests with this header, or to this version: end-user=jason, v2. If the mesh can distinguish them "
                + "apart.", valueName: "condition")
        let only = Option<String?>(name: .customLong(Self.onlyName), help: help)
        return Mirror(self, children: children + [("_" + Self.onlyName, only)])
    }

    /// The kind that was asked for.
    func kind() throws -> FaultKind {
        let named = FaultKindDescription.all.filter { typed[$0.word] != nil }
        guard named.count == 1, let description = named.first else {
            let kinds = FaultKindDescription.all.map { "--\($0.word)" }
            let list = kinds.dropLast().joined(separator: ", ") + " and \(kinds.last ?? "")"
            throw ValidationError("Use exactly one of \(list).")
        }
        let own = Set(description.fields.map(\.name) + [description.word])
        if let stray = typed.keys.filter({ !own.contains($0) }).min() {
            throw ValidationError("--\(stray) cannot be used with --\(description.word).")
        }
        var condition: FaultCondition?
        do throws(FaultCondition.Mistake) {
            condition = try only.map(FaultCondition.init)
        } catch {
            throw ValidationError("--\(Self.onlyName): \(error.words).")
        }
        do {
            return try description.kind(typed: typed).only(condition)
        } catch {
            let unit = error.field.unit
            throw ValidationError(
                "Invalid --\(error.field.name) '\(error.text)': use a \(unit.noun) such as \(unit.example).")
        }
    }
}
