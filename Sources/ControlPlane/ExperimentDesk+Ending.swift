internal import Experiments
internal import Logging
internal import MeshClient
internal import MeshModel

extension ExperimentDesk {
    /// Plays the run to its end, and then sees that nothing is left of it.
    func perform(_ runner: ExperimentRunner, _ story: RunStory) async {
        let result: Result<RunVerdict, RunFailure>
        await runner.tellStart()
        do throws(RunFailure) {
            result = .success(try await runner.run())
        } catch {
            result = .failure(error)
        }
        guard let run = running else { return }
        tools.tokens.end(run: run.id)
        await tools.faults.end(run: run.id, because: "\(run.id) has ended")
        // A program that outlived an abort would go on breaking things that nobody counts any more.
        if run.story.report.stop != nil { run.mark.killProcesses() }
        let verdict = await verdict(result, of: run)
        history.note(verdict.outcome, of: run.mark.document, journal: run.mark.journal, at: tools.clock.now())
        RunMark.remove(at: tools.mark)
        let journal = run.mark.journal.split(separator: "/").last.map(String.init)
        running = nil
        story.end(verdict, journal: journal)
        tools.logger.notice("\(run.id) ended: \(verdict.outcome.rawValue)")
        refresh()
        await runner.tellEnd()
    }

    private func verdict(_ result: Result<RunVerdict, RunFailure>, of run: Running) async -> ExperimentReport.Verdict {
        let words = VerdictWords(report: run.story.report, faults: await tools.faults.faults(of: run.id))
        switch result {
        case .success(let verdict): return words.verdict(verdict)
        case .failure(.journal(let error, let verdict)):
            guard let verdict else { return words.failure(error.message) }
            var result = words.verdict(verdict)
            result.words.append(error.message)
            return result
        case .failure(.document(let error)): return words.failure(error.summary)
        case .failure(.preparation(let why)), .failure(.lost(let why)): return words.failure(why)
        }
    }

    /// Brings the run of an earlier control plane to its end, which that one could not: its programs end, and its
    /// journal says what happened. The faults were taken back from the ledger before.
    func recover(_ recovered: [RecoveredFault]) {
        guard let mark = RunMark(at: tools.mark) else { return }
        mark.killProcesses()
        nextNumber = max(nextNumber, (Int(mark.id.dropFirst()) ?? 0) + 1)
        let own = recovered.filter { $0.fault.run == mark.id && $0.fault.requestedAt >= mark.startedAt }
        let stuck = tools.log.read { state in
            state.faults.filter { $0.run == mark.id && !$0.phase.isOver }.map(\.id)
        }
        let reason = "The control plane died during the run."
        var report = ExperimentReport(
            id: mark.id, file: mark.file, title: mark.title, by: mark.by, startedAt: mark.startedAt, phase: .ended)
        report.endedAt = tools.clock.now()
        report.journal = mark.journal.split(separator: "/").last.map(String.init)
        var words = [reason, own.isEmpty ? "No fault was left." : "Its faults were removed with the ledger."]
        if !stuck.isEmpty { words[1] = "NOT REMOVED: \(stuck.joined(separator: ", ")) not confirmed gone; retrying." }
        do {
            try JournalFile.conclude(
                mark.journal, title: mark.title, faults: own.map { JournalFile.Undone(fault: $0.fault, by: $0.by) },
                because: words.joined(separator: " "),
                isUndone: stuck.isEmpty)
        } catch {
            words.append(error.message)
            tools.logger.error("\(error.message)")
        }
        report.verdict = ExperimentReport.Verdict(.lost, isUndone: stuck.isEmpty, words: words)
        history.note(.lost, of: mark.document, journal: mark.journal, at: tools.clock.now())
        tools.log.append([.experiment(report)])
        RunMark.remove(at: tools.mark)
    }
}
