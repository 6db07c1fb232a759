// The doors to what Swift can't import of Linux: headers that glibc's module map lacks, and a variadic call.
#ifndef GAMEDAY_CLINUX_H
#define GAMEDAY_CLINUX_H

#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>

/// Asks the kernel to kill this process when the thread that created it ends. 0 is success, -1 sets errno.
int gameday_die_with_parent(void);

/// Lets a process to be spawned begin without this descriptor and all above it. 0 is success, else an errno.
int gameday_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/// A descriptor that becomes readable when the process has ended, closed on exec. -1 sets errno.
int gameday_pidfd_open(pid_t process);

#endif
