// The one door to libcurl, and to the kernel's event queue, for Swift: variadic functions, macros and
// unions which Swift can't import become typed functions here. Nothing is decided on this side.
#ifndef GAMEDAY_CCURL_H
#define GAMEDAY_CCURL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/// Takes part of an answer; returning less than `count` ends the transfer with CURLE_WRITE_ERROR.
typedef size_t (*curl_bytes_function)(char *bytes, size_t size, size_t count, void *context);

CURLcode curl_set_long(CURL *easy, CURLoption option, long value);
CURLcode curl_set_large(CURL *easy, CURLoption option, int64_t value);
CURLcode curl_set_string(CURL *easy, CURLoption option, const char *value);
CURLcode curl_set_pointer(CURL *easy, CURLoption option, void *value);
/// Sets bytes that libcurl copies.
CURLcode curl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count);
CURLcode curl_set_bytes_function(CURL *easy, CURLoption option, curl_bytes_function function);

long curl_get_long(CURL *easy, CURLINFO info);
void *curl_get_private(CURL *easy);

CURLMcode curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
/// Both callbacks get `context`; see curl_multi_socket_action(3).
CURLMcode curl_multi_set_watchers(
    CURLM *multi, curl_socket_callback sockets, curl_multi_timer_callback timer, void *context);

/// Keeps the connections of its handles apart from all others. NULL without memory.
CURLSH *curl_share_connections(void);

/// A finished transfer of the multi handle, or NULL when there is none left to read.
CURL *curl_multi_next_finished(CURLM *multi, CURLcode *result);

/// One thing that happened on a watched descriptor, as a CURL_CSELECT mask.
typedef struct {
    int descriptor;
    int mask;
} curl_readiness;

/// Opens a socket which child processes don't inherit, as curl asks for it; -1 when there is none.
int socket_open_private(const struct curl_sockaddr *address);
CURLcode curl_set_socket_functions(
    CURL *easy, curl_opensocket_callback open, curl_closesocket_callback close, void *context);
/// Opens sockets through `open`, and asks `look` once one is connected, before anything is sent; both get `context`.
CURLcode curl_set_checked_sockets(
    CURL *easy, curl_opensocket_callback open, curl_prereq_callback look, void *context);
/// Takes sockets from `open`, which gets `context` and may say where else to connect.
CURLcode curl_set_open_function(CURL *easy, curl_opensocket_callback open, void *context);
/// The socket of a connection that was made for us to speak on; -1 when there is none any more.
int curl_get_socket(CURL *easy);
/// Listens where nobody else gets to: the path is gone before anybody can use it, and `place` stands for it. -1 without.
int socket_listen_hidden(const char *path, int *place);
/// Puts such a place where libcurl is about to connect to a Unix socket; false when it has no room for that.
bool socket_aim(struct curl_sockaddr *address, int place);
/// A Unix socket with a name that the kernel made up, by which whoever accepts it knows it; -1 sets errno.
int socket_open_named(char name[16]);
/// The next connection and its name; -1 when there is none.
int socket_accept_named(int listener, char name[16]);
/// The user at the other end of a connected Unix socket, as the kernel knows it. -1 sets errno.
int socket_peer_user(int descriptor, uint32_t *user);

int descriptor_close(int descriptor);
int64_t monotonic_microseconds(void);

/// Makes a lost peer an error on this thread, never a signal.
void sigpipe_block(void);

/// An event queue for sockets (epoll), or -1.
int readiness_queue(void);
/// Watches for what a CURL_POLL value asks; `known` if it was watched before. 0 or an errno.
int readiness_watch(int queue, int descriptor, int interest, bool known);
/// Watches no longer; a descriptor which is closed or unknown is fine.
void readiness_forget(int queue, int descriptor);
/// What is ready now, without waiting; at most `room` entries.
int readiness_take(int queue, curl_readiness *into, int room);

/// A descriptor on which another thread rings (eventfd), or -1.
int bell_make(void);
void bell_ring(int bell);
void bell_silence(int bell);
/// Waits until one of the two is readable and says whether `second` is, which may be -1. Negative waits without end.
bool bell_wait(int bell, int second, int64_t microseconds);

#endif
