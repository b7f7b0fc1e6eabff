/* Points in time.
 *
 * Dates are computed by civil-date arithmetic on days since the epoch; libc is asked for one thing only,
 * the UTC offset that a zone had at an instant. A wall-clock time w (seconds as if it were UTC) is the
 * instant t when t + offset(t) = w. Every offset in force within a day of w is tried: no t means that the
 * clocks jumped over w, two mean that it was shown twice. Unlike mktime() with tm_isdst this also sees
 * changes of a zone's standard time.
 *
 * timestamp_parse sets TZ for the length of the call, hence the main thread only. timestamp_format keeps
 * the last date per thread, because the times of results lie close together.
 */
#include "base/timestamp.h"

#include "base/alloc.h"
#include "base/duration.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY_S    86400
#define YEAR_MIN 1970
#define YEAR_MAX 2261 /* the last whole year that fits into 64 bits of nanoseconds */

struct civil {
    int year, month, day;     /* month 1..12; year -1: the text had no date */
    int hour, minute, second; /* second 60 only in RFC 3339 */
};

/* Days since 1970-01-01. Years begin in March here, so that the leap day is the last one. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct civil civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct civil c = {0};
    c.day = (int)(of_year - (153 * month + 2) / 5 + 1);
    c.month = (int)(month < 10 ? month + 3 : month - 9);
    c.year = (int)(year + era * 400 + (c.month <= 2));
    return c;
}

static void put_two(char *text, unsigned n)
{
    text[0] = (char)('0' + n / 10);
    text[1] = (char)('0' + n % 10);
}

void timestamp_format(int64_t real_ns, char text[TIMESTAMP_SIZE])
{
    static __thread int64_t last_day = INT64_MIN;
    static __thread char last_date[8];

    const int64_t day_ns = DAY_S * NS_PER_S;
    int64_t day = real_ns / day_ns - (real_ns % day_ns < 0);
    if (day != last_day) {
        struct civil c = civil_from_days(day);
        put_two(last_date, (unsigned)c.year / 100);
        put_two(last_date + 2, (unsigned)c.year % 100);
        put_two(last_date + 4, (unsigned)c.month);
        put_two(last_date + 6, (unsigned)c.day);
        last_day = day;
    }
    int64_t rest = real_ns % day_ns;
    uint64_t us = (uint64_t)(rest < 0 ? rest + day_ns : rest) / 1000;
    unsigned second = (unsigned)(us / 1000000), micro = (unsigned)(us % 1000000);
    memcpy(text, "0000-00-00T00:00:00.000000Z", TIMESTAMP_SIZE);
    memcpy(text, last_date, 4);
    memcpy(text + 5, last_date + 4, 2);
    memcpy(text + 8, last_date + 6, 2);
    put_two(text + 11, second / 3600);
    put_two(text + 14, second / 60 % 60);
    put_two(text + 17, second % 60);
    put_two(text + 20, micro / 10000);
    put_two(text + 22, micro / 100 % 100);
    put_two(text + 24, micro % 100);
}

/* Exactly `count` digits at *p, which are passed; -1 if they are not there. */
static int take_digits(const char **p, int count)
{
    int n = 0;
    for (; count > 0; count--, ++*p) {
        if (**p < '0' || **p > '9')
            return -1;
        n = n * 10 + (**p - '0');
    }
    return n;
}

static bool take_char(const char **p, char c)
{
    if (**p != c)
        return false;
    ++*p;
    return true;
}

static bool take_date(const char **p, struct civil *c)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if ((c->year = take_digits(p, 4)) < 0 || !take_char(p, '-') || (c->month = take_digits(p, 2)) < 1 ||
        c->month > 12 || !take_char(p, '-') || (c->day = take_digits(p, 2)) < 1)
        return false;
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    return c->day <= month_days[c->month - 1] + (c->month == 2 && leap);
}

/* HH:MM[:SS]; tells whether there were seconds. */
static bool take_time(const char **p, struct civil *c, bool *seconds)
{
    if ((c->hour = take_digits(p, 2)) < 0 || c->hour > 23 || !take_char(p, ':') ||
        (c->minute = take_digits(p, 2)) < 0 || c->minute > 59)
        return false;
    c->second = 0;
    *seconds = take_char(p, ':');
    return !*seconds || ((c->second = take_digits(p, 2)) >= 0 && c->second <= 60);
}

