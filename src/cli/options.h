/* What the command line says, by group. popt fills the texts (static storage, one per process); options_read
 * turns them into values. One file per group: options_pool.c, options_input.c, …
 */
#ifndef JOBPOOL_CLI_OPTIONS_H
#define JOBPOOL_CLI_OPTIONS_H

#include "base/backoff.h"
#include "base/error.h"
#include "base/words.h"
#include "cli/command.h"
#include "executor/term_seq.h"
#include "pool/gate.h"
#include "pool/halt.h"
#include "session/resume.h"
#include "source/columns.h"
#include "sink/mark.h"
#include "sink/table.h"
#include "task/calendar.h"
#include "task/input.h"
#include "task/queue.h"
#include "task/template.h"

#include <stdbool.h>
#include <stdint.h>

/* -j --jobs, --queue, --max-queue, --total-jobs, --timeout, --kill-after, --term-seq, --deadline, --halt, --nice,
 * --max-output, --callback, --error-callback, --callback-timeout, --env, --cwd (alias --wd), --stdin */
struct pool_options {
    unsigned slots; /* from -j: N, N%, +N and -N of machine_processors(); 0: as many as can be; the
                                    default is machine_processors() */
    const char *slots_file; /* -j FILE: where `slots` was read, and will be again; else NULL */
    bool slots_given; /* -j was given */
    const struct queue_policy *policy;
    int64_t max_queue; /* 0: the command's default */
    int64_t total;     /* --total-jobs; 0: not given */
    int64_t timeout_ns;
    int64_t timeout_percent; /* of the median; 0: --timeout is a duration */
    int64_t kill_after_ns; /* default 5 s */
    struct term_seq term_seq;
    int64_t deadline_ns;
    struct halt_rule halt;
    int64_t nice;
    int64_t max_output; /* default 16 MiB; 0: no bound */
    const char *callback;
    const char *error_callback;
    int64_t callback_timeout_ns;
    struct words env; /* "NAME=VALUE"; --env NAME takes jobpool's own value */
    bool no_direct;   /* env is such that a shell must run scripts */
    const char *cwd;
    const char *stdin_file; /* NULL: /dev/null; "-": jobpool's own stdin */
};
#define SLOTS_MAX 100000u

/* --load, --memfree, --memsuspend, --noswap, --pressure, --limit, --delay, --rate */
struct gate_options {
    struct gate_rules rules;
    const char *limit;   /* a script; NULL: none */
    int64_t delay_ns;
    bool delay_auto;
    int64_t rate_gap_ns; /* 0: no --rate */
};

/* --retries, --retry-delay */
struct retry_options {
    int64_t retries;
    struct backoff retry_delay;
};

/* --in, --at, --every, --times, --until, --timezone */
struct timer_options {
    struct schedule schedule;
};

/* --journal, --joblog, --resume, --resume-failed, --retry-failed */
struct journal_options {
    const char *journal;
    const char *joblog;       /* without its '+' */
    bool append;              /* to the joblog */
    enum resume_mode mode;
};

/* -a --arg-file (repeatable), --range (repeatable), --link (alias --xapply), --shuf, -0 --null, -d --delimiter,
 * -n --max-args, -N --max-replace-args, -L --max-lines, --chunksize */
struct input_options {
    const char *const *files; /* NULL-terminated; NULL: none */
    const char *const *ranges; /* the same */
    bool link;
    bool shuffle;
    bool delimiter_given;
    char delimiter;           /* '\n' */
    int64_t max_args;         /* 0: not given */
    int64_t max_lines;        /* 0: not given */
    bool each_word;           /* as -N and -L: a word with {} in it is there once for each value */
    int64_t chunksize;        /* 1 */
};

/* -m --spread, -X --context-replace, --xargs, -s --max-chars, and what -n, -N and -L mean beside them */
struct batch_options {
    bool packed;    /* a task gets as many items as fit */
    bool repeat;    /* a word with {} in it is there once for each value */
    bool spread;    /* the last items are spread over the slots */
    unsigned slots;
    int64_t line;   /* bytes of a command line; 0: by default */
};

/* -C --colsep, --csv, --header, --json, -E --eof, --trim, -r --no-run-if-empty */
struct item_options {
    struct regex *colsep; /* NULL: items are not cut, or by csv_delimiter */
    bool csv;
    char csv_delimiter;
    bool header;
    const char *pipe_header; /* with --pipe: what is repeated in front of each block; NULL: nothing */
    bool json;
    const char *eof;      /* NULL: there is none */
    enum trim trim;
    bool skip_blank;
    bool keep_empty;      /* empty lines are items; no option of map's sets it */
};

/* --pipe, --pipepart, --block, --recend, --recstart, --regexp, --rrs, --cat, --fifo, --round-robin, --tee */
struct pipe_options {
    bool pipe; /* tasks have blocks, no items */
    bool part; /* blocks are parts of a file */
    int64_t block;
    int64_t blocks_per_slot; /* 0: by size */
    const char *recstart, *recend;
    bool regexp;
    bool remove;
    enum input_way way;
    bool round_robin; /* each slot has one task, which reads many blocks */
    bool tee;         /* there is a task for each item, which reads all blocks */
};

