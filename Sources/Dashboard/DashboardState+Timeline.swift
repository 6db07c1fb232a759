import MeshModel
import TerminalCanvas

extension DashboardState {
    /// The lines of the story that are shown, the newest first, by their numbers in the day. A step on the way to what
    /// a later line tells of the same fault is left out.
    mutating func refreshStory() {
        let mesh = shown
        let first = mesh.told - mesh.timeline.count
        var told: Set<String> = []
        var story: [Int] = []
        for (place, entry) in mesh.timeline.enumerated().reversed() {
            if let fault = entry.turn.fault {
                let isLatest = told.insert(fault).inserted
                if !isLatest, Narrator.isStep(entry) { continue }
            }
            if matches(entry) { story.append(first + place) }
        }
        self.story = story
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
