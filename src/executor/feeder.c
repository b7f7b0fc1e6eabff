/* The pipe is made as large as a block of the usual size, so that most input is given by one write before the task
 * has begun. A range of a file goes from the page cache into the pipe, through no memory of ours.
 *
 * A task need not read all of its input: that its end is closed is no error.
 */
#include "executor/feeder.h"

#include "base/list.h"
#include "os/files.h"
#include "task/channel.h"

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
    if (in->channel || input_size(in) > PIPE_USUAL)
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

/* Waits, without watching a pipe that has room all the time. */
static void rest(struct feeder *f)
{
    f->idle_fd = poll_remove(f->poll, &f->room);
}

/* The next block of the channel; false if there is none now, or ever. */
static bool next_block(struct feeder *f)
{
    bool ended = true;
    input_free((struct input *)(uintptr_t)f->input);
    f->input = f->channel ? channel_take(f->channel, &ended) : NULL;
    f->head_given = f->given = 0;
    f->range_given = 0;
    if (!f->input && !ended)
        rest(f);
    else if (!f->input)
        feeder_stop(f);
    return f->input;
}

/* All of the input was given. */
static bool go_on(struct feeder *f)
{
    if (f->channel)
        return next_block(f);
    feeder_stop(f);
    return false;
}

static void give(struct feeder *f)
{
    ssize_t sum = 0;
    while (sum < GIVE_MOST) {
        ssize_t n = give_some(f);
        if (n > 0)
            sum += n;
        else if (n == 0 && !go_on(f))
            return;
        else if (n < 0 && errno == EAGAIN)
            return;
        else if (n < 0 && errno != EINTR) {
            if (errno != EPIPE && f->error.code == ERR_NONE)
                error_set_errno(&f->error, ERR_INPUT, errno, "its input could not be given to it");
            return feeder_stop(f);
        }
    }
}

static void room_came(struct poll_watch *watch)
{
    give(list_entry(watch, struct feeder, room));
}

static void watch_room(struct feeder *f)
{
    if (f->room.fd < 0 || poll_add(f->poll, &f->room, true, &f->error) == 0)
        return;
    close(f->room.fd);
    f->room.fd = -1;
    feeder_stop(f);
}

void feeder_start(struct feeder *f, struct poll *poll, const struct input *in, int writer)
{
    *f = (struct feeder){
        .poll = poll, .input = in, .idle_fd = -1, .room = {.fd = writer, .ready = room_came}, .channel = in->channel};
    if (in->channel)
        f->input = NULL;
    if (!in->channel || next_block(f))
        give(f);
    watch_room(f);
}

void feeder_resume(struct feeder *f)
{
    if (f->idle_fd < 0)
        return;
    f->room.fd = f->idle_fd;
    f->idle_fd = -1;
    if (next_block(f))
        give(f);
    watch_room(f);
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
    if (f->idle_fd >= 0)
        close(f->idle_fd);
    f->idle_fd = -1;
    if (!f->channel)
        return;
    input_free((struct input *)(uintptr_t)f->input);
    channel_leave(f->channel);
    f->input = NULL;
    f->channel = NULL;
}
