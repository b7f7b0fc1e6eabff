/* Options on the pool: how many tasks run, for how long, and what they are given. */
#include "base/buffer.h"
#include "base/duration.h"
#include "base/number.h"
#include "cli/option_text.h"
#include "cli/options.h"
#include "os/machine.h"
#include "task/script.h"
#include "task/spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_OUTPUT_DEFAULT (INT64_C(16) << 20)
#define MAX_QUEUE_MAX      1000000000
#define PERCENT_MAX        100000

static struct {
    const char **jobs, **queue, **max_queue, **total_jobs, **timeout, **kill_after, **term_seq, **deadline, **halt, **nice,
        **max_output, **callback, **error_callback, **callback_timeout, **env, **cwd, **stdin_file;
} raw;

static const struct poptOption table[] = {
    {"jobs", 'j', POPT_ARG_ARGV, &raw.jobs, 0,
     "run N tasks at once; also N%, +N or -N of the processors, 0 for all at once (default: as many as jobpool "
     "may use processors); or what a FILE says, also when it changes",
     "N|FILE"},
    {"queue", 0, POPT_ARG_ARGV, &raw.queue, 0, "order in which waiting tasks start (default: fifo)",
     "fifo|lifo|priority"},
    {"max-queue", 0, POPT_ARG_ARGV, &raw.max_queue, 0,
     "read no more input while N tasks wait (default: 1 for apply, 1024 for map, 100000 for run)", "N"},
    {"total-jobs", 0, POPT_ARG_ARGV, &raw.total_jobs, 0,
     "how many tasks there will be, where a percentage or a remaining time needs it", "N"},
    {"timeout", 0, POPT_ARG_ARGV, &raw.timeout, 0, "end a task that runs for longer; N% of what successful ones took, by the median, too", "DURATION|N%"},
    {"kill-after", 0, POPT_ARG_ARGV, &raw.kill_after, 0,
     "send KILL to what has not ended so long after TERM (default: 5s)", "DURATION"},
    {"term-seq", 0, POPT_ARG_ARGV, &raw.term_seq, 0,
     "end tasks by these signals, each given so many ms, instead, such as TERM,200,TERM,100,KILL,25", "SEQ"},
    {"termseq", 0, POPT_ARG_ARGV, &raw.term_seq, 0, "the same as --term-seq", "SEQ"},
    {"deadline", 0, POPT_ARG_ARGV, &raw.deadline, 0, "end everything after this time", "DURATION"},
    {"halt", 0, POPT_ARG_ARGV, &raw.halt, 0, "stop early, such as soon,fail=1 (default: never)", "RULE"},
    {"nice", 0, POPT_ARG_ARGV, &raw.nice, 0, "add N, from -20 to 19, to the niceness of tasks", "N"},
    {"max-output", 0, POPT_ARG_ARGV, &raw.max_output, 0,
     "how much of each output stream a result holds; none for all (default: 16M)", "SIZE"},
    {"callback", 0, POPT_ARG_ARGV, &raw.callback, 0,
     "run this shell script for each task that succeeded; it gets the result on stdin", "COMMAND"},
    {"error-callback", 0, POPT_ARG_ARGV, &raw.error_callback, 0,
     "the same for each task that did not succeed", "COMMAND"},
    {"callback-timeout", 0, POPT_ARG_ARGV, &raw.callback_timeout, 0, "end a callback that runs for longer",
     "DURATION"},
    {"env", 0, POPT_ARG_ARGV, &raw.env, 0,
     "set a variable for the tasks, or pass on jobpool's own; may be repeated", "NAME[=VALUE]"},
    {"cwd", 0, POPT_ARG_ARGV, &raw.cwd, 0, "run tasks in this directory", "DIR"},
    {"wd", 0, POPT_ARG_ARGV, &raw.cwd, 0, "the same as --cwd", "DIR"},
    {"stdin", 0, POPT_ARG_ARGV, &raw.stdin_file, 0,
     "what tasks read on stdin, - for jobpool's own (default: /dev/null)", "FILE"},
    POPT_TABLEEND,
};

const struct option_group pool_group = {"Pool options", table};
struct pool_options pool_options;

