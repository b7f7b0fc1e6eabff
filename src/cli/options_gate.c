/* Options on when the machine, or the clock, lets a task start. */
#include "base/duration.h"
#include "base/number.h"
#include "cli/option_text.h"
#include "cli/options.h"
#include "os/machine.h"

#include <stdlib.h>
#include <string.h>

#define LOAD_LEAST 0.01 /* what 0 means, as with GNU parallel */
#define RATE_MOST  1e9

static struct {
    const char **load, **memfree, **memsuspend, **pressure, **limit, **delay, **rate;
    int noswap;
} raw;

static const struct poptOption table[] = {
    {"load", 0, POPT_ARG_ARGV, &raw.load, 0,
     "start only while fewer processes than N run; also N% or +N of the processors", "N"},
    {"memfree", 0, POPT_ARG_ARGV, &raw.memfree, 0,
     "start only while so much memory is free; with less than half of it the youngest task goes back to the queue",
     "SIZE"},
    {"memsuspend", 0, POPT_ARG_ARGV, &raw.memsuspend, 0,
     "suspend the youngest tasks while less than twice as much memory is free", "SIZE"},
    {"noswap", 0, POPT_ARG_NONE, &raw.noswap, 0, "start nothing while the machine swaps in and out", NULL},
    {"pressure", 0, POPT_ARG_ARGV, &raw.pressure, 0,
     "start only while its pressure (PSI) is at most N%; may be repeated", "cpu=N|io=N|memory=N"},
    {"limit", 0, POPT_ARG_ARGV, &raw.limit, 0,
     "run this before each start: 0 lets it start, 1 does not, 2 puts the youngest task back; also io N, load N, mem N",
     "COMMAND"},
    {"delay", 0, POPT_ARG_ARGV, &raw.delay, 0,
     "let at least this time pass between two starts; with auto behind it, more after failures", "DURATION"},
    {"rate", 0, POPT_ARG_ARGV, &raw.rate, 0, "start at most N tasks per s, m, h or d", "N/s"},
    POPT_TABLEEND,
};

const struct option_group gate_group = {"Gate options", table};
struct gate_options gate_options;

static int refuse_load(const char *what, const char *text, struct error *err)
{
    return error_set(err, ERR_USAGE,
                     "%s: '%.200s' is not usable; give a number of processes, or N%% or +N of the processors", what,
                     text);
}

static int read_load(const char *text, const char *what, double *load, struct error *err)
{
    size_t len = strlen(text);
    char digits[24];
    bool percent = len > 1 && text[len - 1] == '%', more = text[0] == '+';
    if (len >= sizeof digits || (percent && more))
        return refuse_load(what, text, err);
    memcpy(digits, text + more, len + 1 - more);
    if (percent)
        digits[len - 1] = '\0';
    if (number_parse_real(digits, load, NULL, NULL) < 0 || *load < 0)
        return refuse_load(what, text, err);
    if (percent)
        *load = machine_processors() * *load / 100;
    if (more)
        *load += machine_processors();
    *load = *load > LOAD_LEAST ? *load : LOAD_LEAST;
    return 0;
}

static int read_size(const char *const *texts, const char *what, int64_t *size, struct error *err)
{
    const char *text = option_text(texts);
    if (!text)
        return 0;
    if (size_parse(text, size, what, err) < 0)
        return -1;
    return *size > 0 ? 0 : error_set(err, ERR_USAGE, "%s: '%.200s' is no size above 0", what, text);
}

static int read_percent(const char *text, double *percent)
{
    char digits[16];
    size_t len = strlen(text);
    len -= len > 0 && text[len - 1] == '%';
    if (len >= sizeof digits)
        return -1;
    memcpy(digits, text, len);
    digits[len] = '\0';
    return number_parse_real(digits, percent, NULL, NULL) < 0 || *percent < 0 || *percent > 100 ? -1 : 0;
}

