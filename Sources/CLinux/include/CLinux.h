// The doors to what Swift can't import of Linux: headers that glibc's module map lacks, and a variadic call.
#ifndef GAMEDAY_CLINUX_H
#define GAMEDAY_CLINUX_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>

/// Asks the kernel to kill this process when the thread that created it ends. 0 is success, -1 sets errno.
int gameday_die_with_parent(void);

/// Lets a process to be spawned begin without this descriptor and all above it. 0 is success, else an errno.
int gameday_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/// The descriptors of a program to be started: what it reads from, with -1 from /dev/null; what it writes to; and what it
/// finds as descriptor 3, or -1.
typedef struct {
    int in, out, err, channel;
} gameday_ends;

/// Starts a program, in a process group of its own or in ours, with every signal as it is by default, and tells its id;
/// 0, or the errno of why it could not be executed. As posix_spawn, but for what that does for programs of other kinds
/// and which takes as long again: no stack of its own, no limits looked up.
int gameday_spawn(
    const char *path, char *const *arguments, char *const *environment, gameday_ends ends, bool has_own_group,
    pid_t *process);

/// Whether the process has stopped since this was last asked, because it reads from our terminal or changes it while
/// others have it.
bool gameday_wants_terminal(pid_t process);
/// Passes our terminal from one group of processes to another, if the first has it. True when the second has it then.
bool gameday_pass_terminal(pid_t from, pid_t to);

/// A pipe which programs don't inherit, with an end to read from that never waits. 0 is success, -1 sets errno.
int gameday_pipe(int ends[2]);
/// Two connected sockets which programs don't inherit, of which the first never waits. 0 is success, -1 sets errno.
int gameday_socket_pair(int ends[2]);

/// A descriptor that becomes readable when the process has ended, closed on exec. -1 sets errno.
int gameday_pidfd_open(pid_t process);

/// The next connection of a listening socket, which neither blocks nor is inherited, and over a Unix socket its user as
/// the kernel knows it (else it is left as it was). -1 sets errno.
int gameday_accept(int listener, uid_t *user);

/// From now on this signal rings a descriptor (an eventfd) instead of ending the process. -1 sets errno.
int gameday_bell_for_signal(int number);

/// Lets all threads share one heap. To be called before there is a second one.
void gameday_use_one_heap(void);

#endif
