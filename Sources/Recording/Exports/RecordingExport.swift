import MeshModel

/// The recording once more: whole lines, checkpoints and seals of its own. With aliases it can be given away.
struct RecordingExport: Export {
    private var encoder: RecordingEncoder?

    mutating func begin(_ day: ExportedDay) -> [UInt8] {
        encoder = RecordingEncoder(header: day.header)
        return encoder?.drain() ?? []
    }

    mutating func event(_ event: Event, state: MeshState) -> [UInt8] {
        encoder?.append(event, state: state)
        return encoder?.drain() ?? []
    }

    mutating func end(_ state: MeshState) -> [UInt8] {
        encoder?.end()
        return encoder?.drain() ?? []
    }
}