static int read_pressure(const char *text, struct error *err)
{
    for (int kind = 0; kind < GAUGE_PRESSURES; kind++) {
        const char *name = gauge_pressure_name((enum gauge_pressure)kind);
        size_t len = strlen(name);
        if (strncmp(text, name, len) == 0 && text[len] == '=' &&
            read_percent(text + len + 1, &gate_options.rules.pressure[kind]) == 0)
            return 0;
    }
    return error_set(err, ERR_USAGE,
                     "--pressure: '%.200s' is not usable; give cpu, io or memory, an equals sign and a percentage from "
                     "0 to 100, such as memory=10",
                     text);
}

static int read_pressures(struct error *err)
{
    for (const char *const *text = raw.pressure; text && *text; text++) {
        if (read_pressure(*text, err) < 0)
            return -1;
    }
    return 0;
}

/* GNU parallel's three limits that are no commands are rules of ours; they count where the option itself was not given. */
static int read_limit(struct error *err)
{
    struct gate_rules *rules = &gate_options.rules;
    const char *text = option_text(raw.limit);
    if (!text)
        return 0;
    if (!*text)
        return error_set(err, ERR_USAGE, "--limit: the value is empty");
    if (strncmp(text, "load ", 5) == 0)
        return rules->load > 0 ? 0 : read_load(text + 5, "--limit load", &rules->load, err);
    if (strncmp(text, "mem ", 4) == 0)
        return rules->memfree ? 0 : read_size((const char *const[]){text + 4, NULL}, "--limit mem", &rules->memfree, err);
    if (strncmp(text, "io ", 3) != 0)
        gate_options.limit = text;
    else if (read_percent(text + 3, &rules->disk) < 0)
        return error_set(err, ERR_USAGE, "--limit: '%.200s' is not usable; give a percentage, such as io 50", text);
    return 0;
}

static int read_delay(struct error *err)
{
    const char *text = option_text(raw.delay);
    size_t len = text ? strlen(text) : 0;
    if (len < 5 || strcmp(text + len - 4, "auto") != 0)
        return option_duration(raw.delay, &gate_options.delay_ns, "--delay", err);
    char duration[64];
    if (len - 4 >= sizeof duration)
        return duration_parse(text, &gate_options.delay_ns, "--delay", err);
    memcpy(duration, text, len - 4);
    duration[len - 4] = '\0';
    gate_options.delay_auto = true;
    return duration_parse(duration, &gate_options.delay_ns, "--delay", err);
}

static int read_rate(struct error *err)
{
    static const struct {
        char name;
        double ns;
    } units[] = {{'s', 1e9}, {'m', 60e9}, {'h', 3600e9}, {'d', 86400e9}};
    const char *text = option_text(raw.rate);
    if (!text)
        return 0;
    size_t len = strcspn(text, "/");
    double number, unit_ns = text[len] ? 0 : 1e9;
    char digits[24] = "";
    if (len < sizeof digits)
        memcpy(digits, text, len);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text[len] && text[len + 1] == units[i].name && !text[len + 2])
            unit_ns = units[i].ns;
    }
    if (unit_ns > 0 && number_parse_real(digits, &number, NULL, NULL) == 0 && number > 0 && number <= RATE_MOST &&
        unit_ns / number < 9e18) {
        double gap_ns = unit_ns / number;
        gate_options.rate_gap_ns = gap_ns < 1 ? 1 : (int64_t)gap_ns;
        return 0;
    }
    return error_set(err, ERR_USAGE,
                     "--rate: '%.200s' is not usable; give a number of starts per s, m, h or d, such as 10/s or 0.5/m",
                     text);
}

int options_read_gate(struct error *err)
{
    gate_options = (struct gate_options){.rules = {.disk = -1, .pressure = {-1, -1, -1}}};
    struct gate_rules *rules = &gate_options.rules;
    const char *load = option_text(raw.load);
    rules->noswap = raw.noswap != 0;
    if ((load && read_load(load, "--load", &rules->load, err) < 0) ||
        read_size(raw.memfree, "--memfree", &rules->memfree, err) < 0 ||
        read_size(raw.memsuspend, "--memsuspend", &rules->memsuspend, err) < 0 || read_pressures(err) < 0 ||
        read_limit(err) < 0 || read_delay(err) < 0)
        return -1;
    return read_rate(err);
}
