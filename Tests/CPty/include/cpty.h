// A pseudo-terminal with a program on it, for tests: fork and exec must happen in C, since Swift may not run between them.
#ifndef GAMEDAY_CPTY_H
#define GAMEDAY_CPTY_H

#endif
