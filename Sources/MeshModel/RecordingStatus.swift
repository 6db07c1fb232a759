/// Whether the session is being recorded, as the control plane tells it now and then.
public struct RecordingStatus: Equatable, Sendable {
    public enum Phase: String, CaseIterable, Sendable {
        case on
        /// Nothing can be written: what happens is kept in memory as far as there is room, and then left out.
        case stopped
        /// Nobody wants this session recorded.
        case off
    }

    public var phase: Phase
    /// The name of the file, without its folder.
    public var file: String?
    /// How large the file is.
    public var bytes: UInt64
    /// Events that are missing in the file so far.
    public var lost: UInt64
    /// Why nothing can be written, and what to do about it.
    public var explanation: String?

    public init(_ phase: Phase, file: String? = nil, bytes: UInt64 = 0, lost: UInt64 = 0, explanation: String? = nil) {
        self.phase = phase
        self.file = file
        self.bytes = bytes
        self.lost = lost
        self.explanation = explanation
    }
}

extension RecordingStatus {
    public var json: JSON {
        [
            "state": .string(phase.rawValue), "file": JSON(file), "bytes": JSON(bytes), "lost": JSON(lost),
            "why": JSON(explanation),
        ]
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(
            try fields.word("state", Phase.self), file: fields.value("file")?.string,
            bytes: try fields.unsigned("bytes"), lost: try fields.unsigned("lost"),
            explanation: fields.value("why")?.string)
    }
}

extension MeshState {
    /// Only what a person should know becomes a line of the story: that a file grows is no news.
    mutating func follow(_ status: RecordingStatus, at: Timestamp) {
        let before = recording
        recording = status
        let isNew = before?.phase != status.phase
        switch status.phase {
        case .stopped where isNew:
            tell(.session, .warn, .notRecording(why: status.explanation), at: at)
        case .on where isNew && before?.phase == .stopped:
            let known = before?.lost ?? 0
            let lost = status.lost > known ? status.lost - known : 0
            tell(.session, .good, .recordingAgain(lost: lost), at: at)
        case .on, .stopped, .off: break
        }
    }
}
