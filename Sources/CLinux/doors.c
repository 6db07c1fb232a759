// For posix_spawn_file_actions_addclosefrom_np, which is in glibc since 2.34.
#define _GNU_SOURCE
#include "CLinux.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int gameday_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

int gameday_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int gameday_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }
