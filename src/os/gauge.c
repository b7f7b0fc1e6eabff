#include "os/gauge.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- texts ---- */

/* The number behind the word `key` at the beginning of a line. */
static bool number_of(const char *text, const char *key, uint64_t *value)
{
    size_t len = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0 && strchr(" \t:", line[len]) && line[len])
            return sscanf(line + len + strspn(line + len, " \t:"), "%" SCNu64, value) == 1;
    }
    return false;
}

bool gauge_parse_running(const char *text, int64_t *running)
{
    uint64_t runs, waits;
    if (!number_of(text, "procs_running", &runs) || !number_of(text, "procs_blocked", &waits))
        return false;
    *running = (int64_t)(runs > 0 ? runs - 1 : 0) + (int64_t)waits;
    return true;
}

bool gauge_parse_available(const char *text, int64_t *bytes)
{
    uint64_t kib;
    if (!number_of(text, "MemAvailable", &kib) || kib > INT64_MAX / 1024)
        return false;
    *bytes = (int64_t)kib * 1024;
    return true;
}

bool gauge_parse_swap(const char *text, uint64_t *in, uint64_t *out)
{
    return number_of(text, "pswpin", in) && number_of(text, "pswpout", out);
}

/* The kernel writes hundredths with a dot, whatever the locale: read as two whole numbers. */
bool gauge_parse_pressure(const char *text, double *percent)
{
    unsigned whole, hundredths;
    const char *some = strstr(text, "some ");
    if (!some || sscanf(some, "some avg10=%u.%2u", &whole, &hundredths) != 2)
        return false;
    *percent = whole + hundredths / 100.0;
    return true;
}

static struct gauge_disk *find_disk(struct gauges *g, const char *name)
{
    for (unsigned i = 0; i < g->disks_len; i++) {
        if (strcmp(g->disks[i].name, name) == 0)
            return &g->disks[i];
    }
    return NULL;
}

/* A line: major, minor, name, ten numbers of which the last is the milliseconds that it was busy. Further ones follow. */
static bool parse_disk(const char *line, struct gauge_disk *disk)
{
    return sscanf(line, " %*u %*u %31s %*u %*u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, disk->name,
                  &disk->busy_ms) == 2;
}

void gauge_parse_disks(struct gauges *g, const char *text, int64_t period_ns)
{
    double most = 0;
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line ? 1 : 0) {
        struct gauge_disk now;
        if (!parse_disk(line, &now))
            continue;
        struct gauge_disk *known = find_disk(g, now.name);
        if (known && now.busy_ms >= known->busy_ms && period_ns > 0) {
            double part = (double)(now.busy_ms - known->busy_ms) * 1e6 * 100 / (double)period_ns;
            most = part > most ? part : most;
        }
        if (known)
            *known = now;
        else if (g->disks_len < GAUGE_DISKS)
            g->disks[g->disks_len++] = now;
    }
    g->disk = most < 100 ? most : 100;
}

const char *gauge_pressure_name(enum gauge_pressure kind)
{
    static const char *const names[] = {"cpu", "io", "memory"};
    return names[kind];
}

/* ---- files ---- */

static int read_text(const char *name, struct buffer *text, struct error *err)
{
    buffer_clear(text);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    if (fd >= 0) {
        while ((n = read(fd, buffer_reserve(text, 4096), 4096)) > 0 || (n < 0 && errno == EINTR))
            text->len += n > 0 ? (size_t)n : 0;
        int saved = errno;
        close(fd);
        errno = saved;
    }
    return n < 0 ? error_set_errno(err, ERR_SYSTEM, errno, "cannot read %s", name) : 0;
}

static int no_sense(const char *name, struct error *err)
{
    return error_set(err, ERR_SYSTEM, "%s does not hold what is needed", name);
}

static int read_swap(struct gauges *g, int64_t mono_ns, struct buffer *text, struct error *err)
{
    uint64_t in, out;
    if (g->swap_ns && mono_ns - g->swap_ns < GAUGE_PERIOD_NS)
        return 0;
    if (read_text("/proc/vmstat", text, err) < 0)
        return -1;
    if (!gauge_parse_swap(buffer_text(text), &in, &out))
        return no_sense("/proc/vmstat", err);
    g->swapping = g->swap_ns ? in > g->swapped_in && out > g->swapped_out : -1;
    g->swapped_in = in;
    g->swapped_out = out;
    g->swap_ns = mono_ns;
    return 0;
}

static int read_disks(struct gauges *g, int64_t mono_ns, struct buffer *text, struct error *err)
{
    if (g->disks_ns && mono_ns - g->disks_ns < GAUGE_PERIOD_NS)
        return 0;
    if (read_text("/proc/diskstats", text, err) < 0)
        return -1;
    gauge_parse_disks(g, buffer_text(text), g->disks_ns ? mono_ns - g->disks_ns : 0);
    if (!g->disks_ns)
        g->disk = -1;
    g->disks_ns = mono_ns;
    return 0;
}

static int read_pressure(enum gauge_pressure kind, double *percent, struct buffer *text, struct error *err)
{
    char name[32];
    snprintf(name, sizeof name, "/proc/pressure/%s", gauge_pressure_name(kind));
    if (read_text(name, text, err) < 0)
        return -1;
    return gauge_parse_pressure(buffer_text(text), percent) ? 0 : no_sense(name, err);
}

static int read_all(struct gauges *g, unsigned which, int64_t mono_ns, struct gauge_readings *r,
                    struct buffer *text, struct error *err)
{
    if ((which & GAUGE_READ_RUNNING) && read_text("/proc/stat", text, err) < 0)
        return -1;
    if ((which & GAUGE_READ_RUNNING) && !gauge_parse_running(buffer_text(text), &r->running))
        return no_sense("/proc/stat", err);
    if ((which & GAUGE_READ_AVAILABLE) && read_text("/proc/meminfo", text, err) < 0)
        return -1;
    if ((which & GAUGE_READ_AVAILABLE) && !gauge_parse_available(buffer_text(text), &r->available))
        return no_sense("/proc/meminfo", err);
    if ((which & GAUGE_READ_SWAP) && read_swap(g, mono_ns, text, err) < 0)
        return -1;
    if ((which & GAUGE_READ_DISKS) && read_disks(g, mono_ns, text, err) < 0)
        return -1;
    for (int kind = 0; kind < GAUGE_PRESSURES; kind++) {
        if ((which & (unsigned)GAUGE_READ_PRESSURE << kind) &&
            read_pressure((enum gauge_pressure)kind, &r->pressure[kind], text, err) < 0)
            return -1;
    }
    return 0;
}

int gauges_read(struct gauges *g, unsigned which, int64_t mono_ns, struct gauge_readings *readings,
                struct error *err)
{
    struct buffer text = {0};
    *readings = (struct gauge_readings){0};
    int got = read_all(g, which, mono_ns, readings, &text, err);
    readings->swapping = g->swapping;
    readings->disk = g->disk;
    buffer_fini(&text);
    return got;
}
