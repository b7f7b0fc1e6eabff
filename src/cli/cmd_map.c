/* jobpool map: one task per input item, or with --pipe one per block. */
#include "cli/batch_input.h"
#include "cli/command.h"
#include "cli/dry_run.h"
#include "cli/gnu_status.h"
#include "cli/inputs.h"
#include "cli/map.h"
#include "cli/options.h"
#include "cli/pipe_input.h"
#include "cli/resuming.h"
#include "cli/runner.h"
#include "cli/task_spec.h"
#include "session/items.h"
#include "session/stream.h"

#define QUEUE_TASKS 1024
#define QUEUE_BYTES (2u << 20)

static int map_in_pool(struct source *source, const struct inputs *in, struct blocks *blocks, struct spec *spec,
                       struct resuming *resuming)
{
    int status;
    struct runner_setup setup = {
        .max_queue = QUEUE_TASKS, .max_queue_bytes = QUEUE_BYTES, .inputs = in, .journal = resuming->journal};
    resuming->journal = NULL;
    struct runner *r = runner_new(&setup, &status);
    if (!r) {
        source_free(source);
        blocks_free(blocks);
        return status;
    }
    struct items_config items = {
        .pool = runner_pool(r),
        .spec = spec,
        .source = source,
        .width = in ? &in->width : NULL,
        .blocks = blocks,
        .way = pipe_options.way,
        .chunksize = (uint64_t)input_options.chunksize,
        .resume = resuming->resume,
        .bad_item = runner_bad_item,
        .context = r,
    };
    struct feed *feed = items_new(&items);
    status = runner_run(r, feed);
    items_free(feed);
    return status;
}

/* The joblog's commands are scripts: the items of a map without a command. */
static int map_read_joblog(struct inputs *in, struct resuming *resuming, struct error *err)
{
    struct words scripts = {0};
    if (resuming_open(resuming, &in->command, err) < 0)
        return -1;
    resume_commands(resuming->resume, &scripts);
    in->source = source_arguments(&scripts);
    return 0;
}

/* NULL: `err` says why. */
static struct spec *map_read(struct inputs *in, const char **words, int count, struct resuming *resuming,
                             struct error *err)
{
    struct spec *spec = NULL;
    if (resuming_reads_commands())
        return map_read_joblog(in, resuming, err) == 0 ? task_spec_of(in, err) : NULL;
    if (inputs_open(in, parallel_options.on ? "parallel" : "map", words, count, err) == 0)
        spec = task_spec_of(in, err);
    if (spec && (batch_input(in, spec, err) < 0 || resuming_open(resuming, &in->command, err) < 0)) {
        spec_unref(spec);
        spec = NULL;
    }
    return spec;
}

/* --round-robin, and with `values` --tee: the tasks are there from the start. */
static int map_stream(struct blocks *blocks, struct source *values, struct spec *spec)
{
    int status;
    struct runner_setup setup = {.max_queue = SLOTS_MAX, .max_queue_bytes = QUEUE_BYTES};
    struct runner *r = runner_new(&setup, &status);
    if (!r) {
        blocks_free(blocks);
        source_free(values);
        return status;
    }
    struct stream_config config = {
        .pool = runner_pool(r),
        .spec = spec,
        .blocks = blocks,
        .values = values,
        .slots = pool_slots(runner_pool(r)),
        .hooks = {.filled = runner_feed_tasks, .emptied = runner_wake, .context = r},
        .bad_item = runner_bad_item,
        .context = r,
    };
    struct feed *feed = stream_new(&config);
    status = runner_run(r, feed);
    stream_free(feed);
    return status;
}

static int map_tee(const char **words, int count)
{
    struct inputs in = {0};
    struct blocks *blocks = NULL;
    struct error err = {0};
    struct spec *spec = NULL;
    if (inputs_open(&in, "map", words, count, &err) == 0 && pipe_open(NULL, 0, NULL, &blocks, &err) == 0)
        spec = task_spec_of(&in, &err);
    int status = failure_status(err.code == ERR_IO ? 125 : 2);
    if (spec) {
        struct source *values = in.source;
        in.source = NULL;
        status = map_stream(blocks, values, spec);
        spec_unref(spec);
    } else {
        complain("%s", err.message);
        blocks_free(blocks);
    }
    inputs_fini(&in);
    return status;
}

