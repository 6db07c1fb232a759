// Starting programs. Between vfork and exec the child borrows our memory and this thread, which sleeps meanwhile: so it
// only makes system calls, and no signal may run one of our handlers in it.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/// A descriptor that is in the way of those which the program gets goes elsewhere.
static int moved(int descriptor) {
    return descriptor < 0 || descriptor > 3 ? descriptor : fcntl(descriptor, F_DUPFD_CLOEXEC, 4);
}

/// Becomes the program; returns only if that fails, with the errno.
__attribute__((noinline)) static int become(
    const char *path, char *const *arguments, char *const *environment, gameday_ends ends, bool has_own_group) {
    // Ours that are ignored would stay so. Those beyond are real-time signals, which nobody ignores.
    struct sigaction normal = {.sa_handler = SIG_DFL};
    for (int number = 1; number < 32; number++) sigaction(number, &normal, NULL);
    if (has_own_group && setpgid(0, 0) != 0) return errno;
    int in = moved(ends.in), out = moved(ends.out), err = moved(ends.err), channel = moved(ends.channel);
    if (ends.channel >= 0 && channel < 0) return errno;
    if (in < 0) in = moved(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (in < 0 || out < 0 || err < 0) return errno;
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) return errno;
    if (channel >= 0 && dup2(channel, 3) < 0) return errno;
    // A socket of ours that lives on in a program would keep its peer waiting for as long as the program runs.
    close_range(channel >= 0 ? 4 : 3, ~0U, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(path, arguments, environment);
    return errno;
}

int gameday_spawn(
    const char *path, char *const *arguments, char *const *environment, gameday_ends ends, bool has_own_group,
    pid_t *process) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    volatile int failure = 0;
    pid_t child = vfork();
    if (child == 0) {
        failure = become(path, arguments, environment, ends, has_own_group);
        _exit(127);
    }
    if (child < 0) failure = errno;
    if (child > 0 && failure != 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    *process = child;
    return failure;
}

bool gameday_wants_terminal(pid_t process) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, process, &info, WSTOPPED | WNOHANG) != 0 || info.si_pid != process) return false;
    return info.si_status == SIGTTIN || info.si_status == SIGTTOU || info.si_status == SIGTSTP;
}

bool gameday_pass_terminal(pid_t from, pid_t to) {
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return false;
    // Who is not in the foreground is stopped for such a wish, unless it blocks that signal.
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, &before);
    pid_t owner = tcgetpgrp(terminal);
    bool is_passed = owner == to || (owner == from && tcsetpgrp(terminal, to) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(terminal);
    return is_passed;
}

int gameday_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int gameday_socket_pair(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}
