// The doors to what Swift can't import of Linux: headers that glibc's module map lacks, and a variadic call.
#ifndef GAMEDAY_CLINUX_H
#define GAMEDAY_CLINUX_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>

/// Asks the kernel to kill this process when the thread that created it ends. 0 is success, -1 sets errno.
int gameday_die_with_parent(void);

/// A descriptor that becomes readable when the process has ended, closed on exec. -1 sets errno.
int gameday_pidfd_open(pid_t process);

#endif
