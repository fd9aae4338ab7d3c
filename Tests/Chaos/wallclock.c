// Owns: the wall clock that one process sees: the machine's, and an offset in a file that may change while it runs.
// Preloaded. The clocks that never jump are left alone, and so is every wait on them.
//
// libfaketime is not used: its version 0.9.10 shifts timers on the monotonic clock too, so that whoever sleeps with one
// (libdispatch does) sleeps for as long as the offset is.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { second = 1000000000, descriptors = 65536 };

// Nanoseconds, in the file that CHAOS_WALL_CLOCK names.
static _Atomic int64_t *shared;
static _Atomic unsigned char on_wall_clock[descriptors];

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CHAOS_WALL_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) abort();
    void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (page == MAP_FAILED) abort();
    close(file);
    shared = page;
}

static int64_t offset(void) { return shared ? atomic_load(shared) : 0; }

static struct timespec moved(struct timespec time, int64_t by) {
    int64_t all = (int64_t)time.tv_sec * second + time.tv_nsec + by;
    if (all < 0) all = 0;
    return (struct timespec){.tv_sec = all / second, .tv_nsec = all % second};
}

static int is_wall_clock(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

int clock_gettime(clockid_t clock, struct timespec *time) {
    int failed = (int)syscall(SYS_clock_gettime, clock, time);
    if (!failed && is_wall_clock(clock)) *time = moved(*time, offset());
    return failed;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

// A wait until a moment of the wall clock ends when that clock shows it: later than asked for when the clock was set
// back meanwhile. So the kernel does it too. A moment on the monotonic clock is a time since the machine started, which is
// never that large.
static int is_wall_moment(const struct timespec *until) { return until->tv_sec > 500000000; }

// The end of the next piece of a wait, for the kernel; sets `last` when the whole wait ends with it.
static struct timespec piece_of(const struct timespec *until, int *last) {
    enum { piece = second / 20 };
    struct timespec now, real = moved(*until, -offset());
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    struct timespec soon = moved(now, piece);
    *last = real.tv_sec < soon.tv_sec || (real.tv_sec == soon.tv_sec && real.tv_nsec <= soon.tv_nsec);
    return *last ? real : soon;
}

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
    typedef int call(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    static call *_Atomic next;
    if (!next) next = (call *)dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!is_wall_moment(until)) return next(condition, mutex, until);
    for (;;) {
        int last;
        struct timespec end = piece_of(until, &last);
        int result = next(condition, mutex, &end);
        if (result != ETIMEDOUT || last) return result;
    }
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    typedef int call(sem_t *, const struct timespec *);
    static call *_Atomic next;
    if (!next) next = (call *)dlsym(RTLD_NEXT, "sem_timedwait");
    if (!is_wall_moment(until)) return next(semaphore, until);
    for (;;) {
        int last;
        struct timespec end = piece_of(until, &last);
        int result = next(semaphore, &end);
        if (result == 0 || errno != ETIMEDOUT || last) return result;
    }
}

int timerfd_create(int clock, int flags) {
    int file = (int)syscall(SYS_timerfd_create, clock, flags);
    if (file >= 0 && file < descriptors) on_wall_clock[file] = (unsigned char)is_wall_clock(clock);
    return file;
}

int timerfd_settime(int file, int flags, const struct itimerspec *new, struct itimerspec *old) {
    struct itimerspec real = *new;
    int is_moment = (flags & TFD_TIMER_ABSTIME) && (real.it_value.tv_sec || real.it_value.tv_nsec);
    if (is_moment && file >= 0 && file < descriptors && on_wall_clock[file]) {
        real.it_value = moved(real.it_value, -offset());
    }
    return (int)syscall(SYS_timerfd_settime, file, flags, &real, old);
}
