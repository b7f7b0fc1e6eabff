/* jobpool parallel, and the program under the name `parallel`: what GNU parallel does, with its defaults. The
 * command line has been through the pre-pass (gnu_options.h), so that here are popt's tables as for any command.
 * What it does is what `map` does.
 */
#include "base/buffer.h"
#include "base/number.h"
#include "cli/command.h"
#include "cli/gnu_status.h"
#include "cli/map.h"
#include "cli/option_text.h"
#include "cli/options.h"
#include "cli/parallel.h"
#include "cli/sem.h"
#include "os/machine.h"
#include "os/topology.h"
#include "task/replacement.h"
#include "task/script.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GNU_VERSION       20221122 /* the version of GNU parallel whose options these are */
#define SCRIPT_LENGTH_MAX 131071

/* ---- questions ---- */

static struct {
    int version, cpus, cores, sockets, threads, length, limits;
    const char **min_version;
} raw;

static const struct poptOption table[] = {
    {"version", 'V', POPT_ARG_NONE, &raw.version, 0, "print the version", NULL},
    {"min-version", 0, POPT_ARG_ARGV, &raw.min_version, 0,
     "print the version of GNU parallel that this follows; the status is 0 if it is not below N, else 255",
     "N"},
    {"number-of-cpus", 0, POPT_ARG_NONE, &raw.cpus, 0, "print the number of cores", NULL},
    {"number-of-cores", 0, POPT_ARG_NONE, &raw.cores, 0, "print the number of cores", NULL},
    {"number-of-sockets", 0, POPT_ARG_NONE, &raw.sockets, 0, "print the number of sockets", NULL},
    {"number-of-threads", 0, POPT_ARG_NONE, &raw.threads, 0, "print how many jobs -j 100% are", NULL},
    {"max-line-length-allowed", 0, POPT_ARG_NONE, &raw.length, 0, "print how long a command may be", NULL},
    {"show-limits", 0, POPT_ARG_NONE, &raw.limits, 0, "print how long a command may be, and go on", NULL},
    POPT_TABLEEND,
};

static const struct option_group questions = {"Questions", table};

static int answer_number(int number)
{
    struct buffer line = {0};
    buffer_printf(&line, "%d\n", number);
    int status = print_all(STDOUT_FILENO, line.data, line.len);
    buffer_fini(&line);
    return status ? failure_status(status) : 0;
}

static int answer_version(void)
{
    static const char text[] = "jobpool " JOBPOOL_VERSION ", with the options of GNU parallel 20221122\n";
    int status = print_all(STDOUT_FILENO, text, strlen(text));
    return status ? failure_status(status) : 0;
}

static int answer_min_version(void)
{
    struct error err;
    int64_t wanted;
    if (number_parse(option_text(raw.min_version), 0, INT64_MAX, &wanted, "--min-version", &err) < 0) {
        complain("%s", err.message);
        return 255;
    }
    int status = answer_number(GNU_VERSION);
    return status ? status : wanted > GNU_VERSION ? 255 : 0;
}

/* True if there was a question, and it was answered. */
static bool answer(int *status)
{
    if (raw.version)
        *status = answer_version();
    else if (raw.min_version)
        *status = answer_min_version();
    else if (raw.cpus || raw.cores)
        *status = answer_number(topology_cores());
    else if (raw.sockets)
        *status = answer_number(topology_sockets());
    else if (raw.threads)
        *status = answer_number(machine_processors());
    else if (raw.length)
        *status = answer_number(SCRIPT_LENGTH_MAX);
    else
        return false;
    return true;
}

/* ---- Perl ---- */

/* What people write as Perl, and what does the same here. The first one that is in the expression counts. */
static const struct {
    const char *perl, *instead;
} expressions[] = {
    {"total_jobs", "{##} with --plus"},
    {"seq()", "{#}"},
    {"slot()", "{%}"},
    {"s:.*/::;", "{/.}"},
    {"s:\\.[^/.]+$::", "{.}"},
    {"s:\\.[^.]+$::", "{.}"},
    {"s/\\.[^.]+$//", "{.}"},
    {"s:.*/::", "{/}"},
    {"s/.*\\///", "{/}"},
    {"s:/[^/]*$::", "{//}"},
    {"dirname", "{//}"},
    {"basename", "{/}"},
    {"uc(", "{^^.*} with --plus, or tr in the command"},
    {"lc(", "{,,.*} with --plus, or tr in the command"},
    {"Q(", "{}, which is quoted for the shell wherever it stands"},
    {"substr", "{:N:LENGTH} with --plus"},
    {"s:", "{.} {/} {//} {/.}, or sed in the command"},
    {"s/", "{.} {/} {//} {/.}, or sed in the command"},
    {"++", "$(( )) in the command"},
    {"skip()", "case in the command"},
};

