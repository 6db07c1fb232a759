import CNCurses
import Glibc

/// Standard error, while it goes to a file: whatever is written there, by the Swift runtime or by a library, would
/// spoil the screen.
public struct StandardErrorRedirection: ~Copyable {
    private let copy: Int32

    /// Appends standard error to a file from now on. A crash brings it back before it is told of.
    public init(to path: String) throws(TerminalError) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .failed(call: "open", code: errno) }
        defer { close(file) }
        let copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0, dup2(file, STDERR_FILENO) >= 0 else { throw .failed(call: "dup2", code: errno) }
        gameday_keep_standard_error(copy)
        self.copy = copy
    }

    /// Brings standard error back.
    public consuming func end() {}

    deinit {
        gameday_keep_standard_error(-1)
        dup2(copy, STDERR_FILENO)
        close(copy)
    }
}
