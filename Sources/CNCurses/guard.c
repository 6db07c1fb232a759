#define _XOPEN_SOURCE 700
// Everything here that a handler calls is async-signal-safe: write, poll, tcsetattr, sigaction, raise, dup2, alarm,
// lock-free atomics. What they read is written before the flag is set that tells them to read it.
#include "CNCurses.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS_TO_END = 2, MOST_BYTES = 512 };

static const int crashes[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
static const int events[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGALRM};
enum { CRASHES = sizeof crashes / sizeof *crashes, EVENTS = sizeof events / sizeof *events };

static struct sigaction before_crash[CRASHES];
static struct sigaction before_event[EVENTS];
static struct gameday_way_back way_back;
static char bytes[MOST_BYTES];
static int event_bell = -1;
static atomic_int standard_error = -1;
static atomic_int is_guarding;
static atomic_int is_to_restore;
static atomic_int asked_to_end;
static atomic_uint pending;

/// Whoever comes first gives the terminal back; once is enough and twice would spoil what was printed since.
static void restore(void) {
    if (!atomic_exchange(&is_to_restore, 0)) return;
    const char *next = way_back.bytes;
    size_t left = way_back.length;
    while (left > 0) {
        ssize_t done = write(way_back.tty, next, left);
        if (done > 0) {
            next += done;
            left -= (size_t)done;
        } else if (errno == EAGAIN) {
            // A terminal that takes nothing for a fifth of a second is left as it is.
            struct pollfd wait = {.fd = way_back.tty, .events = POLLOUT};
            if (poll(&wait, 1, 200) <= 0) break;
        } else if (errno != EINTR) {
            break;
        }
    }
    // From the background setting the modes would stop the program.
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGTTOU, &ignore, &before);
    tcsetattr(way_back.tty, TCSANOW, &way_back.modes);
    sigaction(SIGTTOU, &before, NULL);
    int copy = atomic_load(&standard_error);
    if (copy >= 0) dup2(copy, STDERR_FILENO);
}

static void die_of(int number) {
    restore();
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigaction(number, &usual, NULL);
    raise(number);
    // The signal is blocked while its own handler runs; let it come now.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void on_crash(int number, siginfo_t *info, void *context) {
    (void)context;
    restore();
    for (int index = 0; index < CRASHES; index++) {
        if (crashes[index] == number) sigaction(number, &before_crash[index], NULL);
    }
    // A fault happens again when the handler returns, and so meets the handler that was there before with its own
    // context. A signal that was sent must be sent again.
    if (info->si_code <= 0) raise(number);
}

static uint32_t event_of(int number) {
    switch (number) {
    case SIGWINCH: return GAMEDAY_RESIZED;
    case SIGCONT: return GAMEDAY_CONTINUED;
    case SIGTSTP: return GAMEDAY_STOP_ASKED;
    case SIGTERM:
    case SIGQUIT: return GAMEDAY_TERMINATE;
    case SIGHUP: return GAMEDAY_HANGUP;
    case SIGINT: return GAMEDAY_INTERRUPT;
    default: return 0;
    }
}

static void on_event(int number) {
    int error = errno;
    if (number == SIGALRM) {
        int asked = atomic_load(&asked_to_end);
        if (asked != 0) die_of(asked);
    }
    if (number == SIGTERM || number == SIGHUP || number == SIGINT || number == SIGQUIT) {
        int none = 0;
        if (atomic_compare_exchange_strong(&asked_to_end, &none, number)) {
            alarm(SECONDS_TO_END);
        } else {
            die_of(number);
        }
    }
    atomic_fetch_or(&pending, event_of(number));
    gameday_bell_ring(event_bell);
    errno = error;
}

int gameday_keep_way_back(const struct gameday_way_back *back) {
    static atomic_int is_at_exit;
    if (back->length > sizeof bytes) return -1;
    way_back = *back;
    memcpy(bytes, back->bytes, back->length);
    way_back.bytes = bytes;
    if (!atomic_exchange(&is_at_exit, 1)) atexit(restore);
    atomic_store(&is_to_restore, 1);
    return 0;
}

int gameday_guard(int bell) {
    if (atomic_exchange(&is_guarding, 1)) return -1;
    event_bell = bell;
    atomic_store(&pending, 0);
    atomic_store(&asked_to_end, 0);
    struct sigaction crash = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (int index = 0; index < CRASHES; index++) sigaction(crashes[index], &crash, &before_crash[index]);
    struct sigaction event = {.sa_handler = on_event, .sa_flags = SA_RESTART};
    for (int index = 0; index < EVENTS; index++) {
        sigaction(events[index], &event, &before_event[index]);
        // What was told to ignore hang-ups (nohup) goes on to.
        int number = events[index];
        if (before_event[index].sa_handler == SIG_IGN && (number == SIGHUP || number == SIGINT || number == SIGQUIT)) {
            sigaction(number, &before_event[index], NULL);
        }
    }
    return 0;
}

void gameday_unguard(void) {
    if (!atomic_load(&is_guarding)) return;
    atomic_store(&is_to_restore, 0);
    alarm(0);
    for (int index = 0; index < EVENTS; index++) sigaction(events[index], &before_event[index], NULL);
    for (int index = 0; index < CRASHES; index++) sigaction(crashes[index], &before_crash[index], NULL);
    atomic_store(&is_guarding, 0);
}

uint32_t gameday_take_events(void) { return atomic_exchange(&pending, 0); }

void gameday_stop(void) {
    struct sigaction usual = {.sa_handler = SIG_DFL}, ours;
    sigaction(SIGTSTP, &usual, &ours);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
}

void gameday_keep_standard_error(int copy) { atomic_store(&standard_error, copy); }
