#define _GNU_SOURCE
#include "CCurl.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
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
