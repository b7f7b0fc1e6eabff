/* The pipe is made as large as a block of the usual size, so that most input is given by one write before the task
 * has begun. A range of a file goes from the page cache into the pipe, through no memory of ours.
 *
 * A task need not read all of its input: that its end is closed is no error.
 */
#include "executor/feeder.h"

#include "base/list.h"
#include "os/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define PIPE_USUAL 65536
#define PIPE_MOST (1 << 20)
#define FILE_IN_MEMORY (64 << 20) /* a larger one is on the disk */
#define GIVE_MOST (1 << 20) /* at a time; then others have their turn */

int feeder_pipe(const struct input *in, int *reader, int *writer, struct error *err)
{
    int fds[2];
    if (files_pipe(fds, err) < 0)
        return -1;
    if (input_size(in) > PIPE_USUAL)
        (void)fcntl(fds[1], F_SETPIPE_SZ, PIPE_MOST); /* a smaller one will do */
    files_pipe_do_not_wait(fds[1]);
    *reader = fds[0];
    *writer = fds[1];
    return 0;
}

/* Each gives some, and says how much; 0: there is nothing more of its kind, -1 with errno. */
static ssize_t give_bytes(struct feeder *f, const char *data, size_t len, size_t *given)
{
    ssize_t n = *given < len ? write(f->room.fd, data + *given, len - *given) : 0;
    if (n > 0)
        *given += (size_t)n;
    return n;
}

static ssize_t give_range(struct feeder *f)
{
    const struct input *in = f->input;
    int64_t left = in->fd < 0 ? 0 : in->range - f->range_given;
    off_t at = in->offset + f->range_given;
    if (left <= 0)
        return 0;
    ssize_t n = sendfile(f->room.fd, in->fd, &at, left < GIVE_MOST ? (size_t)left : GIVE_MOST);
    if (n > 0)
        f->range_given += n;
    if (n == 0) {
        errno = ENODATA;
        error_set(&f->error, ERR_INPUT, "the file that it reads a part of has become shorter");
        return -1;
    }
    return n;
}

static ssize_t give_some(struct feeder *f)
{
    const struct input *in = f->input;
    ssize_t n = give_bytes(f, in->head.data, in->head.len, &f->head_given);
    if (n == 0)
        n = give_bytes(f, in->data, in->len, &f->given);
    return n ? n : give_range(f);
}

static void give(struct feeder *f)
{
    ssize_t n, sum = 0;
    while (sum < GIVE_MOST) {
        n = give_some(f);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0 && errno != EPIPE && f->error.code == ERR_NONE)
            error_set_errno(&f->error, ERR_INPUT, errno, "its input could not be given to it");
        if (n <= 0)
            return feeder_stop(f);
        sum += n;
    }
}

static void room_came(struct poll_watch *watch)
{
    give(list_entry(watch, struct feeder, room));
}

void feeder_start(struct feeder *f, struct poll *poll, const struct input *in, int writer)
{
    *f = (struct feeder){.poll = poll, .input = in, .room = {.fd = writer, .ready = room_came}};
    give(f);
    if (f->room.fd >= 0 && poll_add(poll, &f->room, true, &f->error) < 0) {
        close(f->room.fd);
        f->room.fd = -1;
    }
}

int feeder_file(const struct input *in, struct error *err)
{
    bool large = input_size(in) > FILE_IN_MEMORY;
    int fd = large ? files_temporary(err) : files_with_content(NULL, 0, err);
    struct feeder f = {.input = in, .room = {.fd = fd}};
    ssize_t n = fd >= 0 ? 1 : 0;
    while (n > 0 || (n < 0 && errno == EINTR))
        n = give_some(&f);
    if (n == 0 && fd >= 0)
        return fd;
    if (fd < 0)
        return -1;
    if (f.error.code != ERR_NONE)
        *err = f.error;
    else
        error_set_errno(err, ERR_OUTPUT, errno, "its input could not be put into a file");
    close(fd);
    return -1;
}

void feeder_stop(struct feeder *f)
{
    if (f->room.fd >= 0)
        close(poll_remove(f->poll, &f->room));
}
