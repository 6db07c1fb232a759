#define _GNU_SOURCE
#include "cpty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

int cpty_resize(const struct cpty *pty, int columns, int rows) {
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    return ioctl(pty->master, TIOCSWINSZ, &size);
}

/// In the child: nothing of the parent's may go along, not its files and not its way with signals.
static void become(int terminal, const char *path, char *const arguments[], char *const environment[]) {
    setsid();
    ioctl(terminal, TIOCSCTTY, 0);
    for (int file = 0; file < 3; file++) dup2(terminal, file);
    close_range(3, ~0U, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &usual, NULL);
    execve(path, arguments, environment);
    _exit(127);
}

int cpty_start(
    struct cpty *pty, const char *path, char *const arguments[], char *const environment[], int columns, int rows) {
    char name[64];
    pty->terminal = -1;
    // Not forkpty: its files would leak into what other threads start at the same moment.
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->master < 0) return -1;
    if (grantpt(pty->master) || unlockpt(pty->master) || ptsname_r(pty->master, name, sizeof name)) goto failed;
    pty->terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->terminal < 0 || cpty_resize(pty, columns, rows)) goto failed;
    if (tcgetattr(pty->terminal, &pty->modes)) goto failed;
    pty->process = fork();
    if (pty->process == 0) become(pty->terminal, path, arguments, environment);
    if (pty->process < 0) goto failed;
    return 0;

failed:;
    int error = errno;
    close(pty->master);
    if (pty->terminal >= 0) close(pty->terminal);
    errno = error;
    return -1;
}

int cpty_wait(const struct cpty *pty, int hang) {
    int status;
    pid_t done;
    do {
        done = waitpid(pty->process, &status, hang ? 0 : WNOHANG);
    } while (done < 0 && errno == EINTR);
    if (done == 0) return -2000;
    if (done < 0) return -1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
