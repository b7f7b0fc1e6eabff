/* Options on when tasks start and how often. */
#include "base/timestamp.h"
#include "cli/option_text.h"
#include "cli/options.h"
#include "os/clock.h"

#include <stddef.h>

static struct {
    const char **in, **at, **every, **times, **until, **timezone;
} raw;

static const struct poptOption table[] = {
    {"in", 0, POPT_ARG_ARGV, &raw.in, 0, "start after this time", "DURATION"},
    {"at", 0, POPT_ARG_ARGV, &raw.at, 0, "start at this time of the clock", "TIME"},
    {"every", 0, POPT_ARG_ARGV, &raw.every, 0,
     "start again each time this much time has passed; a start that is due while the one before runs is "
     "skipped",
     "DURATION"},
    {"times", 0, POPT_ARG_ARGV, &raw.times, 0, "let --every start N times; without it there is no end", "N"},
    {"until", 0, POPT_ARG_ARGV, &raw.until, 0,
     "let --every start nothing that is due after this time of the clock", "TIME"},
    {"timezone", 0, POPT_ARG_ARGV, &raw.timezone, 0,
     "the zone of --at and --until, such as Europe/Berlin (default: the local zone)", "ZONE"},
    POPT_TABLEEND,
};

const struct option_group timer_group = {"Timer options", table};
struct timer_options timer_options;

/* 0 stands for "not given" in a schedule, so the first instant of the epoch is moved by a nanosecond. */
static int read_time(const char *const *texts, int64_t real_now_ns, int64_t *real_ns, const char *what,
                     struct error *err)
{
    const char *text = option_text(texts);
    if (!text)
        return 0;
    if (timestamp_parse(text, option_text(raw.timezone), real_now_ns, real_ns, what, err) < 0)
        return -1;
    if (*real_ns == 0)
        *real_ns = 1;
    return 0;
}

static int check_together(const struct schedule *s, int64_t real_now_ns, struct error *err)
{
    if (raw.in && raw.at)
        return error_set(err, ERR_USAGE, "--in and --at both say when to start; give one of them");
    if (raw.every && s->every_ns == 0)
        return error_set(err, ERR_USAGE,
                         "--every: '%.200s' is no time to wait; give one above 0, such as 30s",
                         option_text(raw.every));
    if (raw.times && !raw.every)
        return error_set(err, ERR_USAGE, "--times needs --every, the time between two starts");
    if (raw.until && !raw.every)
        return error_set(err, ERR_USAGE, "--until needs --every, the time between two starts");
    if (raw.timezone && !raw.at && !raw.until)
        return error_set(err, ERR_USAGE, "--timezone is the zone of --at and --until; give one of them");
    if (!schedule_can_start(s, real_now_ns))
        return error_set(err, ERR_USAGE,
                         "--until: '%.200s' is not later than the first start; give a later time",
                         option_text(raw.until));
    return 0;
}

int options_read_timer(struct error *err)
{
    struct schedule *s = &timer_options.schedule;
    int64_t now_ns = clock_real_ns();
    *s = (struct schedule){0};
    const char *zone = option_text(raw.timezone);
    if (zone && timestamp_check_zone(zone, "--timezone", err) < 0)
        return -1;
    if (option_duration(raw.in, &s->in_ns, "--in", err) < 0 ||
        read_time(raw.at, now_ns, &s->at_ns, "--at", err) < 0 ||
        option_duration(raw.every, &s->every_ns, "--every", err) < 0 ||
        option_number(raw.times, 1, INT64_MAX, &s->times, "--times", err) < 0 ||
        read_time(raw.until, now_ns, &s->until_ns, "--until", err) < 0)
        return -1;
    return check_together(s, now_ns, err);
}