static int refuse_perl(const char *text, size_t len)
{
    const char *instead = "{} {.} {/} {//} {/.} {#} {%}, and the shell for the rest";
    char *expression = strndup(text, len);
    for (size_t i = 0; expression && i < sizeof expressions / sizeof expressions[0]; i++) {
        if (strstr(expression, expressions[i].perl)) {
            instead = expressions[i].instead;
            break;
        }
    }
    complain("%.*s: there is no Perl in replacement strings; write %s", (int)(len < 200 ? len : 200), text,
             instead);
    free(expression);
    return 255;
}

/* An expression may go on in the next word. */
static int check_perl(const struct words *command)
{
    struct buffer all = {0};
    for (const char *word = NULL; (word = words_next(command, word));)
        buffer_printf(&all, all.len ? " %s" : "%s", word);
    const char *begin = strstr(buffer_text(&all), "{=");
    const char *end = begin ? strstr(begin + 2, "=}") : NULL;
    int status = end ? refuse_perl(begin, (size_t)(end - begin) + 2) : 0;
    buffer_fini(&all);
    return status;
}

/* ---- the command ---- */

/* -q: the shell sees each word as it is. A replacement string that is a whole word stays bare, as its value is
 * quoted anyway. */
static void quote_word(struct buffer *out, const char *word)
{
    struct replacement r;
    struct replacement_syntax syntax = {.no_plus = replace_options.no_plus};
    memcpy(syntax.tokens, replace_options.tokens, sizeof syntax.tokens);
    struct slice text = slice_of(word);
    if (text.len && replacement_scan(text, &syntax, &r) == text.len)
        buffer_puts(out, word);
    else
        script_quote(out, text, false);
}

static bool is_separator(const char *word)
{
    return strcmp(word, ":::") == 0 || strcmp(word, "::::") == 0 || strcmp(word, ":::+") == 0 ||
           strcmp(word, "::::+") == 0;
}

/* The words with those of the command quoted, if they are to be. */
static void prepare_words(const char **words, int count, struct words *all, struct words *command)
{
    int i = 0;
    for (; i < count && !is_separator(words[i]); i++) {
        struct buffer word = {0};
        if (parallel_options.quote)
            quote_word(&word, words[i]);
        else
            buffer_puts(&word, words[i]);
        words_add(all, buffer_text(&word), word.len);
        words_add(command, words[i], strlen(words[i]));
        buffer_fini(&word);
    }
    for (; i < count; i++)
        words_add(all, words[i], strlen(words[i]));
}

static int run_words(const char **words, int count)
{
    struct words all = {0}, command = {0};
    prepare_words(words, count, &all, &command);
    int status = check_perl(&command);
    if (status == 0 && sem_is_wanted()) {
        status = sem_run(&all);
    } else if (status == 0) {
        char **list = words_argv(&all);
        status = map_run((const char **)list, (int)all.count);
        free(list);
    }
    words_fini(&all);
    words_fini(&command);
    return status;
}

int parallel_run(const char **words, int count)
{
    int status;
    if (answer(&status))
        return status;
    if (parallel_options.citation && count == 0)
        return 0;
    if (raw.limits)
        complain("a command may have %d bytes", SCRIPT_LENGTH_MAX);
    if (parallel_options.shell_quotes)
        output_options.dry_run = true;
    return run_words(words, count);
}

const struct option_group *const parallel_groups[] = {
    &parallel_group, &sem_group,   &pool_group,    &gate_group,  &input_group,   &batch_group,  &item_group,
    &pipe_group,     &replace_group, &shell_group, &retry_group, &journal_group, &timer_group,  &output_group,
    &results_group,  &questions,   NULL};

const struct command cmd_parallel = {
    .name = "parallel",
    .summary = "do what GNU parallel does, with its options and defaults",
    .usage = "[OPTIONS] [COMMAND…] [::: ITEM…]… [:::: FILE…]…",
    .description =
        "Runs a command once for each item, as jobpool map does, but reads its command line as GNU parallel "
        "does, and behaves as that does: the words of the command are joined by spaces and given to the "
        "shell "
        "that this was started from, the tasks' own output is printed, grouped, and the exit status is the "
        "number of tasks that failed, 101 for more than 100, 255 for any other failure. A link to jobpool "
        "with the name parallel does the same.\n"
        "\n"
        "All options of GNU parallel are known, with their other names, their abbreviations and in clusters "
        "of "
        "letters; what is not there is refused by name. Its letters go before those listed here: -v is "
        "--print-commands, -t is --verbose, and the form of the output is --output. --retries N means N "
        "tries in all. Perl expressions {= … =} are refused. Options may also stand in $PARALLEL and in "
        "profiles.\n"
        "\n"
        "Each value is quoted where it stands in the command, so that it is never code, inside of quotes "
        "too.",
    .groups = parallel_groups,
    .examples =
        "jobpool parallel -j4 gzip -9 ::: *.log\n"
        "find . -name '*.c' | jobpool parallel -k 'wc -l < {}'\n"
        "ln -s \"$(command -v jobpool)\" ~/bin/parallel && parallel --tag echo {1}-{2} ::: a b ::: 1 2",
    .takes_command = true,
    .gnu = true,
    .run = parallel_run,
};
