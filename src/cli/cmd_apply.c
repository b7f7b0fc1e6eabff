/* jobpool apply: one task, in a pool of its own. */
#include "cli/apply.h"
#include "cli/command.h"
#include "cli/dry_run.h"
#include "cli/options.h"
#include "cli/runner.h"
#include "cli/task_spec.h"
#include "session/items.h"

#include <string.h>

int apply_run(struct spec *spec)
{
    int status;
    struct runner_setup setup = {.max_queue = 1, .max_queue_bytes = SIZE_MAX, .single = true};
    struct runner *r = runner_new(&setup, &status);
    if (!r)
        return status;
    struct items_config items = {
        .pool = runner_pool(r), .spec = spec, .bad_item = runner_bad_item, .context = r};
    struct feed *feed = items_new(&items);
    status = runner_run(r, feed);
    items_free(feed);
    return status;
}

static int apply(const char **words, int count)
{
    struct words command = {0};
    struct error err;
    if (count == 0) {
        complain("apply: no command given; see jobpool apply --help");
        return 2;
    }
    for (int i = 0; i < count; i++)
        words_add(&command, words[i], strlen(words[i]));
    struct spec *spec = task_spec_new(&command, true, &err);
    words_fini(&command);
    if (!spec) {
        complain("%s", err.message);
        return 2;
    }
    int status = output_options.dry_run ? dry_run_source(NULL, spec, NULL) : apply_run(spec);
    spec_unref(spec);
    return status;
}

static const struct option_group *const groups[] = {&pool_group,  &gate_group,   &retry_group,   &timer_group,
                                                    &shell_group, &output_group, &results_group, NULL};

const struct command cmd_apply = {
    .name = "apply",
    .summary = "run one task, wait for it, and exit as it did",
    .usage = "[OPTIONS] [--] COMMAND [ARG…]",
    .description = "Runs one command and waits for its end. Its result goes to stdout as one JSON object; "
                   "with -o text its own "
                   "output does instead.\n"
                   "\n"
                   "Several words are a command and its arguments, executed without a shell. A single word "
                   "with white space or "
                   "shell characters is a shell script.\n"
                   "\n"
                   "The exit status is the command's own; 124 if it timed out, 125 if jobpool failed or the "
                   "task was cancelled, "
                   "126 if it could not be executed, 127 if it was not found, 128+N if signal N killed it.",
    .groups = groups,
    .examples = "jobpool apply --timeout 30s -- ./backup --full\n"
                "jobpool apply -o text 'sort words | uniq -c > counts'\n"
                "jobpool apply --retries 3 --retry-delay 10s -- curl -fsSO https://example.org/data\n"
                "jobpool apply --every 1m --times 5 -- df -h /",
    .takes_command = true,
    .run = apply,
};
