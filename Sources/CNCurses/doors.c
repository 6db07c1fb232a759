#define _GNU_SOURCE
#include "CNCurses.h"

#include <locale.h>
#include <langinfo.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

WINDOW *gameday_screen(void) { return stdscr; }

int gameday_max_colors(void) { return COLORS; }

int gameday_max_pairs(void) { return COLOR_PAIRS; }

const char *gameday_foreground_string(int color) {
    const char *format = tigetstr("setaf");
    if (format == NULL || format == (const char *)-1) return "";
    const char *result = tparm(format, (long)color, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
    return result == NULL ? "" : result;
}

size_t gameday_capability(const char *name, char *to, size_t room) {
    const char *from = tigetstr(name);
    if (from == NULL || from == (const char *)-1) return 0;
    size_t length = 0;
    while (*from != '\0') {
        if (from[0] == '$' && from[1] == '<') {
            const char *end = strchr(from, '>');
            if (end != NULL) {
                from = end + 1;
                continue;
            }
        }
        if (length == room) return 0;
        to[length++] = *from++;
    }
    return length;
}

int gameday_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

void gameday_use_locale(int needs_utf8) {
    const char *set = setlocale(LC_CTYPE, "");
    if (!needs_utf8 || (set != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)) return;
    setlocale(LC_CTYPE, "C.UTF-8");
}

int gameday_memory_file(void) { return memfd_create("frame", MFD_CLOEXEC); }

int gameday_bell(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void gameday_bell_ring(int bell) {
    uint64_t one = 1;
    // It can only fail when the bell has been rung 2^64 times and not been heard.
    ssize_t ignored = write(bell, &one, sizeof one);
    (void)ignored;
}

void gameday_bell_silence(int bell) {
    uint64_t count;
    ssize_t ignored = read(bell, &count, sizeof count);
    (void)ignored;
}
