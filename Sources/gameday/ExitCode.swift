import ArgumentParser

/// What a script can branch on. 0 is done or held, 64 is ArgumentParser's own for wrong usage.
extension ExitCode {
    /// A document that a person wrote can not be used.
    static let badDocument = ExitCode(65)
    /// A proxy or the control plane is not there.
    static let unavailable = ExitCode(69)
    /// Our own mistake.
    static let software = ExitCode(70)

    /// Tells the error on standard error and gives the code to throw.
    static func badDocument(_ text: String) -> ExitCode { .badDocument.telling(text) }
    static func unavailable(_ text: String) -> ExitCode { .unavailable.telling(text) }

    func telling(_ text: String) -> ExitCode {
        Output.error(text)
        return self
    }
}

/// A command that does something beside telling it: that nobody could be told does not make it a failure.
protocol ActingCommand: ParsableCommand {}
