import MeshModel

extension FaultForm {
    /// What is wrong with the form, and in which field.
    struct Refusal: Error, Equatable {
        var field: Field
        var words: String
    }

    /// The request that the form stands for.
    func request(by: String) throws(Refusal) -> FaultRequest {
        guard let edge, candidates.contains(edge) else { throw Refusal(field: .edge, words: "Choose an edge") }
        if let refusal { throw Refusal(field: .kind, words: refusal) }
        return FaultRequest(
            kind: try faultKind(), edge: edge, share: try share(), lease: try leaseSeconds(), by: by)
    }

    func faultKind() throws(Refusal) -> FaultKind {
        var amounts: [String: Int] = [:]
        for field in amountFields {
            let (unit, range) = (field.unit, range(of: field))
            guard let amount = unit.amount(typed: entry(field).text, allowsBare: true), range.contains(amount) else {
                throw Refusal(
                    field: .amount(field.name),
                    words: "Enter a value such as \(unit.example) for \(field.title): \(field.span(range))")
            }
            amounts[field.name] = amount
        }
        return FaultKind(word, amounts, only: try condition())
    }

    private func condition() throws(Refusal) -> FaultCondition? {
        guard fields.contains(.only), !only.text.isEmpty else { return nil }
        do throws(FaultCondition.Mistake) {
            return try FaultCondition(only.text)
        } catch {
            throw Refusal(field: .only, words: error.words)
        }
    }

    func share() throws(Refusal) -> Double {
        guard fields.contains(.percent) else { return 1 }
        guard let value = Double(percent.text), value > 0, value <= 100 else {
            throw Refusal(field: .percent, words: "Enter a percentage above 0, at most 100")
        }
        let smallest = (ability?.smallestShare ?? 0) * 100
        guard value + 1e-9 >= smallest else {
            throw Refusal(
                field: .percent, words: "The smallest percentage here is \(Format.decimal(smallest, places: 2))")
        }
        return value / 100
    }

    private func leaseSeconds() throws(Refusal) -> Double {
        guard let seconds = Self.seconds(lease.text, bare: 1), seconds >= 1, seconds <= longestLease else {
            throw Refusal(field: .lease, words: "Enter a lease such as 90s or 2m, at most \(Format.span(longestLease))")
        }
        return seconds
    }

    /// A length of time like `200ms`, `90s` or `2m`; a bare number counts `bare` seconds each.
    static func seconds(_ text: String, bare: Double) -> Double? {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
        for (unit, length) in units where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * length }
        }
        return Double(text).map { $0 * bare }
    }
}
