// For posix_spawn_file_actions_addclosefrom_np, which is in glibc since 2.34.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int gameday_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

int gameday_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int gameday_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int gameday_accept(int listener, uid_t *user) {
    int visitor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (visitor >= 0 && getsockopt(visitor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid != 0) *user = peer.uid;
    return visitor;
}

/// The bell of each signal, and 1 more so that 0 is none.
static int signal_bells[32];

static void ring_for_signal(int number) {
    int before = errno;
    uint64_t one = 1;
    // A full counter (EAGAIN) is a bell that rings already.
    (void)!write(signal_bells[number] - 1, &one, sizeof one);
    errno = before;
}

int gameday_bell_for_signal(int number) {
    if (number < 1 || number > 31) {
        errno = EINVAL;
        return -1;
    }
    int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bell < 0) return -1;
    signal_bells[number] = bell + 1;
    struct sigaction ringing = {.sa_handler = ring_for_signal, .sa_flags = SA_RESTART};
    return sigaction(number, &ringing, NULL) == 0 ? bell : -1;
}

void gameday_use_one_heap(void) {
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 1);
#endif
}
