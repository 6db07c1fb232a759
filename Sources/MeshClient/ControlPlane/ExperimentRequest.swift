public import MeshModel

/// A wish for a run: an experiment of the catalogue by its name, or a file by its path.
public struct ExperimentRequest: Equatable, Sendable {
    public var name: String?
    public var path: String?
    public var by: String
    /// Starts although the steady state is broken; the journal says so.
    public var overridesGate: Bool

    public init(name: String? = nil, path: String? = nil, by: String, overridesGate: Bool = false) {
        self.name = name
        self.path = path
        self.by = by
        self.overridesGate = overridesGate
    }

    public var json: JSON {
        [
            "experiment": JSON(name), "path": JSON(path), "by": .string(by), "override": .bool(overridesGate),
        ]
    }

    public init(_ fields: WireFields) throws(WireError) {
        name = fields.value("experiment")?.string
        path = fields.value("path")?.string
        by = fields.value("by")?.string ?? ""
        overridesGate = fields.value("override")?.bool ?? false
    }
}
