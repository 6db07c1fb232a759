/// An error that a tired person can follow: what is wrong in a line, and what to do about it.
public protocol Explained: Error {
    /// At most some 60 columns, for a status line.
    var summary: String { get }
    /// What to do, as a sentence; nil when there is nothing.
    var remedy: String? { get }
}
