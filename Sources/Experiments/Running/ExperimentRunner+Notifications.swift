/// What the channels of the settings are told of a document and its run. Nothing of it is a secret.
extension ExperimentRunner {
    /// Tells that the document is being run, once.
    public func tellStart() async {
        guard !notifications.isEmpty, isFirstStart() else { return }
        await notifications.send(.runStarted, redaction(document.value))
    }

    /// Tells how the run ended; nothing when it came to no verdict.
    public func tellEnd() async {
        guard !notifications.isEmpty, let (verdict, run) = ended else { return }
        let journal = await run.concluded
        switch verdict.status {
        case .completed: await notifications.send(.runCompleted, journal)
        case .failed, .aborted, .interrupted: await notifications.send(.runFailed, journal)
        }
        if verdict.hasDeviated { await notifications.send(.runDeviated, journal) }
        await notifications.close()
    }

    /// Tells of the check of the document.
    public func tell(_ event: FlowEvent, error: String? = nil) async {
        guard !notifications.isEmpty else { return }
        await notifications.send(event, redaction(document.value), error: error.map { redaction($0) })
    }
}
