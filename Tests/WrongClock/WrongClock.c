// Another time of day for one process: preloaded, it adds WRONG_CLOCK seconds to what the kernel says of it. The other
// clocks, and with them all timers, are left as they are. A namespace cannot do that: time_namespaces(7) are of the
// monotonic clocks alone.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        const char *seconds = getenv("WRONG_CLOCK");
        if (seconds) { time->tv_sec += atol(seconds); }
    }
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) { return -1; }
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *where) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) { return -1; }
    if (where) { *where = now.tv_sec; }
    return now.tv_sec;
}