static int map_pipe(const char **words, int count)
{
    struct words command = {0};
    struct blocks *blocks = NULL;
    struct error err = {0};
    struct spec *spec = NULL;
    if (pipe_open(words, count, &command, &blocks, &err) == 0)
        spec = task_spec_new(&command, false, &err);
    words_fini(&command);
    if (!spec) {
        complain("%s", err.message);
        blocks_free(blocks);
        return failure_status(err.code == ERR_IO ? 125 : 2);
    }
    struct resuming nothing = {0};
    int status = pipe_options.round_robin ? map_stream(blocks, NULL, spec)
                                          : map_in_pool(NULL, NULL, blocks, spec, &nothing);
    spec_unref(spec);
    return status;
}

int map_run(const char **words, int count)
{
    if (pipe_options.pipe)
        return (pipe_options.tee ? map_tee : map_pipe)(words, count);
    struct inputs in = {0};
    struct error err = {0};
    struct resuming resuming = {0};
    struct spec *spec = map_read(&in, words, count, &resuming, &err);
    int status = failure_status(err.code == ERR_IO ? 125 : 2);
    if (spec) {
        struct source *source = source_selected(in.source, spec->template);
        in.source = NULL;
        status = output_options.dry_run ? dry_run_source(source, spec, resuming.resume)
                                        : map_in_pool(source, &in, NULL, spec, &resuming);
        spec_unref(spec);
    } else {
        complain("%s", err.message);
    }
    resuming_close(&resuming);
    inputs_fini(&in);
    return status;
}

static const struct option_group *const groups[] = {&pool_group,    &gate_group,    &input_group,   &batch_group,
                                                    &item_group,    &pipe_group,    &replace_group, &shell_group,
                                                    &retry_group,   &journal_group, &timer_group,   &output_group,
                                                    &results_group, NULL};

const struct command cmd_map = {
    .name = "map",
    .summary = "run one task per input item",
    .usage = "[OPTIONS] COMMAND… [:::[+] ITEM…]… [::::[+] FILE…]…",
    .description = "Runs a command once for each item: the words behind :::, the lines of the files behind "
                   ":::: or of -a FILE, or "
                   "the lines of standard input. Several sources give every combination; :::+ and ::::+ link "
                   "one to that in front "
                   "of it, and end with the shorter. Each result goes to stdout as one line of JSON as soon as "
                   "its task has ended.\n"
                   "\n"
                   "These strings in the command are replaced; if there is none, the item is appended:\n"
                   "  {}    the item                   {#}  the number of the task\n"
                   "  {.}   without its extension      {%}  the number of its slot\n"
                   "  {/}   without its directory      {2}  the item of the second source, or\n"
                   "  {//}  its directory                   with -n the second item\n"
                   "  {/.}  without both               {2.} {2/} {2//} {2/.}  the same of it\n"
                   "  {NAME} {NAME.} {NAME/} …         with --header a column, with --json a field\n"
                   "There are more, such as {..} {-1} {:-x} {##} {%\\.gz} {/re/x}: see jobpool-replacement(7).\n"
                   "\n"
                   "Several words are a command and its arguments, executed without a shell. A single word "
                   "with white space or "
                   "shell characters is a shell script: each value is quoted where it stands, so it is never "
                   "code. Write map "
                   "'wc -l < {}', not map sh -c 'wc -l < {}', which would make code of the values. Without a "
                   "command each item is "
                   "a script itself.\n"
                   "\n"
                   "The exit status is 0 if every task succeeded, 123 if one did not, 125 if jobpool itself "
                   "failed, 126 or 127 if "
                   "no task could be executed or found.",
    .groups = groups,
    .examples = "jobpool map -j4 gzip -9 ::: *.log\n"
                "find . -name '*.c' -print0 | jobpool map -0 -k -o text 'wc -l < {}'\n"
                "jobpool map --journal run.jsonl --resume -a urls 'curl -sSO {}'\n"
                "jobpool map --csv --header : ./mail {address} {name} < people.csv\n"
                "find . -name '*.o' -print0 | jobpool map -0 -m rm -f\n"
                "jobpool map convert {1} -resize {2} {1/.}-{2}.png ::: *.jpg ::: 64 256",
    .takes_command = true,
    .run = map_run,
};
