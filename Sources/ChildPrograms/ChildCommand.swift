// ChildPrograms: starts programs and waits for them, any number on one thread. It knows neither what they are for nor what
// they print, and never goes through a shell.

/// A program to start.
public struct ChildCommand: Sendable {
    /// The file to execute.
    public var path: String
    /// What it finds as its arguments, its own name first.
    public var arguments: [String]
    public var environment: [String: String]
    public var timeout: Duration?
    public var console = Console.none
    /// Whether it gets a process group of its own, so that all it started ends with it.
    public var hasOwnGroup = true
    /// How long it may take to end by itself when its run is interrupted, asked at that moment.
    public var patience: @Sendable () -> Duration = { .zero }

    public init(
        path: String, arguments: [String], environment: [String: String], timeout: Duration? = nil,
        console: Console = .none, hasOwnGroup: Bool = true, patience: @escaping @Sendable () -> Duration = { .zero }
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.timeout = timeout
        self.console = console
        self.hasOwnGroup = hasOwnGroup
        self.patience = patience
    }
}

/// Whom a program talks with when it asks or prints.
public enum Console: Sendable {
    /// Nobody: who asks finds the end of the file, and what is printed is kept.
    case none
    /// Whoever has our own standard input, output and error.
    case ours
    /// The same, but what is printed goes to standard error: the output is for a program.
    case oursBesideOutput
}

/// How a program ended.
public enum ChildEnd: Sendable {
    /// By itself; the status is negative for a signal.
    case finished(status: Int, out: [UInt8], err: [UInt8])
    case timedOut
    case interrupted
    /// It could not be started; the number is an errno.
    case notStarted(Int32)
}
