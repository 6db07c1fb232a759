internal import MeshClient
internal import MeshModel

/// A fault that may exist somewhere, with all that takes it back.
struct OpenFault {
    /// Why it is being taken back, and what it will be called once that is proven.
    struct Ending {
        var reason: String
        var phase: FaultPhase = .reverted
    }

    var fault: Fault
    var undos: [FaultUndo]
    /// On the clock that nobody can set; nil for an orphan, which has no lease.
    var leaseEnds: Duration?
    /// The injection while it is under way. Whoever takes the fault back waits for it first, since a proxy could
    /// otherwise perform the two in the wrong order.
    var application: Task<InjectionError?, Never>?
    var ending: Ending?
    var isBeingSwept = false

    var id: String { fault.id }
    var isEnding: Bool { ending != nil }

    /// Confirmed by its proxies, and nobody takes it back.
    var isLive: Bool { !isEnding && application == nil && (fault.phase == .accepted || fault.phase == .active) }

    func isExpired(elapsed: Duration, now: Timestamp) -> Bool {
        guard let leaseEnds, !isEnding else { return false }
        return leaseEnds <= elapsed || fault.leaseEnds <= now
    }
}

/// What a proxy showed after it was told to let go.
enum Sight: Equatable, Sendable {
    case clean
    /// It answers, and still holds these.
    case holds([String])
    case silent(String)

    var isClean: Bool { self == .clean }

    var explanation: String? {
        switch self {
        case .clean: nil
        case .holds(let keys): "still holds \(keys.joined(separator: ", "))"
        case .silent(let why): why
        }
    }
}

extension FaultInjector {
    /// Empties these keys of a proxy and looks whether they are gone; with `wiping`, so goes any other fault it holds.
    func clear(
        _ keys: Set<String>, at proxy: ProxyAddress, wiping: Bool, within deadline: Duration
    ) async -> Sight {
        do throws(InjectionError) {
            if !keys.isEmpty { try await recover(keys.sorted(), at: proxy, within: deadline) }
            var rest = try await left(of: keys, at: proxy, wiping: wiping, within: deadline)
            if !rest.isEmpty {
                try await recover(rest, at: proxy, within: deadline)
                rest = try await left(of: keys, at: proxy, wiping: wiping, within: deadline)
            }
            return rest.isEmpty ? .clean : .holds(rest)
        } catch {
            return .silent(error.summary)
        }
    }

    private func left(
        of keys: Set<String>, at proxy: ProxyAddress, wiping: Bool, within deadline: Duration
    ) async throws(InjectionError) -> [String] {
        let held = try await held(at: proxy, within: deadline)
        return held.flatMap(\.keys).filter { wiping || keys.contains($0) }.sorted()
    }
}
