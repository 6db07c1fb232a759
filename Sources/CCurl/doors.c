#define _GNU_SOURCE
#include "CCurl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

CURLcode curl_set_long(CURL *easy, CURLoption option, long value) { return curl_easy_setopt(easy, option, value); }

CURLcode curl_set_large(CURL *easy, CURLoption option, int64_t value) {
    return curl_easy_setopt(easy, option, (curl_off_t)value);
}

CURLcode curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

CURLcode curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

CURLcode curl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
    return curl_easy_setopt(easy, option, &blob);
}

CURLcode curl_set_bytes_function(CURL *easy, CURLoption option, curl_bytes_function function) {
    return curl_easy_setopt(easy, option, function);
}

long curl_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

void *curl_get_private(CURL *easy) {
    char *value = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
    return value;
}

CURLMcode curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

CURLSH *curl_share_connections(void) {
    CURLSH *share = curl_share_init();
    if (share) curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    return share;
}

CURLMcode curl_multi_set_watchers(
    CURLM *multi, curl_socket_callback sockets, curl_multi_timer_callback timer, void *context) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, sockets);
    return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
}

CURL *curl_multi_next_finished(CURLM *multi, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}

int socket_open_private(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURLcode curl_set_socket_functions(
    CURL *easy, curl_opensocket_callback open, curl_closesocket_callback close, void *context) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, context);
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close);
}

CURLcode curl_set_checked_sockets(
    CURL *easy, curl_opensocket_callback open, curl_prereq_callback look, void *context) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, look);
}

CURLcode curl_set_open_function(CURL *easy, curl_opensocket_callback open, void *context) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
}

int curl_get_socket(CURL *easy) {
    curl_socket_t descriptor = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &descriptor);
    return descriptor;
}

int socket_listen_hidden(const char *path, int *place) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *place = -1;
    if (strlen(path) >= sizeof address.sun_path) return -1;
    strcpy(address.sun_path, path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) return -1;
    // The mode of the socket is that of its file.
    if (fchmod(listener, 0600) == 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0) {
        *place = open(path, O_PATH | O_CLOEXEC);
        unlink(path);
        if (*place >= 0 && listen(listener, 4096) == 0) return listener;
        if (*place >= 0) close(*place);
    }
    close(listener);
    return -1;
}

/// The kernel's made-up names begin with a zero byte.
static void socket_copy_name(const struct sockaddr_un *address, socklen_t size, char name[16]) {
    size_t head = offsetof(struct sockaddr_un, sun_path) + 1;
    size_t length = size > head ? size - head : 0;
    if (length > 15) length = 15;
    memcpy(name, address->sun_path + 1, length);
    name[length] = 0;
}

int socket_open_named(char name[16]) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof address;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address.sun_family) == 0
        && getsockname(descriptor, (struct sockaddr *)&address, &size) == 0) {
        socket_copy_name(&address, size, name);
        return descriptor;
    }
    close(descriptor);
    return -1;
}

int socket_accept_named(int listener, char name[16]) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof address;
    int descriptor = accept4(listener, (struct sockaddr *)&address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0) socket_copy_name(&address, size, name);
    return descriptor;
}

bool socket_aim(struct curl_sockaddr *address, int place) {
    struct sockaddr_un *to = (struct sockaddr_un *)&address->addr;
    size_t head = offsetof(struct sockaddr_un, sun_path);
    // libcurl made room for the path that it was given, and no more. What follows the zero byte is looked at by nobody.
    if (address->family != AF_UNIX || address->addrlen <= head) return false;
    size_t room = address->addrlen - head;
    int length = snprintf(to->sun_path, room, "/proc/self/fd/%d", place);
    return length > 0 && (size_t)length < room;
}

int socket_peer_user(int descriptor, uint32_t *user) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    *user = peer.uid;
    return 0;
}

int descriptor_close(int descriptor) { return close(descriptor); }

int64_t monotonic_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void sigpipe_block(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int readiness_queue(void) { return epoll_create1(EPOLL_CLOEXEC); }

int readiness_watch(int queue, int descriptor, int interest, bool known) {
    struct epoll_event event = {.data.fd = descriptor};
    if (interest & CURL_POLL_IN) event.events |= EPOLLIN;
    if (interest & CURL_POLL_OUT) event.events |= EPOLLOUT;
    if (epoll_ctl(queue, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) == 0) return 0;
    // The kernel may know better: it forgets a descriptor when it is closed.
    int other = errno == ENOENT ? EPOLL_CTL_ADD : errno == EEXIST ? EPOLL_CTL_MOD : 0;
    if (other == 0) return errno;
    return epoll_ctl(queue, other, descriptor, &event) == 0 ? 0 : errno;
}

void readiness_forget(int queue, int descriptor) { epoll_ctl(queue, EPOLL_CTL_DEL, descriptor, NULL); }

int readiness_take(int queue, curl_readiness *into, int room) {
    struct epoll_event events[256];
    int count = epoll_wait(queue, events, room < 256 ? room : 256, 0);
    for (int i = 0; i < count; i++) {
        uint32_t seen = events[i].events;
        into[i].descriptor = events[i].data.fd;
        into[i].mask = (seen & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) | (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0)
            | (seen & EPOLLERR ? CURL_CSELECT_ERR : 0);
    }
    return count < 0 ? 0 : count;
}

int bell_make(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void bell_ring(int bell) {
    uint64_t one = 1;
    // A full counter (EAGAIN) is a bell that rings already.
    while (write(bell, &one, sizeof one) < 0 && errno == EINTR) {}
}

void bell_silence(int bell) {
    uint64_t rings;
    while (read(bell, &rings, sizeof rings) < 0 && errno == EINTR) {}
}

bool bell_wait(int bell, int second, int64_t microseconds) {
    struct pollfd both[2] = {{.fd = bell, .events = POLLIN}, {.fd = second, .events = POLLIN}};
    struct timespec limit = {microseconds / 1000000, (microseconds % 1000000) * 1000};
    int ready = ppoll(both, second < 0 ? 1 : 2, microseconds < 0 ? NULL : &limit, NULL);
    return ready > 0 && both[1].revents != 0;
}
