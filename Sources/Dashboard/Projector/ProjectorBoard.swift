import MeshModel

/// What stands on the projector: the scene, slowed down so that a room can follow.
///
/// Whatever changes stays for three seconds at least, and no more than one thing a second is lit or goes dark again;
/// nothing ever blinks. The halt and the age of the data do not go through here: they are shown at once.
struct ProjectorBoard: Equatable, Sendable {
    /// A part that changes as one.
    enum Part: Hashable, Sendable { case headline, gauge(Int), faults, paths, story }

    /// How long a change stays, and how long the room has for each, in seconds.
    static let hold = 3.0
    static let pace = 1.0

    private(set) var shown: ProjectorScene?
    private var changedAt: [Part: Timestamp] = [:]
    private var litAt: [Part: Timestamp] = [:]
    private var lightChangedAt: Timestamp?
    private var followedAt: Timestamp?

    /// Whether a part is marked as new.
    func isLit(_ part: Part) -> Bool { litAt[part] != nil }

    mutating func follow(_ scene: ProjectorScene, at now: Timestamp) {
        defer { followedAt = now }
        let isBack = followedAt.map { now < $0 } ?? false
        guard let before = shown, before.gauges.map(\.title) == scene.gauges.map(\.title), !isBack else {
            self = ProjectorBoard()
            shown = scene
            return
        }
        for index in scene.gauges.indices where before.gauges[index].verdict == scene.gauges[index].verdict {
            renewNumbers(index, scene, now)
        }
        if isHeldLongEnough(.paths, now), shown?.paths != scene.paths || shown?.unexplained != scene.unexplained {
            shown?.paths = scene.paths
            shown?.unexplained = scene.unexplained
            changedAt[.paths] = now
        }
        // What explains the same headline goes along with its figures.
        if shown?.headline.text == scene.headline.text, isHeldLongEnough(.headline, now) {
            shown?.headline = scene.headline
        }
        shown?.predictions = scene.predictions
        guard lightChangedAt.map({ now.seconds(since: $0) >= Self.pace }) ?? true else { return }
        if let part = firstNews(in: scene, now) {
            take(part, from: scene)
            changedAt[part] = now
            litAt[part] = now
            lightChangedAt = now
        } else if let oldest = litAt.min(by: { $0.value < $1.value }), now.seconds(since: oldest.value) >= Self.hold {
            litAt[oldest.key] = nil
            lightChangedAt = now
        }
    }

    /// Digits may change without being news, but not so often that nobody can read them out.
    private mutating func renewNumbers(_ index: Int, _ scene: ProjectorScene, _ now: Timestamp) {
        guard isHeldLongEnough(.gauge(index), now), shown?.gauges[index] != scene.gauges[index] else { return }
        shown?.gauges[index] = scene.gauges[index]
        changedAt[.gauge(index)] = now
    }

    private func isHeldLongEnough(_ part: Part, _ now: Timestamp) -> Bool {
        changedAt[part].map { now.seconds(since: $0) >= Self.hold } ?? true
    }

    /// What the room should hear of first. A verdict does not wait for its digits.
    private func firstNews(in scene: ProjectorScene, _ now: Timestamp) -> Part? {
        guard let shown else { return nil }
        if shown.headline.text != scene.headline.text, isHeldLongEnough(.headline, now) { return .headline }
        for index in scene.gauges.indices where shown.gauges[index].verdict != scene.gauges[index].verdict {
            if litAt[.gauge(index)].map({ now.seconds(since: $0) >= Self.hold }) ?? true { return .gauge(index) }
        }
        if shown.faults != scene.faults, isHeldLongEnough(.faults, now) { return .faults }
        if shown.story != scene.story, isHeldLongEnough(.story, now) { return .story }
        return nil
    }

    private mutating func take(_ part: Part, from scene: ProjectorScene) {
        switch part {
        case .headline: shown?.headline = scene.headline
        case .gauge(let index): shown?.gauges[index] = scene.gauges[index]
        case .faults: shown?.faults = scene.faults
        case .paths: shown?.paths = scene.paths
        case .story: shown?.story = scene.story
        }
    }
}