static int refuse_jobs(const char *text, struct error *err)
{
    return error_set(err, ERR_USAGE,
                     "--jobs: '%.200s' is not usable; give a number from 1 to %u, N%%, +N or -N of the "
                     "processors, 0 for no bound, or a file that holds one of these",
                     text, SLOTS_MAX);
}

static int read_percent(const char *text, int64_t processors, int64_t *slots)
{
    char digits[16];
    size_t len = strlen(text) - 1;
    if (len >= sizeof digits)
        return -1;
    memcpy(digits, text, len);
    digits[len] = '\0';
    int64_t percent;
    if (number_parse(digits, 1, PERCENT_MAX, &percent, NULL, NULL) < 0)
        return -1;
    int64_t n = processors * percent / 100;
    *slots = n < 1 ? 1 : n;
    return 0;
}

/* Everything but a file. */
static int parse_jobs(const char *text, unsigned *result)
{
    int64_t slots = 0;
    size_t len = strlen(text);
    int bad;
    if (len > 1 && text[len - 1] == '%') {
        bad = read_percent(text, machine_processors(), &slots);
    } else if (text[0] == '-') {
        bad = number_parse(text + 1, 0, SLOTS_MAX, &slots, NULL, NULL);
        slots = bad || slots >= machine_processors() ? 1 : machine_processors() - slots;
    } else if (text[0] == '+') {
        bad = number_parse(text + 1, 0, SLOTS_MAX, &slots, NULL, NULL);
        slots += bad ? 0 : machine_processors();
    } else {
        bad = number_parse(text, 0, SLOTS_MAX, &slots, NULL, NULL);
    }
    if (bad || slots > SLOTS_MAX)
        return -1;
    *result = (unsigned)slots;
    return 0;
}

int options_read_slots_file(const char *path, unsigned *slots, struct error *err)
{
    static unsigned last; /* what it said before */
    char text[64];
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set_errno(err, ERR_USAGE, errno, "--jobs: cannot read %s", path);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        len--;
    text[len] = '\0';
    if (len == 0 && last)
        *slots = last - 1;
    else if (parse_jobs(text, slots) < 0)
        return error_set(err, ERR_USAGE, "--jobs: %.200s holds '%s', which is no number of tasks, such as 4, 50%% or +2",
                         path, text);
    last = *slots + 1;
    return 0;
}

static int read_jobs(struct error *err)
{
    const char *text = option_text(raw.jobs);
    struct stat st;
    pool_options.slots = (unsigned)machine_processors();
    pool_options.slots_given = text != NULL;
    if (!text || parse_jobs(text, &pool_options.slots) == 0)
        return 0;
    if (!*text || stat(text, &st) < 0 || !S_ISREG(st.st_mode))
        return refuse_jobs(text, err);
    pool_options.slots_file = text;
    return options_read_slots_file(text, &pool_options.slots, err);
}

static int read_queue(struct error *err)
{
    static const char *const names[] = {"fifo", "lifo", "priority", NULL};
    int index = 0;
    if (option_choice(raw.queue, names, &index, "--queue", err) < 0)
        return -1;
    pool_options.policy = queue_policy_find(names[index]);
    return 0;
}

static int read_max_output(struct error *err)
{
    const char *text = option_text(raw.max_output);
    if (!text)
        return 0;
    if (strcmp(text, "none") == 0) {
        pool_options.max_output = 0;
        return 0;
    }
    return size_parse(text, &pool_options.max_output, "--max-output", err);
}

/* Does the name of `variable` come again behind it? Then that one counts. */
static bool is_given_again(const char *const *variable, size_t name_len)
{
    for (const char *const *later = variable + 1; *later; later++) {
        if (strncmp(*later, *variable, name_len) == 0 && strchr("=", (*later)[name_len]))
            return true;
    }
    return false;
}

/* A name that no shell could hold is passed on as well: only the empty one is impossible. A variable that
 * is not set here is not passed on. Messages never show a value. */
