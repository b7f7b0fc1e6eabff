#include "executor/term_seq.h"

#include "base/duration.h"
#include "base/number.h"

#include <signal.h>
#include <string.h>

#define PART_SIZE 24
#define WAIT_MOST_MS (24 * 3600 * 1000)

static int refuse(const char *part, const char *text, struct error *err)
{
    return error_set(err, ERR_USAGE,
                     "--term-seq: '%.40s' in '%.200s' is not usable; give signals and milliseconds in turn, at "
                     "most %d of each, such as TERM,200,TERM,100,KILL,25",
                     part, text, TERM_STEPS);
}

/* The signal of that name, with or without SIG, or number; 0 if there is none. */
static int signal_find(const char *name)
{
    int64_t number;
    if (number_parse(name, 1, SIGRTMAX, &number, NULL, NULL) == 0)
        return (int)number;
    if (strncmp(name, "SIG", 3) == 0)
        name += 3;
    for (int signo = 1; signo < NSIG; signo++) {
        const char *known = sigabbrev_np(signo);
        if (known && strcmp(known, name) == 0)
            return signo;
    }
    return 0;
}

/* Copies what stands before the next comma and returns what stands behind it; NULL: that was the last part. */
static const char *next_part(const char *text, char part[PART_SIZE])
{
    size_t len = strcspn(text, ",");
    size_t kept = len < PART_SIZE ? len : PART_SIZE - 1;
    memcpy(part, text, kept);
    part[kept] = '\0';
    return text[len] ? text + len + 1 : NULL;
}

int term_seq_parse(const char *text, struct term_seq *seq, struct error *err)
{
    struct term_seq read = {.len = 0};
    char part[PART_SIZE];
    const char *rest = text;
    while (rest) {
        int64_t wait_ms = 0;
        rest = next_part(rest, part);
        int signo = signal_find(part);
        if (signo == 0 || read.len == TERM_STEPS)
            return refuse(part, text, err);
        if (rest) {
            rest = next_part(rest, part);
            if (number_parse(part, 0, WAIT_MOST_MS, &wait_ms, NULL, NULL) < 0)
                return refuse(part, text, err);
        }
        read.steps[read.len].signal = signo;
        read.steps[read.len].wait_ns = wait_ms * NS_PER_MS;
        read.len++;
    }
    *seq = read;
    return 0;
}

int64_t term_seq_kill_after_ns(const struct term_seq *seq)
{
    int64_t sum = 0;
    for (int i = 0; i < seq->len && seq->steps[i].signal != SIGKILL; i++)
        sum += seq->steps[i].wait_ns;
    return sum;
}
