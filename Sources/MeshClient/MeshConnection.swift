/// A mesh as a program gets at it: what is observed of it, and what puts faults into it. What there is to observe is said
/// as in gameday.yaml; the rest of that file (objectives, guards, leases) is the control plane's, and so is the ledger:
/// whoever injects without one keeps `FaultPlan.undo` where a crash does not reach it, before `apply`.
public struct MeshConnection: Sendable {
    /// Why nothing can be observed: every mistake with its line, as `gameday check` tells them.
    public struct Invalid: Error, CustomStringConvertible {
        public var mistakes: [SettingsMistake]

        public var description: String {
            mistakes.map { mistake in
                let place = mistake.file.map { "\($0):" } ?? "line "
                return "\(place)\(mistake.line): \(mistake.message)" + (mistake.remedy.map { ". \($0)" } ?? "")
            }.joined(separator: "\n")
        }
    }

    /// One for each part of the settings.
    public let adapters: [any Adapter]
    /// All injectors as one; it picks the nearest to the traffic.
    public let injectors: InjectorRouter

    /// Makes what the settings ask for; nothing is asked of anybody yet. Relative paths in them begin in `folder`, which
    /// is empty or ends with a slash. Throws `Invalid`, or a `TransportError` when the network can't be used.
    public init(
        yaml: String, in folder: String = "", pollInterval: Duration = .seconds(1)
    ) throws {
        let log = SettingsMistakes()
        let members = SettingsNode(yaml: yaml, log: log)?.members(of: "the text", keys: Adapters.keys)
        if log.all.isEmpty, !Adapters.isNamed(in: members ?? [:]) { log.add(Adapters.missing) }
        let parts = members.map { Adapters.parts(of: $0, in: folder) } ?? []
        guard log.all.isEmpty else { throw Invalid(mistakes: log.all) }
        self.init(parts, AdapterSurroundings(transport: try CurlTransport(), pollInterval: pollInterval))
    }

    /// Makes adapters that were read already.
    public init(_ parts: [AdapterPart], _ surroundings: AdapterSurroundings) {
        var surroundings = surroundings
        if let calledHere = parts.lazy.compactMap(\.calledHere).first { surroundings.calledHere = calledHere }
        adapters = parts.map { [surroundings] in $0.make(surroundings) }
        injectors = InjectorRouter(adapters.flatMap(\.injectors))
    }

    /// Observes until the task is cancelled, and tells each turn as it comes, together with who brought it.
    public func observe(telling turns: @escaping @Sendable (AdapterTurn, any Adapter) -> Void) async {
        await withDiscardingTaskGroup { group in
            for adapter in adapters {
                group.addTask { await adapter.observe { turns($0, adapter) } }
            }
        }
    }

    /// Observes for as long as somebody iterates. Of a reader that is slow the oldest of 1,000 turns are dropped.
    public func turns() -> AsyncStream<AdapterTurn> {
        let (turns, continuation) = AsyncStream.makeStream(
            of: AdapterTurn.self, bufferingPolicy: .bufferingNewest(1000))
        let observing = Task { await observe { turn, _ in continuation.yield(turn) } }
        continuation.onTermination = { _ in observing.cancel() }
        return turns
    }
}
