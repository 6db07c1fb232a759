import MeshModel
import TerminalCanvas

extension DashboardState {
    /// The lines of the story that are shown, the newest first, by their numbers in the day. A step on the way to what
    /// a later line tells of the same fault is left out, and of many proxies that become the same at once one line tells.
    mutating func refreshStory() {
        let mesh = shown
        let first = mesh.told - mesh.timeline.count
        var told: Set<String> = []
        var story: [Int] = []
        crowds = [:]
        var crowd: [Int] = []
        func endCrowd() {
            if crowd.count >= Self.smallestCrowd {
                story.append(crowd[0])
                crowds[crowd[0]] = crowd.count
            } else {
                story += crowd
            }
            crowd = []
        }
        for (place, entry) in mesh.timeline.enumerated().reversed() {
            if let fault = entry.turn.fault {
                let isLatest = told.insert(fault).inserted
                if !isLatest, Narrator.isStep(entry) { continue }
            }
            guard matches(entry) else { continue }
            if !filter.isEmpty {
                story.append(first + place)
                continue
            }
            if let newest = crowd.first, let oldest = crowd.last,
                oldest != first + place + 1 || !entry.joins(mesh.timeline[newest - first])
            {
                endCrowd()
            }
            if case .source = entry.turn { crowd.append(first + place) } else { story.append(first + place) }
        }
        endCrowd()
        self.story = story
    }

    /// So many proxies are told of in one line.
    private static let smallestCrowd = 4

    /// The lines that a line stands for, the newest first.
    func crowd(of number: Int) -> [TimelineEntry] {
        (0..<(crowds[number] ?? 1)).compactMap { entry(number - $0) }
    }

    /// The line of the day with that number, while it is kept.
    func entry(_ number: Int) -> TimelineEntry? {
        let place = number - (shown.told - shown.timeline.count)
        return shown.timeline.indices.contains(place) ? shown.timeline[place] : nil
    }

    /// Where the selected line stands in the story; the newest while none is selected.
    var storyPlace: Int {
        guard let chosen = selectedEntry else { return 0 }
        // A line that is no longer shown: the next older one that is.
        return story.firstIndex { $0 <= chosen } ?? max(0, story.count - 1)
    }

    mutating func moveEntry(to place: Int) {
        guard story.indices.contains(place) else { return }
        // At the top the selection goes along with what comes.
        selectedEntry = place == 0 ? nil : story[place]
    }

    /// Goes to what a line is about, and to its moment.
    mutating func openEntry(_ number: Int) -> [Effect] {
        guard let entry = entry(number) else { return [] }
        if let scope = entry.scope {
            if case .service(let name) = scope, digraph.number(of: name) != nil { selection = scope }
            if case .edge(let edge) = scope, knownEdges.contains(edge) { selection = scope }
            refreshEdges()
        }
        return jump(to: entry.at)
    }

    /// Asks for the day as it was at a moment.
    mutating func jump(to time: Timestamp) -> [Effect] {
        if let why = whyNoTravel(.earlier) {
            say(why, .muted)
            return []
        }
        return [.travel(.to(time))]
    }
}

extension TimelineEntry {
    /// Whether it tells of one more proxy what a newer line told of another, at about the same time.
    fileprivate func joins(_ newer: TimelineEntry) -> Bool {
        guard case .source(_, let state, _) = turn, case .source(_, state, _) = newer.turn else { return false }
        return newer.at.seconds(since: at) <= 5
    }
}
