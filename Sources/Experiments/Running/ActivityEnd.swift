/// How an activity ends when it doesn't succeed.
enum ActivityEnd: Error, Equatable {
    /// It could not do what it is for; the run goes on.
    case failed(String)
    /// Something that nobody expected; see `Crash`.
    case crashed(Crash)
    /// It was stopped from outside.
    case interrupted
    /// It asks for the end of the run.
    case stopped(Interruption)
}
