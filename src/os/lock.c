#include "os/lock.h"

#include "os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#define LOOK_NS 5000000 /* how often it looks; there is no waiting for a lock with an end */

int lock_byte(int fd, off_t byte, int64_t wait_ns, struct error *err)
{
    int64_t until = wait_ns ? clock_monotonic_ns() + wait_ns : 0;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    while (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EACCES)
            return error_set_errno(err, ERR_IO, errno, "lock");
        if (clock_monotonic_ns() >= until)
            return 0;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    }
    return 1;
}
