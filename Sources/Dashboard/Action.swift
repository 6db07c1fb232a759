public import TerminalCanvas

/// Something a person can do on the main screen: the one table which keys, help, palette and the README's list come from.
public struct Action: Equatable, Sendable {
    /// The actions there are.
    public enum ID: String, CaseIterable, Sendable {
        case halt, abort, fault, dial, renew, clearOrphans, rearm, note
        case up, down, left, right, first, last, pageUp, pageDown
        case open, back, nextPane, previousPane
        case overview, graph, objectives, faults, proof, timeline, proxies, experiments, run
        case play, earlier, later, muchEarlier, muchLater, previousEvent, nextEvent, slower, faster
        case mark, nextMark, nextHit, previousHit
        case blast, difference, traffic, view, layout, focus, fold, foldAll, zoomIn, zoomOut, news
        case filter, palette, freeze, theme, projector, screenshot, help, quit
    }

    /// What an action may do to the mesh.
    public enum Danger: Equatable, Sendable {
        case none
        /// It only takes faults of ours away, so it never asks.
        case reduces
        /// It may lead to a fault, or take somebody else's away, so it asks before anything happens.
        case asks
    }

    /// The part of the help it stands in.
    public enum Group: String, CaseIterable, Sendable {
        case safety = "Safety"
        case moving = "Moving"
        case screens = "Screens"
        case looking = "Looking"
        case time = "The recorded day: a replay, and this session up to now"
    }

    public let id: ID
    /// What it does, for help and palette.
    public let title: String
    public let group: Group
    public let danger: Danger
    public let keys: [Key]

    private init(_ id: ID, _ title: String, _ group: Group, _ keys: String, _ danger: Danger = .none) {
        self.id = id
        self.title = title
        self.group = group
        self.danger = danger
        self.keys = keys.split(separator: " ").compactMap { Key(String($0)) }
    }

    /// The name for the palette and for key files.
    public var name: String { id.rawValue }

    public static let all: [Action] = [
        Action(.halt, "HALT ALL: undo every fault now, from anywhere", .safety, "! ctrl-x f12", .reduces),
        Action(.abort, "abort the run that is on, else the selected fault", .safety, "a", .reduces),
        Action(.fault, "build a fault on the selected edge", .safety, "f", .asks),
        Action(.dial, "dial the share of the selected fault; less goes at once, more asks", .safety, "d", .asks),
        Action(.renew, "give the selected fault a new lease", .safety, "e", .asks),
        Action(
            .clearOrphans, "remove every orphan: faults found in proxies, not started here; asks", .safety, "O", .asks),
        Action(.run, "run the selected experiment, after a preview", .safety, "x", .asks),
        Action(.rearm, "rearm after a halt", .safety, "R", .asks),
        Action(.up, "up", .moving, "up k"),
        Action(.down, "down", .moving, "down j"),
        Action(.left, "left, from callee to caller", .moving, "left h"),
        Action(.right, "right, from caller to callee", .moving, "right l"),
        Action(.first, "to the first", .moving, "home g"),
        Action(.last, "to the last", .moving, "end G"),
        Action(.pageUp, "a page up", .moving, "pgup ctrl-u"),
        Action(.pageDown, "a page down", .moving, "pgdn ctrl-d"),
        Action(.nextPane, "next pane", .moving, "tab"),
        Action(.previousPane, "previous pane", .moving, "shift-tab"),
        Action(.open, "details of the selection; on the timeline: go there", .moving, "enter +"),
        Action(.back, "back; never quits", .moving, "esc"),
        Action(.overview, "overview", .screens, "1"),
        Action(.graph, "service graph", .screens, "2"),
        Action(.objectives, "objectives", .screens, "3"),
        Action(.faults, "faults and the proof of a halt", .screens, "4"),
        Action(.proof, "the proof sheet of the last halt", .screens, "p"),
        Action(.timeline, "timeline", .screens, "5"),
        Action(.proxies, "proxies and the age of their data", .screens, "6"),
        Action(.experiments, "experiments and the run that is on", .screens, "7"),
        Action(.blast, "blast radius of the selected edge", .looking, "b"),
        Action(
            .filter, "filter: /text /!text /~fuzzy /state=bad; also kind, from, to, by, name, ns, fault", .looking, "/"),
        Action(.difference, "figures as differences from before the first fault, or as they are", .looking, "D"),
        Action(.traffic, "traffic as dots that travel along the edges, or at rest", .looking, "M"),
        Action(.view, "boxes, tree or table", .looking, "v"),
        Action(.layout, "lay the graph out anew", .looking, "L"),
        Action(.focus, "only what is around the selection; again: further", .looking, "o"),
        Action(.zoomIn, "boxes that tell more", .looking, "="),
        Action(.zoomOut, "boxes that tell less", .looking, "-"),
        Action(.fold, "fold or unfold the selection's namespace", .looking, "c"),
        Action(.foldAll, "fold or unfold all namespaces", .looking, "C"),
        Action(.news, "to what is new; again: to what was new before", .looking, "n"),
        Action(.freeze, "freeze the picture; safety keys still work", .looking, "z"),
        Action(.note, "write into the timeline; ! first: a finding, ? a prediction", .looking, "N"),
        Action(.earlier, "5 s back, a poll while paused; in a live day, into the past", .time, ","),
        Action(.later, "5 s on, a poll while paused", .time, "."),
        Action(.muchEarlier, "a tenth of the day back", .time, "shift-left"),
        Action(.muchLater, "a tenth of the day on", .time, "shift-right"),
        Action(.previousEvent, "to the line of the timeline before", .time, "["),
        Action(.nextEvent, "to the line of the timeline after", .time, "]"),
        Action(.play, "play, pause", .time, "space"),
        Action(.slower, "slower, down to 0.25x", .time, "<"),
        Action(.faster, "faster, up to 64x", .time, ">"),
        Action(.mark, "mark this moment; in a replay, or take its mark away", .time, "m"),
        Action(.nextMark, "to the next mark", .time, "'"),
        Action(.nextHit, "to the next moment that / looked for", .time, "}"),
        Action(.previousHit, "to the one before", .time, "{"),
        Action(.theme, "next theme", .looking, "T"),
        Action(.projector, "projector: few big words for the back row", .looking, "P"),
        Action(.screenshot, "keep a picture of the screen in files", .looking, "S"),
        Action(.palette, "every action by its name", .looking, ":"),
        Action(.help, "this help", .looking, "? f1"),
        Action(.quit, "quit; asks while faults are active", .looking, "q ctrl-c"),
    ]

    public static func with(_ id: ID) -> Action {
        all.first { $0.id == id } ?? Action(id, id.rawValue, .looking, "")
    }
}
