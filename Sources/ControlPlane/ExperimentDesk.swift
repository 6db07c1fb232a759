internal import Experiments
internal import Logging
internal import MeshClient
internal import MeshModel

/// The single owner of runs: it keeps the catalogue, starts an experiment, stops it, and sees to its end that nothing
/// is left of it. One run is on at a time.
actor ExperimentDesk {
    /// What the desk works with.
    struct Tools: Sendable {
        var faults: FaultDesk
        var tokens: Tokens
        var log: EventLog
        var clock: DayClock
        var logger: Logger
        var network: HTTPDoor
        /// Of the programs that runs start.
        var environment: [String: String]
        /// The folder of the catalogue; nil for none.
        var folder: String?
        /// The folder of journals.
        var journals: String
        /// The file that says on disk which run is on.
        var mark: String
        /// The life of this control plane, for the mark.
        var life: @Sendable () -> Int = { 0 }
        /// The address of the API for runs, once it is served.
        var api: @Sendable () -> String?
    }

    /// A run that is on.
    struct Running {
        var id: String
        var runner: ExperimentRunner
        var story: RunStory
        var mark: RunMark
        var performing: Task<Void, Never>?
    }

    let tools: Tools
    let history: RunHistory
    var running: Running?
    /// True from the first look at a document until its run is on or refused.
    var isStarting = false
    var nextNumber = 1
    private var catalogue: ExperimentFolder?
    private var told: [ExperimentPlan] = []

    init(_ tools: Tools) {
        self.tools = tools
        let history = RunHistory(folder: tools.journals)
        self.history = history
        catalogue = tools.folder.map { ExperimentFolder(path: $0, history: history, network: tools.network) }
    }

    /// Looks into the folder, and tells the catalogue when it has changed.
    @discardableResult
    func refresh() -> [ExperimentPlan] {
        let plans = catalogue?.read() ?? []
        var news = plans
        // The runs of this session are told as they go; a catalogue need not be told again for each.
        let ran = tools.log.read { Set($0.experiments.map(\.file)) }
        for place in news.indices where ran.contains(news[place].file) {
            news[place].lastRun = told.first { $0.file == news[place].file }?.lastRun
        }
        if news != told {
            told = news
            tools.log.append([.catalogue(news)])
        }
        return plans
    }

    /// The path of a document, by its name in the catalogue, with or without its ending.
    func path(of name: String) -> String? {
        refresh()
        guard let catalogue else { return nil }
        if let path = catalogue.file(name) { return path }
        return [".yaml", ".yml", ".json"].lazy.compactMap { catalogue.file(name + $0) }.first
    }

    /// Stops the run that is on: what it started is taken back at once, and its rollbacks are played. Nil when there is
    /// none, or another one. It returns when the faults are proven gone; the rollbacks may still be on.
    func abort(_ id: String? = nil, by: String, because reason: String) async -> ExperimentReport? {
        guard let run = running, id == nil || id == run.id else { return nil }
        run.story.stop(by: by, because: reason)
        tools.tokens.end(run: run.id)
        run.runner.interrupt(Interruption(reason: "\(by): \(reason)"))
        await tools.faults.end(run: run.id, because: "\(run.id) was stopped by \(by)")
        return run.story.report
    }

    /// The journal of a run of this session, as its file is now.
    func journal(of id: String) -> [UInt8]? {
        if let running, running.id == id { return Self.journal(at: running.mark.journal) }
        let name = tools.log.read { state in state.experiments.last { $0.id == id }?.journal }
        return name.flatMap { Self.journal(at: tools.journals + "/" + $0) }
    }

    private static func journal(at path: String) -> [UInt8]? { FileContent.bytes(of: path, upTo: 64 << 20) }

    /// Returns when no run is on any more, or after this long.
    func isOver(within patience: Duration) async -> Bool {
        guard let performing = running?.performing else { return true }
        let clock = tools.clock
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await performing.value
                return true
            }
            group.addTask {
                await clock.sleep(patience)
                return false
            }
            let isOver = await group.next() ?? false
            group.cancelAll()
            return isOver
        }
    }
}
