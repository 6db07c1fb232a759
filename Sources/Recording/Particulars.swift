import MeshModel

/// What a state has besides traffic, sources, faults and story: a few small things, by the names they have in a key
/// frame. A checkpoint tells those that changed, whatever they are, so that a state may grow without its recordings.
enum Particulars {
    /// Members of a key frame that a checkpoint tells in ways of its own.
    private static let others: Set<String> = [
        "sources", "services", "edges", "faults", "experiments", "timeline", "told", "watch",
    ]
    /// Members of a checkpoint that are none of the state's.
    private static let own: Set<String> = [
        "t", "n", "prev", "whole", "full", "kept", "names", "shapes", "goneFaults", "goneExperiments", "goneSources",
    ]

    /// The name of the one that a checkpoint tells by the place of its event.
    static let catalogue = "catalogue"

    static func all(of state: MeshState) -> [JSON.Member] {
        var bare = state
        bare.sources = [:]
        bare.services = [:]
        bare.edges = [:]
        bare.faults = []
        bare.experiments = []
        bare.timeline = []
        var writer = JSONWriter()
        Observation.keyframe(bare).write(to: &writer)
        guard case .object(let members)? = try? JSON(parsing: writer.bytes) else { return [] }
        return members.filter { !others.contains($0.name) }
    }

    /// Those that a checkpoint told.
    static func told(in checkpoint: JSON) -> [JSON.Member] {
        guard case .object(let members) = checkpoint else { return [] }
        return members.filter { !others.contains($0.name) && !own.contains($0.name) }
    }

    /// A state with these and nothing else; one that can not be read is left out.
    static func state(with members: [String: JSON]) -> MeshState {
        if let whole = try? state(of: members) { return whole }
        return (try? state(of: members.filter { (try? state(of: [$0.key: $0.value])) != nil })) ?? MeshState()
    }

    private static func state(of members: [String: JSON]) throws(WireError) -> MeshState {
        let lists = [
            "sources", "services", "edges", "faults", "experiments", "catalogue", "timeline", "verdicts",
        ]
        let empty = lists.filter { members[$0] == nil }.map { JSON.Member($0, []) }
        let told = members.map { JSON.Member($0.key, $0.value) }
        return try MeshState(WireFields(.object(empty + told), page: "recording"))
    }
}
