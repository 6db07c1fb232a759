import ArgumentParser
import Glibc

/// Questions to a person, one a line, as `chaos` asks them; answers given beforehand come first.
struct Questions {
    private var given: ArraySlice<String>
    /// Whether somebody may be asked; else what was not given is as if it had been left empty.
    private let asks: Bool

    init(given: [String], asks: Bool) {
        self.given = given[...]
        self.asks = asks
    }

    /// Asks until `read` can make something of the answer. An empty one is the default, or is asked for again.
    mutating func ask<Answer>(
        _ question: String, default fallback: (shown: String, value: Answer)? = nil, read: (String) throws -> Answer
    ) throws -> Answer {
        while true {
            let text = try answer("\(question)\(fallback.map { $0.shown.isEmpty ? " []" : " [\($0.shown)]" } ?? ""): ")
            if text.isEmpty {
                if let fallback { return fallback.value }
                // Nobody would answer it better the next time.
                guard asks || !given.isEmpty else {
                    throw ExitCode.failure.telling("gameday: '\(question)' needs an answer")
                }
                continue
            }
            do { return try read(text) } catch {
                Output.error("Error: \(error)")
                guard asks || !given.isEmpty else { throw ExitCode.failure }
            }
        }
    }

    mutating func text(_ question: String) throws -> String { try ask(question) { $0 } }

    /// Yes or no; an empty answer is no.
    mutating func confirm(_ question: String) throws -> Bool {
        while true {
            switch try answer("\(question) [y/N]: ").lowercased() {
            case "y", "yes": return true
            case "n", "no", "": return false
            default:
                Output.error("Error: invalid input")
                guard asks || !given.isEmpty else { throw ExitCode.failure }
            }
        }
    }

    private mutating func answer(_ prompt: String) throws -> String {
        if let next = given.popFirst() {
            Output.line(prompt + next)
            return next
        }
        guard asks else { return "" }
        Output.prompt(prompt)
        guard let text = Output.answer() else {
            Output.error("\nAborted!")
            throw ExitCode.failure
        }
        return text
    }
}
