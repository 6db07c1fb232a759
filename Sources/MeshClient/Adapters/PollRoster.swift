internal import MeshModel
internal import Synchronization

/// Somebody who can be polled, as settings or discovery name it.
protocol PollTarget: Equatable, Sendable {
    /// Where it is: two of one place are the same.
    var place: String { get }
    /// False for another one at the same place, and for one that is asked otherwise.
    func goesOn(from earlier: Self) -> Bool
}

extension PollTarget {
    func goesOn(from earlier: Self) -> Bool { self == earlier }
}

/// Whom a fleet polls now: those of the settings, and those that lists name, which come and go.
final class PollRoster<Target: PollTarget>: Sendable {
    /// One of them, with a number that it keeps for as long as it is there.
    struct Entry: Sendable {
        var target: Target
        var number: Int
        /// It was not there when its list was first read.
        var isNew: Bool
    }

    private struct State {
        var fixed: [Target]
        var lists: [Int: [Target]] = [:]
        var entries: [Entry] = []
        var next = 0
        var version: UInt64 = 0
    }

    /// Whether anything may come or go.
    let mayChange: Bool
    private let state: Mutex<State>

    init(_ fixed: [Target], mayChange: Bool = false) {
        self.mayChange = mayChange
        var state = State(fixed: fixed)
        Self.renumber(&state, areNew: false)
        self.state = Mutex(state)
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// Where they are.
    var places: Set<String> { state.withLock { Set($0.entries.map(\.target.place)) } }

    /// Everybody, if that is another set than the version that is known already.
    func entries(otherThan version: UInt64?) -> (version: UInt64, entries: [Entry])? {
        state.withLock { $0.version == version ? nil : ($0.version, $0.entries) }
    }

    /// What a list names from now on.
    func put(_ targets: [Target], of list: Int) {
        state.withLock { state in
            let areNew = state.lists[list] != nil
            state.lists[list] = targets
            Self.renumber(&state, areNew: areNew)
            state.version += 1
        }
    }

    /// Each place once: the settings are right where a list names it too.
    private static func renumber(_ state: inout State, areNew: Bool) {
        let before = Dictionary(state.entries.map { ($0.target.place, $0) }) { one, _ in one }
        var seen: Set<String> = []
        let all = state.fixed + state.lists.sorted { $0.key < $1.key }.flatMap(\.value)
        state.entries = all.filter { seen.insert($0.place).inserted }.map { target in
            if var known = before[target.place], target.goesOn(from: known.target) {
                known.target = target
                return known
            }
            defer { state.next += 1 }
            return Entry(target: target, number: state.next, isNew: areNew)
        }
    }
}

/// One that a fleet polls: what to ask it next, and what its answer says. It does no I/O and has no clock.
protocol Polled: AnyObject, SendableMetatype {
    associatedtype Target: PollTarget

    var target: Target { get }
    /// The name of the source, once it has one.
    var source: String? { get }
    var request: HTTPRequest { get }
    /// True when the last answer leads to another question, to be asked at once.
    var asksAgain: Bool { get }
    /// True when the last answer was none, or no use.
    var isFailing: Bool { get }
    /// The seed, if what answers says that it only plays.
    var simulatorSeed: String? { get }

    /// False while it is left alone, because it failed lately. Times are in seconds on any scale that never goes back.
    func isDue(at time: Double) -> Bool
    /// Takes the answer to the last question.
    func receive(_ result: Result<HTTPResponse, TransportError>, at time: Double) -> [Observation]
    /// What is said of it otherwise, while it goes on.
    func update(_ target: Target)
    /// Nothing names it any more.
    func leave() -> [Observation]
}

/// Those of one slot of a fleet: made when they appear, let go when nothing names them any more.
struct PollCrew<Member: Polled> {
    let slot: Int
    let slots: Int
    /// So many join in a turn.
    var newcomers: Int
    private(set) var members: [Member] = []
    private var version: UInt64?

    init(slot: Int, of slots: Int, newcomers: Int = .max) {
        self.slot = slot
        self.slots = slots
        self.newcomers = newcomers
    }

    /// Takes up what has changed, and tells who left. Those who stay go on counting.
    mutating func follow(
        _ roster: PollRoster<Member.Target>, making member: (PollRoster<Member.Target>.Entry) -> Member
    ) -> [Observation] {
        guard let (version, all) = roster.entries(otherThan: version) else { return [] }
        self.version = version
        let own = all.filter { $0.number % slots == slot }
        let known = Dictionary(members.map { ($0.target.place, $0) }) { one, _ in one }
        let wanted = Dictionary(own.map { ($0.target.place, $0.target) }) { one, _ in one }
        let left = members.filter { !(wanted[$0.target.place]?.goesOn(from: $0.target) ?? false) }
        var room = newcomers
        members = own.compactMap { entry in
            if let same = known[entry.target.place], entry.target.goesOn(from: same.target) {
                same.update(entry.target)
                return same
            }
            guard room > 0 else {
                // The others come with the next turn.
                self.version = nil
                return nil
            }
            room -= 1
            return member(entry)
        }
        return left.flatMap { $0.leave() }
    }
}
