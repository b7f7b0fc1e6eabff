/* Progress: counts from the event stream, shown as one line that is drawn again in its place on a
 * terminal, or as plain lines.
 *
 * The timer runs while tasks do: ten times a second on a terminal, where a turn without news draws only
 * once a second; every ten seconds otherwise. Plain lines come at each tenth of a known total, too.
 */
#include "sink/sink.h"

#include "base/alloc.h"
#include "base/duration.h"
#include "os/clock.h"
#include "os/terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAW_S 0.1
#define LINE_S 10.0
#define BAR_MAX 40
#define BAR_MIN 10
#define CLEAR "\r\033[K"

struct progress_sink {
    struct sink sink;
    struct ev_loop *loop;
    struct output *err;
    struct progress_options options;
    ev_timer timer;
    int64_t submitted, running, done, failed;
    int64_t tenths;   /* of the total, that were told already */
    int64_t first_ns; /* when the first task started; 0: none has */
    int64_t drawn_ns;
    bool drawn;       /* the bar is on the terminal */
    bool news;        /* something has changed since */
};

/* The numbers of one moment. */
struct view {
    int64_t total; /* -1: unknown */
    int64_t waiting;
    int64_t elapsed_ns;
    double rate;   /* per second; 0: unknown */
    int64_t eta_ns; /* -1: unknown */
};

static struct view look(const struct progress_sink *s)
{
    struct view v = {.total = s->options.total ? s->options.total(s->options.context) : -1, .eta_ns = -1};
    if (v.total >= 0 && v.total < s->done + s->running)
        v.total = s->done + s->running;
    v.waiting = (v.total >= 0 ? v.total : s->submitted) - s->done - s->running;
    if (v.waiting < 0)
        v.waiting = 0;
    v.elapsed_ns = s->first_ns ? clock_monotonic_ns() - s->first_ns : 0;
    if (v.elapsed_ns > 0 && s->done > 0) {
        double per_task = (double)v.elapsed_ns / (double)s->done;
        double left = v.total >= 0 ? per_task * (double)(v.total - s->done) : -1;
        v.rate = (double)NS_PER_S / per_task;
        if (left > 0 && left < 1e18)
            v.eta_ns = (int64_t)left;
    }
    return v;
}

/* The pieces of the line, the most important first. Returns how many there are. */
#define PIECES 6
static size_t make_pieces(const struct progress_sink *s, const struct view *v, char pieces[PIECES][64])
{
    size_t n = 0;
    if (v->total > 0)
        snprintf(pieces[n++], 64, "%" PRId64 "/%" PRId64 " %d%%", s->done, v->total,
                 (int)((double)s->done * 100 / (double)v->total));
    else
        snprintf(pieces[n++], 64, "%" PRId64 " done", s->done);
    snprintf(pieces[n++], 64, "%" PRId64 " failed", s->failed);
    snprintf(pieces[n++], 64, "%" PRId64 " running", s->running);
    snprintf(pieces[n++], 64, "%" PRId64 " waiting", v->waiting);
    if (v->rate > 0)
        snprintf(pieces[n++], 64, v->rate < 100 ? "%.1f/s" : "%.0f/s", v->rate);
    if (v->eta_ns >= 0) {
        char text[32];
        /* Whole seconds: tenths would only flicker. */
        int64_t seconds = (v->eta_ns + NS_PER_S - 1) / NS_PER_S;
        if (seconds < 60)
            snprintf(pieces[n++], 64, "ETA %" PRId64 "s", seconds);
        else
            snprintf(pieces[n++], 64, "ETA %s", duration_format(seconds * NS_PER_S, text, sizeof text));
    }
    return n;
}

static void put_bar(struct buffer *out, const struct progress_sink *s, const struct view *v, int columns)
{
    int inside = columns - 3;
    int filled = (int)((double)inside * (double)s->done / (double)v->total);
    buffer_putc(out, '[');
    if (s->options.color)
        buffer_puts(out, "\033[32m");
    for (int i = 0; i < inside; i++) {
        if (s->options.color && i == filled)
            buffer_puts(out, "\033[0m");
        buffer_putc(out, i < filled ? '#' : '.');
    }
    if (s->options.color)
        buffer_puts(out, "\033[0m");
    buffer_puts(out, "] ");
}

/* The bar, at most `columns` wide: pieces that do not fit are left out, then the bar itself takes what is
 * left. */
