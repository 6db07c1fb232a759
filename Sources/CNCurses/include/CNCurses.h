// The one door to ncurses and to the signals of a terminal. What Swift can't import (macros, variadics, globals) and
// what must run inside of a signal handler is C here.
#ifndef GAMEDAY_CNCURSES_H
#define GAMEDAY_CNCURSES_H

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

/// Attributes, which are casts in macros there.
static const attr_t gameday_bold = WA_BOLD;
static const attr_t gameday_underline = WA_UNDERLINE;
static const attr_t gameday_reverse = WA_REVERSE;
static const attr_t gameday_dim = WA_DIM;

/// ncurses' screen window; Swift refuses the global.
WINDOW *gameday_screen(void);
/// What the terminal can show; 0 before colours were started.
int gameday_max_colors(void);
int gameday_max_pairs(void);
/// The string that selects a foreground colour; empty when there is none. Valid until the next call.
const char *gameday_foreground_string(int color);
/// Writes the terminal's own string for a capability to `to`, without padding. Returns its length, 0 when it has none
/// or it does not fit.
size_t gameday_capability(const char *name, char *to, size_t room);
/// Columns that the C library gives a character; negative when it is not printable in this locale.
int gameday_width(uint32_t scalar);
/// Takes the locale of the environment, or one with UTF-8 when `needs_utf8` and the environment's has not.
void gameday_use_locale(int needs_utf8);
/// A nameless file in memory.
int gameday_memory_file(void);

/// A bell that one thread waits for with poll and any thread, or a signal handler, rings. Negative on failure.
int gameday_bell(void);
void gameday_bell_ring(int bell);
void gameday_bell_silence(int bell);

/// How a terminal is given back from wherever the program is.
struct gameday_way_back {
    int tty;
    /// What the terminal is told, and how many bytes that is.
    const char *bytes;
    size_t length;
    /// The modes it had.
    struct termios modes;
};

/// What happened to the terminal or was asked of the program, as bits.
enum gameday_event {
    GAMEDAY_RESIZED = 1,
    GAMEDAY_CONTINUED = 2,
    GAMEDAY_STOP_ASKED = 4,
    GAMEDAY_TERMINATE = 8,
    GAMEDAY_HANGUP = 16,
    GAMEDAY_INTERRUPT = 32,
};

/// Takes the program's signals: events ring `bell`. Returns -1 when a guard already stands, for there is one terminal.
///
/// It must stand before ncurses starts, which else sets handlers of its own that end the program.
/// The first signal that asks for an end starts two seconds; when the guard still stands after them, or a second such
/// signal comes, the terminal is given back and the signal has its usual effect.
int gameday_guard(int bell);
/// From now on a crash or an exit gives the terminal back so. The bytes are copied. Returns -1 when they are too long.
int gameday_keep_way_back(const struct gameday_way_back *way_back);
/// Ends the guard and puts back every handler that was there before.
void gameday_unguard(void);
/// The events since the last call.
uint32_t gameday_take_events(void);
/// Stops the program as ctrl-z does, and returns when it goes on.
void gameday_stop(void);
/// Tells the guard where standard error went while it is redirected, so that a crash brings it back; -1 when it is not.
void gameday_keep_standard_error(int copy);

#endif
