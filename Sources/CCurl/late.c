// libcurl, loaded when its first function is called. It brings thirty libraries of its own with it, which cost every
// start of the program 6 ms of CPU (measured), and most commands never send a request.
#define _GNU_SOURCE
// The variadic functions are macros otherwise, which can't be defined.
#define CURL_DISABLE_TYPECHECK
#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>

static void *library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    const char *names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"};
    for (size_t i = 0; library == NULL && i < sizeof names / sizeof *names; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
}

static void *find(const char *name) {
    pthread_once(&once, load);
    return library == NULL ? NULL : dlsym(library, name);
}

// What a function answers when there is no libcurl: curl_global_init fails first, so nobody gets to the others.
#define LATE(result, name, parameters, arguments, otherwise)                                                          \
    result name parameters {                                                                                          \
        static result(*real) parameters;                                                                              \
        if (real == NULL) real = (result(*) parameters)find(#name);                                                   \
        if (real == NULL) return otherwise;                                                                           \
        return real arguments;                                                                                        \
    }

#define LATE_VARIADIC(result, name, handle, option, otherwise)                                                        \
    result name(handle first, option second, ...) {                                                                   \
        static result (*real)(handle, option, ...);                                                                   \
        if (real == NULL) real = (result(*)(handle, option, ...))find(#name);                                         \
        if (real == NULL) return otherwise;                                                                           \
        va_list rest;                                                                                                 \
        va_start(rest, second);                                                                                       \
        /* All that is ever given is as wide as a pointer: long, curl_off_t, and pointers. */                         \
        void *value = va_arg(rest, void *);                                                                           \
        va_end(rest);                                                                                                 \
        return real(first, second, value);                                                                            \
    }

_Static_assert(sizeof(long) == sizeof(void *) && sizeof(curl_off_t) == sizeof(void *), "values have another width");

LATE(CURLcode, curl_global_init, (long flags), (flags), CURLE_FAILED_INIT)
LATE(CURL *, curl_easy_init, (void), (), NULL)
LATE(CURLcode, curl_easy_perform, (CURL * easy), (easy), CURLE_FAILED_INIT)
LATE(CURLcode, curl_easy_pause, (CURL * easy, int mask), (easy, mask), CURLE_FAILED_INIT)
LATE(const char *, curl_easy_strerror, (CURLcode code), (code), "there is no libcurl")
LATE(CURLHcode, curl_easy_header,
    (CURL * easy, const char *name, size_t index, unsigned int origin, int request, struct curl_header **out),
    (easy, name, index, origin, request, out), CURLHE_NOT_BUILT_IN)
LATE(struct curl_header *, curl_easy_nextheader,
    (CURL * easy, unsigned int origin, int request, struct curl_header *previous), (easy, origin, request, previous),
    NULL)
LATE(CURLM *, curl_multi_init, (void), (), NULL)
LATE(CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi), CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy), CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy), CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_perform, (CURLM * multi, int *running), (multi, running), CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_poll,
    (CURLM * multi, struct curl_waitfd *extra, unsigned int count, int milliseconds, int *seen),
    (multi, extra, count, milliseconds, seen), CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_socket_action, (CURLM * multi, curl_socket_t socket, int mask, int *running),
    (multi, socket, mask, running), CURLM_INTERNAL_ERROR)
LATE(CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left), NULL)
LATE(const char *, curl_multi_strerror, (CURLMcode code), (code), "there is no libcurl")
LATE(struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text), (list, text), NULL)
LATE_VARIADIC(CURLcode, curl_easy_setopt, CURL *, CURLoption, CURLE_FAILED_INIT)
LATE_VARIADIC(CURLcode, curl_easy_getinfo, CURL *, CURLINFO, CURLE_FAILED_INIT)
LATE_VARIADIC(CURLMcode, curl_multi_setopt, CURLM *, CURLMoption, CURLM_INTERNAL_ERROR)

#define LATE_NOTHING(name, parameters, arguments)                                                                     \
    void name parameters {                                                                                            \
        static void(*real) parameters;                                                                                \
        if (real == NULL) real = (void(*) parameters)find(#name);                                                     \
        if (real != NULL) real arguments;                                                                             \
    }

LATE_NOTHING(curl_easy_cleanup, (CURL * easy), (easy))
LATE_NOTHING(curl_easy_reset, (CURL * easy), (easy))
LATE_NOTHING(curl_slist_free_all, (struct curl_slist * list), (list))
