/// Why there is no terminal to show anything on.
public enum TerminalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither input nor output is a terminal.
    case notATerminal
    /// The system has no description of a terminal of this kind (`TERM`).
    case unknown(String)
    /// The terminal can't move its cursor, or can't clear its screen.
    case tooSimple(String)
    /// There is one terminal, and it is open already.
    case alreadyOpen
    /// A call to the system failed, with its error number.
    case failed(call: String, code: Int32)

    public var description: String {
        switch self {
        case .notATerminal: "This is not a terminal."
        case .unknown(let name): "The terminal “\(name)” is not known here. Set TERM, for example to xterm-256color."
        case .tooSimple(let name): "The terminal “\(name)” cannot place its cursor. Set TERM to the terminal's type."
        case .alreadyOpen: "The terminal is open already."
        case .failed(let call, let code): "\(call) failed (error \(code))."
        }
    }
}
