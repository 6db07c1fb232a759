// The thread sanitizer does not see the kernel hand over a contended `Mutex` of Swift's Synchronization (a futex with
// priority inheritance, SE-0433), and would take what the lock protects for a race. In its builds alone the slow ways of
// that lock, which Swift 6.2 and 6.3 export under these names, tell it. `self` is in Swift's context register.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void gameday_lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void gameday_unlock_slow(SELF) __asm__(UNLOCK);

SWIFT void gameday_lock_slow(uint32_t thread, SELF) {
    SWIFT void (*lock)(uint32_t, SELF) = (SWIFT void (*)(uint32_t, SELF))dlsym(RTLD_NEXT, LOCK);
    lock(thread, self);
    __tsan_acquire(self);
}

SWIFT void gameday_unlock_slow(SELF) {
    SWIFT void (*unlock)(SELF) = (SWIFT void (*)(SELF))dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(self);
    unlock(self);
}
#endif
#endif
