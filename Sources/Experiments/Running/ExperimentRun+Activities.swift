extension ExperimentRun {
    /// Where an activity's entry is kept while it runs.
    enum Keeping {
        case run, rollbacks
        /// Part of a check, which enters the journal as a whole.
        case withCheck
    }

    /// Plays one activity with its controls and pauses. The entry is nil when it never got so far.
    func execute(
        _ place: ActivityPlace, kept keeping: Keeping, isForeground: Bool
    ) async -> (StepEnd, Journal.Entry?) {
        guard let target = experiment.resolved(place), experiment[target].fields != nil else {
            let reference = experiment[place]["ref"].map(PythonText.string) ?? ""
            return (.crashed("could not find referenced activity '\(reference)'"), nil)
        }
        let before = await apply(
            .before, .activity, context: experiment[target], state: .null, place: target, isForeground: isForeground)
        if let before {
            let after = await apply(
                .after, .activity, context: experiment[target], state: .null, place: target, isForeground: isForeground)
            return (.interrupted(after ?? before), nil)
        }
        var (end, step) = await play(target, keeping, isForeground: isForeground)
        let isDone = end == .done
        let activity = experiment[target]
        let stop = await apply(
            .after, .activity, context: activity,
            state: isDone ? step?.entry.value(activity: activity) ?? .null : .null, place: target,
            isForeground: isForeground
        ) { changed, known in
            step?.entry.take(changed, over: known)
        }
        if let step { keep(step, keeping) }
        if let stop { end = .interrupted(stop) }
        return (end, step?.entry)
    }

    /// An entry and its place in the list it is kept in.
    struct Step {
        var entry: Journal.Entry
        var index: Int?
    }

    private func play(_ place: ActivityPlace, _ keeping: Keeping, isForeground: Bool) async -> (StepEnd, Step?) {
        let activity = experiment[place]
        let name = activity["name"].map(PythonText.string) ?? ""
        guard let type = activity["type"] else { return (.crashed("KeyError: 'type'"), nil) }
        // Any value of its own exempts an activity: the original compares it with something it never is.
        let dry = activity["dry"] == nil ? options.dry : nil
        let isDry = dry?.skips(type.text) ?? false
        let pauses: (before: Value?, after: Value?)
        do {
            pauses = try self.pauses(of: activity)
            if let seconds = try Self.seconds(pauses.before), dry != .pause, !isDry {
                observe(.pausing(place, name: name, seconds: seconds, isBefore: true))
                try await clock.sleep(.seconds(seconds))
            }
        } catch let crash as Crash {
            return (.crashed("\(crash.kind): \(crash.message)"), nil)
        } catch {
            return (.interrupted(nil), nil)
        }
        var step = Step(entry: Journal.Entry(place, start: clock.now()))
        step.index = keep(step, keeping)
        observe(
            .started(place, name: name, type: PythonText.string(type), inBackground: !isForeground))
        journalChanged()
        await tell("start_activity", ["activity"], Fields([("activity", activity)]), isForeground: isForeground)
        var end = await act(place, isDry: isDry, isForeground: isForeground, &step.entry)
        step.entry.end = clock.now()
        await tell(
            "activity_completed", ["activity", "run"],
            Fields([("activity", activity), ("run", step.entry.value(activity: activity))]), isForeground: isForeground)
        keep(step, keeping)
        observe(finished(step.entry, name))
        journalChanged()
        do throws(Crash) {
            if let seconds = try Self.seconds(pauses.after), dry != .pause, !isDry {
                observe(.pausing(place, name: name, seconds: seconds, isBefore: false))
                if await !pause(seconds, after: end) { end = .interrupted(nil) }
            }
        } catch {
            end = .crashed("\(error.kind): \(error.message)")
        }
        return (end, step)
    }

    private func act(
        _ place: ActivityPlace, isDry: Bool, isForeground: Bool, _ entry: inout Journal.Entry
    ) async -> StepEnd {
        do throws(ActivityEnd) {
            if !isDry {
                let call = ActivityCall(experiment[place], substitution, isForeground: isForeground)
                redaction.learn(from: call)
                entry.output = try await providers.run(call)
            }
            entry.status = "succeeded"
            return .done
        } catch {
            switch error {
            case .failed(let why):
                entry.status = "failed"
                entry.exception = ["chaoslib.exceptions.ActivityFailed: \(why)\n"]
                return .done
            case .crashed(let crash):
                entry.overlay["gameday-error"] = .text("\(crash.kind): \(crash.message)")
                return .crashed("\(crash.kind): \(crash.message)")
            case .interrupted: return .interrupted(nil)
            case .stopped(let interruption):
                if isForeground { observe(.stopping(reason: interruption.reason)) }
                return .interrupted(interruption)
            }
        }
    }

    /// Waits after an activity; false when that was cut short. With `--strict` the pause after an interrupted activity
    /// is held all the same.
    private func pause(_ seconds: Double, after end: StepEnd) async -> Bool {
        if case .interrupted = end {
            guard options.isStrict else { return true }
            await Task { [clock] in try? await clock.sleep(.seconds(seconds)) }.value
            return true
        }
        do {
            try await clock.sleep(.seconds(seconds))
            return true
        } catch {
            return false
        }
    }

    private func pauses(of activity: Value) throws(Crash) -> (before: Value?, after: Value?) {
        guard let given = activity["pauses"] else { return (nil, nil) }
        let pauses = try substitution(given)
        guard pauses.fields != nil else {
            throw Crash("AttributeError", "'\(pauses.pythonType)' object has no attribute 'get'")
        }
        return (pauses["before"], pauses["after"])
    }

    private static func seconds(_ value: Value?) throws(Crash) -> Double? {
        guard let value, value.isTruthy else { return nil }
        guard let seconds = value.double else {
            throw Crash("TypeError", "'\(value.pythonType)' object cannot be interpreted as an integer")
        }
        guard seconds >= 0 else { throw Crash("ValueError", "sleep length must be non-negative") }
        return min(seconds, 1e9)
    }

    @discardableResult
    private func keep(_ step: Step, _ keeping: Keeping) -> Int? {
        switch keeping {
        case .run: return Self.keep(step, in: &journal.run)
        case .rollbacks: return Self.keep(step, in: &journal.rollbacks)
        case .withCheck: return nil
        }
    }

    private static func keep(_ step: Step, in list: inout [Journal.Entry]) -> Int {
        if let index = step.index {
            list[index] = step.entry
            return index
        }
        list.append(step.entry)
        return list.count - 1
    }

    private func finished(_ entry: Journal.Entry, _ name: String) -> RunProgress {
        let why = entry.exception.first.map { String($0.drop { $0 != " " }.dropFirst()) }
        return .finished(
            entry.place, name: name, status: entry.status, seconds: entry.end?.seconds(since: entry.start) ?? 0,
            output: entry.output, detail: why.map(Conversion.trimmed) ?? entry.overlay["gameday-error"]?.text)
    }
}

extension Journal.Entry {
    /// Takes over what a control made of it.
    mutating func take(_ changed: Value, over known: Value) {
        for (name, value) in changed.fields?.entries ?? Fields().entries {
            switch name {
            case "output": output = value
            case "status": status = value.text
            case "activity": break
            default: if known[name].map({ !$0.equals(value) }) ?? true { overlay[name] = value }
            }
        }
    }
}
