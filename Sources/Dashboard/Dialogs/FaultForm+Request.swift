import MeshModel

extension FaultForm {
    /// What is wrong with the form, and in which field.
    struct Refusal: Error, Equatable {
        var field: Field
        var words: String
    }

    /// The request that the form stands for.
    func request(by: String) throws(Refusal) -> FaultRequest {
        guard let edge, candidates.contains(edge) else { throw Refusal(field: .edge, words: "choose an edge") }
        return FaultRequest(
            kind: try faultKind(), edge: edge, share: try share(), lease: try leaseSeconds(), by: by)
    }

    func faultKind() throws(Refusal) -> FaultKind {
        switch kind {
        case .abort:
            guard let status = Int(amount.text), (200...599).contains(status) else {
                throw Refusal(field: .amount, words: "a status is a number from 200 to 599")
            }
            return .abort(status: status)
        case .delay:
            guard let seconds = Self.seconds(amount.text, bare: 0.001), seconds >= 0.001, seconds <= 600 else {
                throw Refusal(field: .amount, words: "a delay is like 200ms or 2s, up to 600s")
            }
            return .delay(milliseconds: Int((seconds * 1000).rounded()))
        case .rateLimit:
            guard let rate = Int(amount.text), (1...1_000_000).contains(rate) else {
                throw Refusal(field: .amount, words: "a limit is a number of KiB a second")
            }
            return .rateLimit(kbps: rate)
        }
    }

    func share() throws(Refusal) -> Double {
        guard let value = Double(percent.text), value > 0, value <= 100 else {
            throw Refusal(field: .percent, words: "a percentage is more than 0 and at most 100")
        }
        return value / 100
    }

    private func leaseSeconds() throws(Refusal) -> Double {
        guard let seconds = Self.seconds(lease.text, bare: 1), seconds >= 1, seconds <= 3600 else {
            throw Refusal(field: .lease, words: "a lease is like 90s or 2m, up to 60m")
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
