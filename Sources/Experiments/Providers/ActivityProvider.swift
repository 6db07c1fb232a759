/// The port to whatever an activity acts with: the network, programs, Python, the mesh itself.
protocol ActivityProvider: Sendable {
    /// Does what the activity says and returns its output. Cancelling the task ends it as interrupted.
    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value
}

/// An activity with what it needs to run.
struct ActivityCall: Sendable {
    var activity: Value
    var substitution: Substitution
    /// Whether it is the one that the run waits for; others go on beside it.
    var isForeground = true

    var provider: Value { activity["provider"] ?? .null }

    init(_ activity: Value, _ substitution: Substitution, isForeground: Bool = true) {
        self.activity = activity
        self.substitution = substitution
        self.isForeground = isForeground
    }

    /// The arguments of the provider after substitution, which leaves them alone when there is nothing to put in.
    func arguments() throws(Crash) -> Value? {
        guard let arguments = provider["arguments"] else { return nil }
        guard arguments.isTruthy, !substitution.isEmpty else { return arguments }
        return try substitution(arguments)
    }
}