static void put_drawing(struct buffer *out, const struct progress_sink *s, int columns)
{
    char pieces[PIECES][64];
    struct view v = look(s);
    size_t count = make_pieces(s, &v, pieces), shown = 0;
    int used = 0;
    while (shown < count && used + (int)strlen(pieces[shown]) + 2 <= columns) {
        used += (int)strlen(pieces[shown]) + 2;
        shown++;
    }
    int bar = columns - used < BAR_MAX ? columns - used : BAR_MAX;
    if (v.total > 0 && bar >= BAR_MIN)
        put_bar(out, s, &v, bar);
    for (size_t i = 0; i < shown; i++) {
        bool red = s->options.color && i == 1 && s->failed > 0;
        buffer_puts(out, i ? "  " : "");
        buffer_puts(out, red ? "\033[31m" : "");
        buffer_puts(out, pieces[i]);
        buffer_puts(out, red ? "\033[0m" : "");
    }
}

static void put_line(struct progress_sink *s)
{
    char pieces[PIECES][64];
    struct view v = look(s);
    size_t count = make_pieces(s, &v, pieces);
    struct buffer *out = output_buffer(s->err);
    for (size_t i = 0; i < count; i++) {
        buffer_puts(out, i ? ", " : "jobpool: ");
        buffer_puts(out, pieces[i]);
    }
    buffer_putc(out, '\n');
    s->news = false;
}

static void draw(struct progress_sink *s)
{
    /* A terminal that is slow, or not ours at the moment, gets no more to do. */
    if (!output_is_empty(s->err) || !terminal_foreground(s->options.fd))
        return;
    int columns = terminal_width(s->options.fd) - 1; /* the last column would wrap the line */
    struct buffer *out = output_buffer(s->err);
    buffer_puts(out, "\r");
    put_drawing(out, s, columns > 0 ? columns : 79);
    buffer_puts(out, "\033[K");
    s->drawn = true;
    s->news = false;
    s->drawn_ns = clock_monotonic_ns();
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct progress_sink *s = timer->data;
    if (s->running == 0)
        ev_timer_stop(loop, timer);
    if (!s->options.terminal)
        put_line(s);
    else if (s->news || clock_monotonic_ns() - s->drawn_ns >= NS_PER_S)
        draw(s);
}

static void count(struct progress_sink *s, const struct event *event)
{
    bool ended = task_state_ended(event->to);
    if (event->from == event->to)
        s->submitted++;
    else if (event->to == TASK_RUNNING && event->from != TASK_SUSPENDED)
        s->running++;
    /* What could not be spawned was never told as started. */
    bool was_started = ended ? event->task->outcome.pid != 0 : event->why != ERR_SPAWN && event->why != ERR_NOT_FOUND;
    if (task_state_runs(event->from) && !task_state_runs(event->to) && was_started && s->running > 0)
        s->running--;
    if (ended) {
        s->done++;
        s->failed += event->to != TASK_SUCCEEDED;
    }
}

static void tell_tenths(struct progress_sink *s)
{
    int64_t total = s->options.total ? s->options.total(s->options.context) : -1;
    if (total <= 0 || s->done >= total)
        return;
    int64_t tenths = s->done * 10 / total;
    if (tenths > s->tenths)
        put_line(s);
    s->tenths = tenths;
}

static void progress_event(struct sink *sink, const struct event *event)
{
    struct progress_sink *s = (struct progress_sink *)sink;
    count(s, event);
    s->news = true;
    if (s->running > 0 && !s->first_ns)
        s->first_ns = clock_monotonic_ns();
    if (s->running > 0 && !ev_is_active(&s->timer))
        ev_timer_again(s->loop, &s->timer);
    if (!s->options.terminal && task_state_ended(event->to))
        tell_tenths(s);
}

void progress_hide(struct sink *progress)
{
    struct progress_sink *s = (struct progress_sink *)progress;
    if (!s || !s->drawn)
        return;
    buffer_puts(output_buffer(s->err), CLEAR);
    output_commit(s->err);
    s->drawn = false;
    s->news = true;
}

static int progress_finish(struct sink *sink, const struct summary *summary, struct error *err)
{
    struct progress_sink *s = (struct progress_sink *)sink;
    (void)summary;
    (void)err;
    ev_timer_stop(s->loop, &s->timer);
    progress_hide(sink);
    put_line(s);
    output_commit(s->err);
    return 0;
}

static void progress_free(struct sink *sink)
{
    struct progress_sink *s = (struct progress_sink *)sink;
    ev_timer_stop(s->loop, &s->timer);
    free(s);
}

static const struct sink_ops progress_ops = {
    .event = progress_event, .finish = progress_finish, .free = progress_free};

struct sink *sink_progress(struct ev_loop *loop, struct output *err, const struct progress_options *options)
{
    struct progress_sink *s = xcalloc(1, sizeof *s);
    s->sink.ops = &progress_ops;
    s->loop = loop;
    s->err = err;
    s->options = *options;
    double interval = options->terminal ? DRAW_S : LINE_S;
    ev_timer_init(&s->timer, on_timer, interval, interval);
    s->timer.data = s;
    return &s->sink;
}