/* An optional fraction of 1 to 9 digits. */
static bool take_fraction(const char **p, int64_t *ns)
{
    *ns = 0;
    if (!take_char(p, '.'))
        return true;
    int64_t unit = NS_PER_S;
    for (; **p >= '0' && **p <= '9' && unit > 1; ++*p) {
        unit /= 10;
        *ns += (**p - '0') * unit;
    }
    return unit < NS_PER_S && !(**p >= '0' && **p <= '9');
}

static bool take_offset(const char **p, int64_t *offset_s)
{
    *offset_s = 0;
    if (take_char(p, 'Z') || take_char(p, 'z'))
        return true;
    bool west = **p == '-';
    if (!west && **p != '+')
        return false;
    ++*p;
    int hours = take_digits(p, 2);
    if (hours < 0 || hours > 23 || !take_char(p, ':'))
        return false;
    int minutes = take_digits(p, 2);
    if (minutes < 0 || minutes > 59)
        return false;
    *offset_s = (hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

static int64_t wall_seconds(const struct civil *c)
{
    return days_from_civil(c->year, c->month, c->day) * DAY_S + c->hour * 3600 + c->minute * 60 + c->second;
}

struct parse {
    const char *text;
    const char *name, *colon; /* what the value is called, and ": " after it if it is called anything */
    const char *zone;         /* NULL: the local one */
    struct error *err;
};

static int refuse_form(const struct parse *p)
{
    return error_set(p->err, ERR_USAGE,
                     "%s%s'%.200s' is not a time; use YYYY-MM-DD HH:MM[:SS], HH:MM[:SS] or RFC 3339, such as "
                     "2030-01-31T08:00:00Z",
                     p->name, p->colon, p->text);
}

static int refuse_year(const struct parse *p)
{
    return error_set(p->err, ERR_USAGE, "%s%s'%.200s' is out of range; use a year from %d to %d", p->name,
                     p->colon, p->text, YEAR_MIN, YEAR_MAX);
}

/* A wall-clock time that is no instant of day `c`, for that reason. */
static int refuse_wall(const struct parse *p, const struct civil *c, const char *reason)
{
    return error_set(p->err, ERR_USAGE,
                     "%s%s'%.200s' %s in %s on %04d-%02d-%02d, when the clocks change; choose another time, "
                     "or give an offset, as in 2030-01-31T08:00:00+01:00",
                     p->name, p->colon, p->text, reason, p->zone ? p->zone : "the local zone", c->year,
                     c->month, c->day);
}

/* What a wall-clock time is in the zone that is set: the instants when clocks show it. */
struct instants {
    int count;      /* 0, 1, or 2 for several */
    int64_t at;     /* the last of them */
    int64_t latest; /* the same; with none, the latest that one could mean by it */
};

static bool offset_at(int64_t instant, int64_t *offset_s)
{
    time_t t = (time_t)instant;
    struct tm tm;
    if (!localtime_r(&t, &tm))
        return false;
    *offset_s = tm.tm_gmtoff;
    return true;
}

static struct instants instants_of(int64_t wall)
{
    struct instants found = {.latest = INT64_MIN};
    for (int64_t probe = wall - DAY_S; probe <= wall + DAY_S; probe += DAY_S / 8) {
        int64_t offset, there;
        if (!offset_at(probe, &offset))
            continue;
        int64_t instant = wall - offset;
        if (instant > found.latest)
            found.latest = instant;
        if (!offset_at(instant, &there) || there != offset || (found.count > 0 && found.at == instant))
            continue;
        found.count = found.count ? 2 : 1;
        found.at = instant;
    }
    if (found.count > 0)
        found.latest = found.at;
    return found;
}

static int parse_dated(const struct parse *p, const struct civil *c, int64_t *real_ns)
{
    if (c->year < YEAR_MIN || c->year > YEAR_MAX)
        return refuse_year(p);
    struct instants found = instants_of(wall_seconds(c));
    if (found.count == 0)
        return refuse_wall(p, c, "does not exist");
    if (found.count > 1)
        return refuse_wall(p, c, "occurs twice");
    *real_ns = found.at * NS_PER_S;
    return 0;
}

/* The next HH:MM. A day whose own HH:MM is over does not matter, whatever it was. */
static int parse_daily(const struct parse *p, const struct civil *time_of_day, int64_t now_ns,
                       int64_t *real_ns)
{
    int64_t now = now_ns / NS_PER_S - (now_ns % NS_PER_S < 0), offset;
    if (!offset_at(now, &offset))
        return refuse_year(p);
    int64_t today = (now + offset) / DAY_S - ((now + offset) % DAY_S < 0);
    for (int64_t day = today; day <= today + 2; day++) {
        struct civil c = civil_from_days(day);
        c.hour = time_of_day->hour;
        c.minute = time_of_day->minute;
        c.second = time_of_day->second;
        struct instants found = instants_of(wall_seconds(&c));
        if (found.latest > now)
            return parse_dated(p, &c, real_ns);
    }
    return refuse_form(p);
}

/* Is there a time zone file of that name? Its first bytes are looked at, because other files lie there. */
static bool zone_exists(const char *zone)
{
    const char *dir = getenv("TZDIR");
    char path[512], magic[4];
    if (zone[0] == '\0' || zone[0] == '/' || zone[0] == '.' || strstr(zone, "/.") || strchr(zone, ':'))
        return false;
    int len = snprintf(path, sizeof path, "%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo", zone);
    if (len < 0 || (size_t)len >= sizeof path)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, magic, sizeof magic);
    close(fd);
    return got == (ssize_t)sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
}

/* UTC is known even where no zone files are installed. */
static bool zone_is_utc(const char *zone)
{
    return strcmp(zone, "UTC") == 0;
}

int timestamp_check_zone(const char *zone, const char *what, struct error *err)
{
    if (zone_is_utc(zone) || zone_exists(zone))
        return 0;
    return error_set(err, ERR_USAGE,
                     "%s%stime zone '%.200s' is not known; use a name such as Europe/Berlin or UTC",
                     what ? what : "", what ? ": " : "", zone);
}

/* Sets TZ (NULL: to nothing) and lets libc read it. */
static void zone_set(const char *value)
{
    if (value)
        setenv("TZ", value, 1);
    else
        unsetenv("TZ");
    tzset();
}

static int parse_local(const struct parse *p, const struct civil *c, int64_t now_ns, int64_t *real_ns)
{
    char *old = NULL;
    if (p->zone) {
        if (timestamp_check_zone(p->zone, NULL, p->err) < 0)
            return -1;
        old = xstrdup(getenv("TZ"));
        zone_set(zone_is_utc(p->zone) ? "UTC0" : p->zone);
    } else {
        tzset();
    }
    int result = c->year < 0 ? parse_daily(p, c, now_ns, real_ns) : parse_dated(p, c, real_ns);
    if (p->zone)
        zone_set(old);
    free(old);
    return result;
}

static int parse_rfc3339(const struct parse *p, const struct civil *c, const char *rest, int64_t *real_ns)
{
    int64_t fraction_ns, offset;
    if (!take_fraction(&rest, &fraction_ns) || !take_offset(&rest, &offset) || *rest)
        return refuse_form(p);
    if (c->year < YEAR_MIN || c->year > YEAR_MAX)
        return refuse_year(p);
    int64_t instant = wall_seconds(c) - offset;
    if (instant < 0)
        return refuse_year(p);
    if (c->second == 60 && instant % DAY_S != 0)
        return refuse_form(p);
    *real_ns = instant * NS_PER_S + fraction_ns;
    return 0;
}

int timestamp_parse(const char *text, const char *zone, int64_t now_ns, int64_t *real_ns, const char *what,
                    struct error *err)
{
    const struct parse p = {text ? text : "", what ? what : "", what ? ": " : "", zone, err};
    const char *at = p.text;
    struct civil c = {.year = -1};
    bool seconds;
    if (strlen(at) > 2 && at[2] == ':') {
        if (!take_time(&at, &c, &seconds) || *at || c.second > 59)
            return refuse_form(&p);
        return parse_local(&p, &c, now_ns, real_ns);
    }
    if (!take_date(&at, &c))
        return refuse_form(&p);
    bool space = *at == ' ';
    if (!space && *at != 'T' && *at != 't')
        return refuse_form(&p);
    at++;
    if (!take_time(&at, &c, &seconds))
        return refuse_form(&p);
    if (space && *at == '\0')
        return c.second > 59 ? refuse_form(&p) : parse_local(&p, &c, now_ns, real_ns);
    return seconds ? parse_rfc3339(&p, &c, at, real_ns) : refuse_form(&p);
}
