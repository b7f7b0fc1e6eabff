/* Options on trying again. */
#include "cli/option_text.h"
#include "cli/options.h"

#define RETRIES_MAX 1000000000

static struct {
    const char **retries, **retry_delay;
} raw;

static const struct poptOption table[] = {
    {"retries", 0, POPT_ARG_ARGV, &raw.retries, 0, "try a task that failed up to N more times (default: 0)",
     "N"},
    {"retry-delay", 0, POPT_ARG_ARGV, &raw.retry_delay, 0, "wait that long before each new attempt; also 1s,exponential,max=60s,jitter", "DELAY"},
    POPT_TABLEEND,
};

const struct option_group retry_group = {"Retry options", table};
struct retry_options retry_options;

int options_read_retry(struct error *err)
{
    retry_options = (struct retry_options){0};
    if (option_number(raw.retries, 0, RETRIES_MAX, &retry_options.retries, "--retries", err) < 0)
        return -1;
    const char *delay = option_text(raw.retry_delay);
    return delay ? backoff_parse(delay, &retry_options.retry_delay, "--retry-delay", err) : 0;
}
