import CLinux
import Glibc

/// Makes a child process end when its parent does, however the parent ends.
///
/// The kernel kills the child when the *thread* that created it ends, so a parent must create its children on a thread
/// that lives as long as itself.
public enum Tie {
    /// Ties this process to its parent, and says whether `parent` still is that: it may have died meanwhile.
    public static func tie(to parent: Int32) -> Bool {
        gameday_die_with_parent() == 0 && getppid() == parent
    }

    /// Ties this process to its parent and then becomes the program. Returns only if it can't, with the exit status
    /// that a shell would give: 127 when there is no such program, 126 when it can't be run, 1 when the parent is gone.
    public static func become(_ command: [String], of parent: Int32) -> Int32 {
        guard tie(to: parent), let program = command.first else { return 1 }
        var arguments = command.map { strdup($0) }
        arguments.append(nil)
        // A thread of the runtime's pool has all signals blocked, and a program inherits that.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        execvp(program, &arguments)
        return errno == ENOENT ? 127 : 126
    }
}
