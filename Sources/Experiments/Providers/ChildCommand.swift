/// A program to start.
struct ChildCommand: Sendable {
    /// The file to execute.
    var path: String
    /// What it finds as its arguments, its own name first.
    var arguments: [String]
    var environment: [String: String]
    var timeout: Duration?
    /// Whether it gets a process group of its own, so that all it started ends with it.
    var hasOwnGroup = true
    /// How long it may take to end by itself when its run is interrupted, asked at that moment.
    var patience: @Sendable () -> Duration = { .zero }
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
