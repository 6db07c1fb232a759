// The one door to ncurses. What Swift can't import (macros, variadics, globals) becomes a function here.
#ifndef GAMEDAY_CNCURSES_H
#define GAMEDAY_CNCURSES_H

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

#endif
