// libcurl brings some thirty libraries with it, and most of what gameday does needs none of them: it is loaded at the
// first call of one of its functions, which are all doors here. Their names are libcurl's own, so that nobody notices.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

static void *library;

static void load(void) { library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL); }

/// The function of this name, or NULL where there is no libcurl.
static void *find(const char *name) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return library ? dlsym(library, name) : NULL;
}

/// A door: looks for the function once, and calls it, or gives `missing` where there is none.
#define DOOR(result, missing, name, parameters, arguments)                                                             \
    result name parameters {                                                                                           \
        static result(*_Atomic known) parameters;                                                                      \
        result(*function) parameters = known;                                                                          \
        if (!function) known = function = (result(*) parameters)find(#name);                                           \
        return function ? function arguments : (missing);                                                              \
    }

/// The same for what gives nothing back.
#define QUIET_DOOR(name, parameters, arguments)                                                                        \
    void name parameters {                                                                                             \
        void(*function) parameters = (void(*) parameters)find(#name);                                                  \
        if (function) function arguments;                                                                              \
    }

static const char absent[] = "libcurl.so.4 is not installed";

DOOR(CURLcode, CURLE_FAILED_INIT, curl_global_init, (long flags), (flags))
DOOR(char *, (char *)absent, curl_version, (void), ())
DOOR(curl_version_info_data *, NULL, curl_version_info, (CURLversion age), (age))
QUIET_DOOR(curl_free, (void *memory), (memory))

DOOR(CURL *, NULL, curl_easy_init, (void), ())
QUIET_DOOR(curl_easy_cleanup, (CURL * easy), (easy))
QUIET_DOOR(curl_easy_reset, (CURL * easy), (easy))
DOOR(CURLcode, CURLE_FAILED_INIT, curl_easy_pause, (CURL * easy, int mask), (easy, mask))
DOOR(
    CURLcode, CURLE_FAILED_INIT, curl_easy_recv, (CURL * easy, void *into, size_t room, size_t *count),
    (easy, into, room, count))
DOOR(
    CURLcode, CURLE_FAILED_INIT, curl_easy_send, (CURL * easy, const void *bytes, size_t size, size_t *count),
    (easy, bytes, size, count))
DOOR(const char *, absent, curl_easy_strerror, (CURLcode code), (code))
DOOR(
    CURLHcode, CURLHE_NOT_BUILT_IN, curl_easy_header,
    (CURL * easy, const char *name, size_t index, unsigned int origin, int request, struct curl_header **header),
    (easy, name, index, origin, request, header))
DOOR(
    struct curl_header *, NULL, curl_easy_nextheader,
    (CURL * easy, unsigned int origin, int request, struct curl_header *previous), (easy, origin, request, previous))

DOOR(CURLM *, NULL, curl_multi_init, (void), ())
DOOR(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_cleanup, (CURLM * multi), (multi))
DOOR(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy))
DOOR(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy))
DOOR(
    CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_assign, (CURLM * multi, curl_socket_t socket, void *context),
    (multi, socket, context))
DOOR(CURLMsg *, NULL, curl_multi_info_read, (CURLM * multi, int *left), (multi, left))
DOOR(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_perform, (CURLM * multi, int *running), (multi, running))
DOOR(
    CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_poll,
    (CURLM * multi, struct curl_waitfd descriptors[], unsigned int count, int milliseconds, int *ready),
    (multi, descriptors, count, milliseconds, ready))
DOOR(
    CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_socket_action,
    (CURLM * multi, curl_socket_t socket, int mask, int *running), (multi, socket, mask, running))
DOOR(const char *, absent, curl_multi_strerror, (CURLMcode code), (code))

DOOR(CURLSH *, NULL, curl_share_init, (void), ())
DOOR(CURLSHcode, CURLSHE_NOMEM, curl_share_cleanup, (CURLSH * share), (share))

DOOR(struct curl_slist *, NULL, curl_slist_append, (struct curl_slist * list, const char *text), (list, text))
QUIET_DOOR(curl_slist_free_all, (struct curl_slist * list), (list))

DOOR(CURLU *, NULL, curl_url, (void), ())
QUIET_DOOR(curl_url_cleanup, (CURLU * url), (url))
// Whether its handle is const depends on the version of the header, so that its door has another name in C.
CURLUcode late_url_get(const CURLU *url, CURLUPart part, char **text, unsigned int flags) __asm__("curl_url_get");

CURLUcode late_url_get(const CURLU *url, CURLUPart part, char **text, unsigned int flags) {
    CURLUcode (*function)(const CURLU *, CURLUPart, char **, unsigned int) =
        (CURLUcode(*)(const CURLU *, CURLUPart, char **, unsigned int))find("curl_url_get");
    return function ? function(url, part, text, flags) : CURLUE_OUT_OF_MEMORY;
}

DOOR(
    CURLUcode, CURLUE_OUT_OF_MEMORY, curl_url_set, (CURLU * url, CURLUPart part, const char *text, unsigned int flags),
    (url, part, text, flags))

// The one argument that these take is a long, an offset or a pointer, which all are words on the machines that there are.
_Static_assert(sizeof(long) == sizeof(void *) && sizeof(curl_off_t) == sizeof(void *), "a word holds any argument");

#define WORD_DOOR(result, missing, name, handle, option)                                                               \
    result name(handle given, option chosen, ...) {                                                                    \
        static result(*_Atomic known)(handle, option, ...);                                                            \
        result (*function)(handle, option, ...) = known;                                                               \
        if (!function) known = function = (result(*)(handle, option, ...))find(#name);                                 \
        va_list arguments;                                                                                             \
        va_start(arguments, chosen);                                                                                   \
        void *word = va_arg(arguments, void *);                                                                        \
        va_end(arguments);                                                                                             \
        return function ? function(given, chosen, word) : (missing);                                                   \
    }

WORD_DOOR(CURLcode, CURLE_FAILED_INIT, curl_easy_setopt, CURL *, CURLoption)
WORD_DOOR(CURLcode, CURLE_FAILED_INIT, curl_easy_getinfo, CURL *, CURLINFO)
WORD_DOOR(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_setopt, CURLM *, CURLMoption)
// A lock's name is an int, which stands in the low half of its word.
WORD_DOOR(CURLSHcode, CURLSHE_NOMEM, curl_share_setopt, CURLSH *, CURLSHoption)
