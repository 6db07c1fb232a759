/// What is known of the traffic of one scope: the last samples for short windows, and a longer series for charts.
///
/// A scope may be told by several sources, the replicas of a service. The samples of one source follow one another in
/// time; those of several cover the same time, so that their rates are summed and their answers and latencies merged.
public struct ScopeState: Equatable, Sendable {
    public struct TimedSample: Equatable, Sendable {
        public var at: Timestamp
        public var sample: TrafficSample
        /// The name of the source; empty where a key frame of an older program did not tell it.
        public var source: String

        public init(at: Timestamp, sample: TrafficSample, source: String) {
            self.at = at
            self.sample = sample
            self.source = source
        }
    }

    /// Samples of the last seconds, of all sources, oldest first.
    public private(set) var recent: [TimedSample] = []
    /// The last `keptPoints` rounds, oldest first. A source alone has a point a poll; several have one together.
    public private(set) var series = Series()
    /// When this scope was last heard of, with or without a sample.
    public private(set) var heardAt: Timestamp?
    /// How many samples there were in all, those no longer kept included.
    public private(set) var polls = 0
    /// Seconds between two polls of a source.
    public private(set) var pace: Double
    /// Nil until it is needed.
    private var round: Round?

    public static let keptSeconds = 12.0
    public static let keptPoints = 300
    /// The window of the numbers on the screen, in seconds: an audience sees a change within a breath.
    public static let window = 5.0

    public init() { pace = 1 }

    /// Takes up a scope where a key frame or a recording left it.
    public init(
        recent: [TimedSample], series: some Sequence<Point>, heardAt: Timestamp?, polls: Int, pace: Double = 1
    ) {
        self.recent = recent
        self.series = Series(series)
        self.heardAt = heardAt
        self.polls = polls
        self.pace = pace
    }

    /// What is made out of the recent samples is no knowledge of its own.
    public static func == (left: ScopeState, right: ScopeState) -> Bool {
        left.heardAt == right.heardAt && left.polls == right.polls && left.recent == right.recent
            && left.series == right.series
    }

    /// A source that was silent for so many seconds counts no longer: three polls, as in `MeshState.isStale`.
    public static func patience(pace: Double) -> Double { max(3, 3 * pace) }

    /// Samples are kept for so many seconds: a window of ten, and of slow polls those that are still current.
    public static func keptSeconds(pace: Double) -> Double { max(keptSeconds, patience(pace: pace)) }

    /// The round that a poll at this moment belongs to, counted from 1970.
    public static func round(of at: Timestamp, pace: Double) -> Int64 { Round.number(of: at, pace: pace) }

    /// Takes a poll; answers whether it began a round, or nil when there was no sample in it. What sources told that
    /// are no replicas of this one goes: two that count the same requests are never added.
    @discardableResult
    public mutating func add(
        _ sample: TrafficSample?, from source: String, at: Timestamp, pace: Double = 1,
        isReplica: (String) -> Bool = { _ in true }
    ) -> Bool? {
        if let last = recent.last?.source, last != source, !isReplica(last) {
            // Who has nothing to say takes nothing away.
            guard sample != nil else { return nil }
            (recent, round) = ([], nil)
        }
        heardAt = at
        guard let sample else { return nil }
        polls &+= 1
        if pace != self.pace { round = nil }
        self.pace = pace
        let kept = Self.keptSeconds(pace: pace)
        // What is far ahead goes too: in an older recording the clock may have been set back.
        recent.removeFirst(recent.prefix { abs(at.seconds(since: $0.at)) >= kept }.count)
        nameUnnamed(source)
        // Taken out, so that what it holds is changed in place.
        var round = self.round.take() ?? Round(recent, pace: pace)
        let timed = TimedSample(at: at, sample: sample, source: source)
        recent.append(timed)
        round.take(timed, pace: pace)
        self.round = round
        if round.isShared, let last = series.last, Round.number(of: last.at, pace: pace) == round.number {
            series.replaceLast(with: round.point)
            return false
        }
        if series.count >= Self.keptPoints { series.dropOldest() }
        series.append(round.isShared ? round.point : Point(of: sample, at: at))
        return true
    }

    /// Samples that nobody put a name to are taken for those of who comes first: for another's they would count twice.
    private mutating func nameUnnamed(_ source: String) {
        guard let first = recent.first, first.source.isEmpty, !source.isEmpty else { return }
        for place in recent.indices where recent[place].source.isEmpty { recent[place].source = source }
        round = nil
    }

    /// All that the sources of the last round counted in it, and of a source alone its last poll.
    public var lastRound: TrafficSample? {
        let round = round ?? Round(recent, pace: pace)
        return round.isShared ? round.sample : recent.last?.sample
    }

    /// The samples that ended in the last `seconds` before `now`, as one; nil when there is none. Of a source that is
    /// polled more slowly its last sample counts until it is overdue.
    public func sample(over seconds: Double = window, until now: Timestamp) -> TrafficSample? {
        let soon = now.advanced(bySeconds: 1)
        let patience = Self.patience(pace: pace)
        var slow: [TimedSample] = []
        if patience > seconds {
            for source in sources {
                guard let last = recent.last(where: { $0.source == source && $0.at <= soon }) else { continue }
                let age = now.seconds(since: last.at)
                if age >= seconds, age < patience { slow.append(last) }
            }
        }
        return sum(adding: slow) { $0.at <= soon && now.seconds(since: $0.at) < seconds }
    }

    /// The samples whose whole interval lies after `start`, and before `end` if there is one, as one; nil when there is
    /// none.
    public func sample(since start: Timestamp, until end: Timestamp? = nil) -> TrafficSample? {
        sum { timed in
            timed.at.advanced(bySeconds: -timed.sample.seconds + 0.05) >= start && end.map { timed.at <= $0 } ?? true
        }
    }

    /// Who told the last sample that is kept.
    public var source: String? { recent.last?.source }

    /// The sources that are heard of in the kept samples, in order.
    public var sources: [String] { Set(recent.map(\.source)).sorted() }

    /// What one source alone says, over the same window.
    public func sample(of source: String, over seconds: Double = window, until now: Timestamp) -> TrafficSample? {
        let own = recent.filter { $0.source == source }
        return ScopeState(recent: own, series: [], heardAt: nil, polls: 0, pace: pace)
            .sample(over: seconds, until: now)
    }

    private func sum(adding others: [TimedSample] = [], where isWanted: (TimedSample) -> Bool) -> TrafficSample? {
        var sums = others.map { (source: $0.source, sum: $0.sample) }
        for timed in recent where isWanted(timed) {
            if let place = sums.firstIndex(where: { $0.source == timed.source }) {
                sums[place].sum.add(timed.sample)
            } else {
                sums.append((timed.source, timed.sample))
            }
        }
        guard sums.count > 1 else { return sums.first?.sum }
        return TrafficSample(across: sums.map(\.sum))
    }

    /// Seconds since this scope was last heard of; nil if never.
    public func age(at now: Timestamp) -> Double? {
        heardAt.map { max(0, now.seconds(since: $0)) }
    }
}