static int read_env(struct error *err)
{
    words_clear(&pool_options.env);
    for (const char *const *at = raw.env; at && *at; at++) {
        const char *equals = strchr(*at, '=');
        size_t name_len = equals ? (size_t)(equals - *at) : strlen(*at);
        if (name_len == 0)
            return error_set(err, ERR_USAGE, "--env: there is no name; give NAME=VALUE, or NAME");
        if (spec_owns_variable(*at, name_len))
            return error_set(err, ERR_USAGE, "--env: jobpool itself sets the variable '%.*s'; use another name",
                             (int)name_len, *at);
        if (is_given_again(at, name_len))
            continue;
        if (equals) {
            words_add(&pool_options.env, *at, strlen(*at));
            continue;
        }
        const char *own = getenv(*at);
        if (!own)
            continue;
        struct buffer pair = {0};
        buffer_printf(&pair, "%s=%s", *at, own);
        words_add(&pool_options.env, pair.data, pair.len);
        buffer_fini(&pair);
    }
    return 0;
}

static bool has_loud_variable(const struct words *env)
{
    for (const char *v = NULL; (v = words_next(env, v));) {
        if (!script_variable_is_quiet(v))
            return true;
    }
    return false;
}

static int read_timeout(struct error *err)
{
    const char *text = option_text(raw.timeout);
    size_t len = text ? strlen(text) : 0;
    if (len == 0 || text[len - 1] != '%')
        return option_duration(raw.timeout, &pool_options.timeout_ns, "--timeout", err);
    char digits[16] = "";
    if (len <= sizeof digits)
        memcpy(digits, text, len - 1);
    if (number_parse(digits, 1, PERCENT_MAX, &pool_options.timeout_percent, NULL, NULL) == 0)
        return 0;
    return error_set(err, ERR_USAGE,
                     "--timeout: '%.200s' is not usable; give a duration, such as 1h30m, or from 1%% to %d%% of the "
                     "median, such as 200%%",
                     text, PERCENT_MAX);
}

static int read_times(struct error *err)
{
    struct pool_options *o = &pool_options;
    return read_timeout(err) < 0 ||
                   option_duration(raw.kill_after, &o->kill_after_ns, "--kill-after", err) < 0 ||
                   option_duration(raw.deadline, &o->deadline_ns, "--deadline", err) < 0 ||
                   option_duration(raw.callback_timeout, &o->callback_timeout_ns, "--callback-timeout", err) <
                       0
               ? -1
               : 0;
}

static int read_term_seq(struct error *err)
{
    const char *text = option_text(raw.term_seq);
    if (text && raw.kill_after)
        return error_set(err, ERR_USAGE, "--kill-after and --term-seq both say when KILL comes; give one of them");
    return text ? term_seq_parse(text, &pool_options.term_seq, err) : 0;
}

static int read_texts(struct error *err)
{
    static const struct {
        const char *what;
        const char ***texts;
        const char **value;
    } texts[] = {
        {"--callback", &raw.callback, &pool_options.callback},
        {"--error-callback", &raw.error_callback, &pool_options.error_callback},
        {"--cwd", &raw.cwd, &pool_options.cwd},
        {"--stdin", &raw.stdin_file, &pool_options.stdin_file},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = option_text(*texts[i].texts);
        if (text && !*text)
            return error_set(err, ERR_USAGE, "%s: the value is empty", texts[i].what);
        *texts[i].value = text;
    }
    return 0;
}

int options_read_pool(struct error *err)
{
    struct words env = pool_options.env;
    pool_options = (struct pool_options){
        .kill_after_ns = 5 * NS_PER_S,
        .max_output = MAX_OUTPUT_DEFAULT,
        .env = env,
    };
    const char *halt = option_text(raw.halt);
    if (read_jobs(err) < 0 || read_queue(err) < 0 || read_times(err) < 0 || read_term_seq(err) < 0 || read_max_output(err) < 0 ||
        (halt && halt_parse(halt, &pool_options.halt, err) < 0) ||
        option_number(raw.max_queue, 1, MAX_QUEUE_MAX, &pool_options.max_queue, "--max-queue", err) < 0 ||
        option_number(raw.total_jobs, 1, INT64_MAX, &pool_options.total, "--total-jobs", err) < 0 ||
        option_number(raw.nice, -20, 19, &pool_options.nice, "--nice", err) < 0 || read_env(err) < 0)
        return -1;
    pool_options.no_direct = has_loud_variable(&pool_options.env);
    return read_texts(err);
}
