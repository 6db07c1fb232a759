// A pseudo-terminal with a program on it, for tests: fork and exec must happen in C, since Swift may not run between them.
#ifndef GAMEDAY_CPTY_H
#define GAMEDAY_CPTY_H

#include <sys/types.h>
#include <termios.h>

struct cpty {
    pid_t process;
    /// The side of the person at the keyboard.
    int master;
    /// The program's side, kept open so that its modes can be looked at after the program has ended; -1 when closed.
    int terminal;
    /// The modes of the terminal before the program had it.
    struct termios modes;
};

/// Starts a program on a new terminal of that size. Returns 0, or -1 with `errno`.
int cpty_start(
    struct cpty *pty, const char *path, char *const arguments[], char *const environment[], int columns, int rows);
/// Tells the terminal and its program of a new size.
int cpty_resize(const struct cpty *pty, int columns, int rows);
/// Waits for the program. Its exit code, or minus the number of the signal that ended it; -1000 when it can't be told,
/// -2000 when it still runs and `hang` is 0.
int cpty_wait(const struct cpty *pty, int hang);

#endif
