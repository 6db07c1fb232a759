internal import Experiments
internal import Logging
internal import MeshClient
internal import MeshModel

extension ExperimentDesk {
    /// Starts a run: the latch, the document, the gate, its mark on the disk. It answers when the run is on.
    func start(_ wish: ExperimentWish) async throws(Problem) -> ExperimentReport {
        if let running { throw .runIsOn(running.id, running.mark.title) }
        guard !isStarting else { throw .runIsOn("another", "it is starting") }
        isStarting = true
        defer { isStarting = false }
        let document = try await document(of: wish)
        let id = "E\(nextNumber)"
        let environment = environment(of: id)
        let problems = await check(document, environment, mesh(of: id, by: wish.by, token: nil))
        guard problems.isEmpty else { throw .badExperiment(document.source, problems) }
        // Every look at a document takes time, so the latch and the gate are asked last.
        let broken = try gate(wish)
        nextNumber += 1
        return try begin(document, wish, id, environment, over: broken)
    }

    private func document(of wish: ExperimentWish) async throws(Problem) -> ExperimentDocument {
        let path: String
        switch wish.what {
        case .catalogue(let name):
            guard let found = self.path(of: name) else { throw .noExperiment(name, among: refresh().map(\.file)) }
            path = found
        case .path(let given): path = given
        }
        do {
            return try ExperimentSource(path, network: tools.network, environment: tools.environment).read()
        } catch {
            throw .badExperiment(path, error.report)
        }
    }

    private func check(
        _ document: ExperimentDocument, _ environment: [String: String], _ mesh: ExperimentMesh
    ) async -> [String] {
        var options = RunOptions()
        options.environment = environment
        options.mesh = mesh
        let problems = await ExperimentRunner(document, options: options, network: tools.network).check()
        return problems.isEmpty ? [] : DocumentError(invalid: document.source, problems).report
    }

    /// Refuses while halted, and while an objective is broken, unless it is overridden: then it answers with what is
    /// broken.
    private func gate(_ wish: ExperimentWish) throws(Problem) -> String? {
        let (halt, broken) = tools.log.read { state in
            let now = tools.clock.now()
            let objectives = (state.session?.objectives ?? []).filter { state.reading(of: $0, at: now).isMet == false }
            return (state.isHalted ? state.halt : nil, objectives.map(\.name))
        }
        if let halt { throw .halted(halt) }
        guard !broken.isEmpty else { return wish.overridesGate ? "override requested" : nil }
        let words = "\(broken.joined(separator: ", ")) \(broken.count == 1 ? "is" : "are") broken"
        guard wish.overridesGate else { throw .gateIsShut(words) }
        return words
    }

    private func begin(
        _ document: ExperimentDocument, _ wish: ExperimentWish, _ id: String, _ environment: [String: String],
        over broken: String?
    ) throws(Problem) -> ExperimentReport {
        let now = tools.clock.now()
        let file = wish.name
        guard let journal = history.journal(of: file, id: id, at: now) else {
            throw .ledger(LedgerError("cannot create \(tools.journals)"))
        }
        do { try JournalError.check(journal) } catch { throw .journal(error.message) }
        var report = ExperimentReport(document, id: id, file: file, by: wish.by, at: now)
        report.override = broken
        var mark = RunMark(
            id: id, document: document.source, title: report.title, by: wish.by, journal: journal, startedAt: now,
            word: environment[RunMark.variable] ?? id)
        mark.life = tools.life()
        do { try mark.write(to: tools.mark) } catch { throw .ledger(error) }
        let story = RunStory(report, log: tools.log, clock: tools.clock)
        let options = options(wish, environment, journal: journal, story)
        let runner = ExperimentRunner(document, options: options, network: tools.network) { story.hear($0) }
        running = Running(id: id, runner: runner, story: story, mark: mark)
        tools.logger.notice("\(id) starts: \(report.title)")
        running?.performing = Task { await self.perform(runner, story) }
        return report
    }

    private func options(
        _ wish: ExperimentWish, _ environment: [String: String], journal: String, _ story: RunStory
    ) -> RunOptions {
        var options = RunOptions()
        options.environment = environment
        options.journalPath = journal
        options.mesh = mesh(of: story.report.id, by: wish.by, token: environment["GAMEDAY_TOKEN"])
        options.goesOnWhenUnmet = wish.overridesGate
        options.settings = ToolkitSettings.load(environment: environment)
        options.notes = {
            let report = story.report
            var notes = Fields([("run", .text(report.id)), ("by", .text(report.by))])
            if let override = report.override { notes["override"] = .text(override) }
            if let stop = report.stop {
                notes["stopped"] = ["by": .text(stop.by), "reason": .text(stop.reason)]
            }
            return notes
        }
        return options
    }

    /// What programs and requests of a run find in their environment: how to reach us, as themselves.
    private func environment(of id: String) -> [String: String] {
        var environment = tools.environment
        environment["GAMEDAY_API"] = tools.api()
        environment["GAMEDAY_TOKEN"] = tools.tokens.issue(to: id)
        // Its programs are ended by this word, so no other run may have it, not even one of a session of the same moment.
        let chance = String(UInt64.random(in: .min ... .max), radix: 36)
        environment[RunMark.variable] = "\(tools.log.read { $0.session?.id ?? "" })/\(id)/\(chance)"
        // A proxy of the world outside can't reach our loopback. The small spelling hides the large one.
        let spared = [environment["no_proxy"], environment["NO_PROXY"]].compactMap(\.self).first { !$0.isEmpty }
        let all = spared == "*" ? "*" : [spared, "127.0.0.1", "localhost"].compactMap(\.self).joined(separator: ",")
        for name in ["NO_PROXY", "no_proxy"] { environment[name] = all }
        return environment
    }
}

/// What somebody wants to be run.
struct ExperimentWish: Sendable {
    enum What: Equatable, Sendable {
        /// A name in the catalogue.
        case catalogue(String)
        /// A file anywhere.
        case path(String)
    }

    var what: What
    var by: String
    var overridesGate = false

    /// The document's name, without its folder.
    var name: String {
        switch what {
        case .catalogue(let name): name
        case .path(let path): path.split(separator: "/").last.map(String.init) ?? path
        }
    }
}
