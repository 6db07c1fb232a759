extension ExperimentRun {
    /// Checks the hypothesis once, before or after the method.
    func check(_ moment: CheckMoment) async -> CheckEnd {
        await tell("start_hypothesis_\(moment.rawValue)", ["experiment"])
        let (end, state) = await checkHypothesis(isForeground: true)
        if let state {
            switch moment {
            case .before: journal.before = state
            case .after: journal.after = state
            }
            journalChanged()
            await tell(
                "hypothesis_\(moment.rawValue)_completed", ["experiment", "state", "journal"],
                Fields([("state", Journal.value(state, experiment))]))
        }
        observe(.checked(moment: moment.rawValue, isMet: state?.isMet))
        return end
    }

    /// Checks the hypothesis again and again until it is told to stop. The frequency is the time between two checks.
    func watchHypothesis() async {
        let frequency = Value.number(options.frequency / .seconds(1))
        await tell(
            "start_continuous_hypothesis", ["frequency"], Fields([("frequency", frequency)]), isForeground: false)
        var crash: String?
        while !stopsWatching, journal.status == nil || journal.status == .completed {
            let (end, state) = await checkHypothesis(isForeground: false)
            if let state {
                journal.during.append(state)
                journalChanged()
                observe(.checked(moment: "during", isMet: state.isMet))
                let index = Value.integer(journal.during.count)
                await tell(
                    "continuous_hypothesis_iteration", ["index", "state"],
                    Fields([("index", index), ("state", Journal.value(state, experiment))]), isForeground: false)
            }
            report(.watched(end))
            if case .crashed(let why) = end {
                crash = why
                break
            }
            if case .interrupted = end { break }
            if case .unmet = end, plan.failsFast { break }
            guard !stopsWatching else { break }
            let pause = Task { [clock, frequency = options.frequency] in _ = try? await clock.sleep(frequency) }
            watchPause = pause
            await pause.value
        }
        await tell(
            "continuous_hypothesis_completed", ["experiment", "journal", "exception"],
            Fields([("exception", crash.map { .text($0) } ?? .null)]), isForeground: false)
        report(.watchEnded)
    }

    private func checkHypothesis(isForeground: Bool) async -> (CheckEnd, Journal.State?) {
        let hypothesis = experiment.value["steady-state-hypothesis"] ?? .null
        let before = await apply(
            .before, .hypothesis, context: hypothesis, state: .null, isForeground: isForeground)
        if let before {
            let after = await apply(
                .after, .hypothesis, context: hypothesis, state: .null, isForeground: isForeground)
            return (.interrupted(after ?? before), nil)
        }
        var state = Journal.State()
        let end = await probe(&state, isForeground: isForeground)
        let stop = await apply(
            .after, .hypothesis, context: hypothesis, state: Journal.value(state, experiment),
            isForeground: isForeground
        ) { changed, _ in
            for (name, item) in changed.fields?.entries ?? Fields().entries where name != "probes" {
                state.overlay[name] = item
            }
        }
        if let stop { return (.interrupted(stop), nil) }
        switch end {
        case .met, .unmet: return (end, state)
        case .crashed, .interrupted: return (end, nil)
        }
    }

    /// Plays the probes up to the first that fails or is out of its tolerance.
    private func probe(_ state: inout Journal.State, isForeground: Bool) async -> CheckEnd {
        for index in experiment.list(of: .hypothesis).indices {
            let place = ActivityPlace(section: .hypothesis, index: index)
            let (end, entry) = await execute(place, kept: .withCheck, isForeground: isForeground)
            switch end {
            case .done: break
            case .crashed(let why): return .crashed(why)
            case .interrupted(let stop): return .interrupted(stop)
            }
            guard var entry else { return .crashed("the probe left no entry") }
            if entry.status == "failed" {
                entry.isWithinTolerance = false
                state.probes.append(entry)
                state.isMet = false
                return .unmet(probeFailed: true)
            }
            entry.isWithinTolerance = true
            state.probes.append(entry)
            if options.dry == .probes || options.dry == .activities { continue }
            let isWithin: Bool
            do { isWithin = try await isWithinTolerance(place, entry.output, isForeground: isForeground) } catch {
                if case .stopped(let interruption) = error, isForeground {
                    observe(.stopping(reason: interruption.reason))
                }
                return Self.end(error)
            }
            let name = experiment[entry.place]["name"].map(PythonText.string) ?? ""
            observe(.judged(place, name: name, isWithinTolerance: isWithin))
            guard !isWithin else { continue }
            state.probes[state.probes.count - 1].isWithinTolerance = false
            state.isMet = false
            return .unmet(probeFailed: state.probes.contains { $0.status != "succeeded" })
        }
        state.isMet = true
        return .met
    }

    private static func end(_ error: ActivityEnd) -> CheckEnd {
        switch error {
        case .crashed(let crash): .crashed("\(crash.kind): \(crash.message)")
        case .failed(let why): .crashed(why)
        case .interrupted: .interrupted(nil)
        case .stopped(let interruption): .interrupted(interruption)
        }
    }

    private func isWithinTolerance(
        _ place: ActivityPlace, _ output: Value, isForeground: Bool
    ) async throws(ActivityEnd) -> Bool {
        var tolerance = experiment[place]["tolerance"] ?? .null
        if case .text(let text) = tolerance {
            do { tolerance = try substitution.substitute(text) } catch { throw .crashed(error) }
        }
        if tolerance["type"]?.text == "probe" {
            do { try show(try ToleranceCheck.filled(tolerance, with: output), at: place) } catch {
                throw .crashed(error)
            }
        }
        let check = ToleranceCheck(substitution: substitution) {
            [providers, substitution, redaction] probe throws(ActivityEnd) in
            let call = ActivityCall(probe, substitution, isForeground: isForeground)
            redaction.learn(from: call)
            return try await providers.run(call)
        }
        return try await check.holds(tolerance, for: output)
    }

    /// The journal shows a probing tolerance with the last value it judged.
    private func show(_ tolerance: Value, at place: ActivityPlace) throws(Crash) {
        guard var activity = experiment[place].fields else { return }
        activity["tolerance"] = tolerance
        experiment[place] = .mapping(activity)
    }
}
