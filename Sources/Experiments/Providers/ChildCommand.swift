/// A program to start.
struct ChildCommand: Sendable {
    /// The file to execute.
    var path: String
    /// What it finds as its arguments, its own name first.
    var arguments: [String]
    var environment: [String: String]
    var timeout: Duration?
    var console = Console.none
    /// Whether it gets a process group of its own, so that all it started ends with it.
    var hasOwnGroup = true
    /// How long it may take to end by itself when its run is interrupted, asked at that moment.
    var patience: @Sendable () -> Duration = { .zero }
}

/// Whom the Python of a run talks with when its code asks or prints.
public enum Console: Sendable {
    /// Nobody: who asks finds the end of the file, and what is printed is kept.
    case none
    /// Whoever has our own standard input, output and error.
    case ours
    /// The same, but what is printed goes to standard error: the output is for a program.
    case oursBesideOutput
}

/// How a program ended.
enum ChildEnd: Sendable {
    /// By itself; the status is negative for a signal.
    case finished(status: Int, out: [UInt8], err: [UInt8])
    case timedOut
    case interrupted
    /// It could not be started; the number is an errno.
    case notStarted(Int32)
}