/* --shell, --no-shell, --shell-path */
struct shell_options {
    enum template_form form;
    const char *path; /* NULL: /bin/sh */
};

/* -I --replace, --er, --bnr, --dnr, --bner, --seqreplace, --slotreplace, --plus, --no-plus */
struct replace_options {
    const char *tokens[TOKENS]; /* as in struct replacement_syntax */
    bool plus;                  /* both false: the command's default */
    bool no_plus;
};

enum output_form {
    OUTPUT_DEFAULT, /* jsonl, or text if an option implies it */
    OUTPUT_JSONL,
    OUTPUT_JSON,
    OUTPUT_TEXT,
    OUTPUT_NONE,
};

enum results_form {
    RESULTS_NONE,
    RESULTS_FILES, /* of each task: below a directory, or named by a template */
    RESULTS_TABLE, /* one file with a row for each task */
};

/* --results, --files */
struct results_options {
    enum results_form form;
    const char *name;      /* a text template, or the name of the table; NULL: not given */
    enum table_form table;
    bool on_stdout;        /* the table */
    bool files;
};

/* -o --output, -k --keep-order, --report, --append, --summary, --events, --tag, --tagstring, --color, --color-failed,
 * --line-buffer, -u --ungroup, --dry-run, -v --verbose, --progress, --bar, --eta, --exit count */
struct output_options {
    enum output_form form; /* resolved by options_read: never OUTPUT_DEFAULT afterwards */
    bool form_given;       /* -o was on the command line (--dry-run looks at it) */
    bool keep_order;
    const char *report;
    bool append;
    bool summary;
    bool events;
    struct mark_options mark; /* but for tag_text */
    const char *tagstring;    /* a text template, with what \t and \n stand for; NULL or empty: none */
    bool line_buffer;
    bool ungroup;
    bool dry_run;
    bool verbose;
    bool progress; /* also with --bar and --eta */
    bool bar;
    bool eta;
    bool exit_count; /* --exit count: GNU parallel's numbers */
};

/* What only the name `parallel` has: -q --quote, -v --print-commands, --no-keep-order, --process-slot-var,
 * --shell-quote, --citation, --profile, --plain, --version and other questions about the machine. */
struct parallel_options {
    bool on;              /* the program goes by that name: everything is as in GNU parallel */
    bool quote;           /* the words of the command mean nothing to the shell */
    bool print_commands;  /* each command stands on stdout in front of its output */
    int shell_quotes;     /* > 0: commands are printed, quoted so many times, and not run */
    bool citation;
    const char *slot_variable;
};

extern struct pool_options pool_options;
extern struct gate_options gate_options;
extern struct retry_options retry_options;
extern struct journal_options journal_options;
extern struct timer_options timer_options;
extern struct input_options input_options;
extern struct batch_options batch_options;
extern struct item_options item_options;
extern struct pipe_options pipe_options;
extern struct shell_options shell_options;
extern struct replace_options replace_options;
extern struct results_options results_options;
extern struct output_options output_options;
extern struct parallel_options parallel_options;

extern const struct option_group pool_group, gate_group, retry_group, journal_group, timer_group, input_group;
extern const struct option_group item_group, pipe_group, output_group, parallel_group, replace_group, results_group, batch_group;
extern const struct option_group shell_group, scripts_group; /* scripts_group: --shell-path alone */

/* Each group's part of options_read. */
int options_read_pool(struct error *err);
int options_read_gate(struct error *err);
int options_read_retry(struct error *err);
int options_read_timer(struct error *err);
int options_read_journal(struct error *err); /* after those of timer, input and pipe */
int options_read_input(struct error *err);
int options_read_batch(struct error *err);
int options_read_item(struct error *err);
int options_read_pipe(struct error *err);
int options_read_replace(struct error *err);
int options_read_shell(struct error *err);
int options_read_results(struct error *err);
int options_read_output(struct error *err); /* behind that of the results */
/* After the others: changes their defaults to GNU parallel's, under its name. */
int options_read_parallel(struct error *err);

/* What the file of -j FILE says now: 0 for as many as can be. An empty one is being written: as it was before. */
int options_read_slots_file(const char *path, unsigned *slots, struct error *err);

/* Refuses an input file ("-": standard input) that is also the report, a table of results, the journal or the joblog: writing that
 * would destroy it. 0, or -1 with ERR_USAGE. */
int options_check_input(const char *path, struct error *err);

/* Refuses a joblog that is the journal. Asked again when the journal is there: names may differ. */
int options_check_journal(struct error *err);

/* Turns the texts of every group into values; ERR_USAGE naming the option, the value and what is possible. */
int options_read(struct error *err);

#endif
