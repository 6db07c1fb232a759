public import TerminalCanvas

/// Something a person can do on the main screen: the one table which keys, help, palette and manual come from.
public struct Action: Equatable, Sendable {
    /// The actions there are.
    public enum ID: String, CaseIterable, Sendable {
        case halt, abort, fault, dial, renew, clearOrphans, rearm, note
        case up, down, left, right, first, last, pageUp, pageDown
        case open, back, nextPane, previousPane
        case overview, graph, objectives, faults, proof, timeline, proxies, experiments, lessons, run
        case play, earlier, later, muchEarlier, muchLater, previousEvent, nextEvent, slower, faster
        case mark, nextMark, nextHit, previousHit
        case blast, logs, difference, traffic, view, sort, layout, focus, fold, foldAll, zoomIn, zoomOut, news
        case search, filter, palette, freeze, theme, projector, screenshot, copySelection, redraw, suspend, help, quit
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
        case moving = "Navigation"
        case screens = "Screens"
        case looking = "View"
        case time = "Time: replay, or looking back live"
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
        Action(.halt, "HALT ALL: remove every fault now, from anywhere", .safety, "! ctrl-x f12", .reduces),
        Action(.abort, "abort the running experiment, or stop the selected fault", .safety, "a", .reduces),
        Action(.fault, "inject a fault on the selected edge", .safety, "f", .asks),
        Action(.dial, "change the selected fault's percentage; raising it asks", .safety, "d", .asks),
        Action(.renew, "renew the selected fault's lease", .safety, "e", .asks),
        Action(
            .clearOrphans, "remove all orphans: faults found in proxies, not started here", .safety, "O", .asks),
        Action(.run, "preview, then run the selected experiment", .safety, "x", .asks),
        Action(.rearm, "re-arm after a halt", .safety, "R", .asks),
        Action(.up, "up", .moving, "up k"),
        Action(.down, "down", .moving, "down j"),
        Action(.left, "left, towards callers", .moving, "left h"),
        Action(.right, "right, towards callees", .moving, "right l"),
        Action(.first, "first item", .moving, "home g"),
        Action(.last, "last item", .moving, "end G"),
        Action(.pageUp, "page up", .moving, "pgup ctrl-u"),
        Action(.pageDown, "page down", .moving, "pgdn ctrl-d"),
        Action(.nextPane, "next pane", .moving, "tab"),
        Action(.previousPane, "previous pane", .moving, "shift-tab"),
        Action(.open, "open details; of an event, again: jump there", .moving, "enter +"),
        Action(.back, "back or close; never quits", .moving, "esc"),
        Action(.overview, "overview", .screens, "1"),
        Action(.graph, "service graph", .screens, "2"),
        Action(.objectives, "objectives", .screens, "3"),
        Action(.faults, "faults and halt proof", .screens, "4"),
        Action(.proof, "proof of the last halt", .screens, "p"),
        Action(.timeline, "timeline", .screens, "5"),
        Action(.proxies, "proxies and data age", .screens, "6"),
        Action(.experiments, "experiments and the current run", .screens, "7"),
        Action(.lessons, "lessons: what the mesh did, and what only code can do", .screens, "8"),
        Action(.blast, "blast radius of the selected edge", .looking, "b"),
        Action(.logs, "access log of the selected edge, live, with flags in words", .looking, "t"),
        Action(.search, "search: go to the first match, mark all; in a replay also p99 of taps > 300ms", .looking, "/"),
        Action(
            .filter, "filter: hide the rest; text !text ~fuzzy state=bad; also kind= from= to= by= name= ns= fault=",
            .looking, "&"),
        Action(.difference, "show values, or change from the baseline", .looking, "D"),
        Action(.traffic, "animate traffic on the edges, on or off", .looking, "M"),
        Action(.view, "switch between boxes, tree and table", .looking, "v"),
        Action(.sort, "sort the table: worst, rate, errors, p99, name", .looking, "W"),
        Action(.layout, "redo the graph layout", .looking, "L"),
        Action(.focus, "show only the selection's neighbours; again: one hop more", .looking, "o"),
        Action(.zoomIn, "more detail in boxes", .looking, "="),
        Action(.zoomOut, "less detail in boxes", .looking, "-"),
        Action(.fold, "collapse or expand this namespace", .looking, "c"),
        Action(.foldAll, "collapse or expand all namespaces", .looking, "C"),
        Action(.news, "jump to the latest change; again: the one before", .looking, "n"),
        Action(.freeze, "freeze the display; safety keys still work", .looking, "z"),
        Action(.note, "add a note; begin with ! for a finding or ? for a prediction", .looking, "N"),
        Action(.earlier, "back 5 s, or one poll if paused; live: into the past", .time, ","),
        Action(.later, "forward 5 s, or one poll if paused", .time, "."),
        Action(.muchEarlier, "back 10% of the recording", .time, "shift-left"),
        Action(.muchLater, "forward 10%", .time, "shift-right"),
        Action(.previousEvent, "previous timeline event", .time, "["),
        Action(.nextEvent, "next timeline event", .time, "]"),
        Action(.play, "play or pause", .time, "space"),
        Action(.slower, "slower, down to 0.25x", .time, "<"),
        Action(.faster, "faster, up to 64x", .time, ">"),
        Action(.mark, "mark this moment; in a replay, again to unmark", .time, "m"),
        Action(.nextMark, "next mark", .time, "'"),
        Action(.nextHit, "next match", .time, "}"),
        Action(.previousHit, "previous match", .time, "{"),
        Action(.theme, "next theme", .looking, "T"),
        Action(.projector, "projector view: few large words", .looking, "P"),
        Action(.screenshot, "screenshot", .looking, "S"),
        Action(.copySelection, "copy the selection to the terminal's clipboard", .looking, "ctrl-y"),
        Action(.redraw, "redraw the screen", .looking, "ctrl-l"),
        Action(.suspend, "suspend; `fg` resumes", .looking, "ctrl-z"),
        Action(.palette, "command palette", .looking, ":"),
        Action(.help, "help", .looking, "? f1"),
        Action(.quit, "quit; asks if faults are active", .looking, "q ctrl-c"),
    ]

    public static func with(_ id: ID) -> Action {
        all.first { $0.id == id } ?? Action(id, id.rawValue, .looking, "")
    }
}
