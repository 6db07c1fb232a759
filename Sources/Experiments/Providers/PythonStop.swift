/// The ways in which Python code says that the run is to end, told by the answer to a call or by a signal.
struct PythonStop {
    let interruption: Interruption

    /// What the answer to a call of `caller` says; nil when it is no wish to end the run.
    init?(_ answer: Value, of caller: String) {
        if let reason = answer["interrupt"]?.text {
            interruption = Interruption(reason: "\(caller) interrupts the run: \(reason)", force: .request)
        } else if let code = answer["exit"] {
            let isGraceful = answer["graceful"]?.bool ?? true
            interruption = Interruption(
                reason: "\(caller) exits: \(PythonText.string(code))", allowsRollbacks: isGraceful)
        } else if answer["keyboard"] != nil {
            interruption = Interruption(reason: "\(caller) ended with KeyboardInterrupt")
        } else if let what = answer["fatal"]?.text {
            interruption = Interruption(reason: "\(caller) ended with \(what)", force: .fatal)
        } else if answer["died"] != nil {
            interruption = Interruption(reason: answer["failed"]?.text ?? "the Python process ended", force: .fatal)
        } else {
            return nil
        }
    }

    /// What a signal means that an extension sent to its own process.
    static func interruption(for number: Int32) -> Interruption {
        var interruption = RunSignal.interruption(for: number)
        interruption.reason = "Python got " + (number == 2 ? "KeyboardInterrupt" : interruption.reason)
        interruption.reachesPrograms = false
        return interruption
    }
}
