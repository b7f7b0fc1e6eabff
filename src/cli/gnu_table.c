/* Every option of GNU parallel 20221122, and what becomes of it under the name parallel. `to` names an option of
 * the popt tables; while no table has it, it is "not there yet" by that alone, and nothing here changes when it
 * comes, but for the texts behind `why`.
 */
#include "base/number.h"
#include "cli/gnu_options.h"

#include <stdlib.h>
#include <string.h>

/* ---- values that are written differently ---- */

#define RETRIES_MAX 1000000000

/* N tries in all, 0 for no end, are N - 1 further ones. */
static int convert_retries(const char *value, struct buffer *out, struct error *err)
{
    int64_t tries;
    if (number_parse(value, 0, RETRIES_MAX, &tries, "--retries", err) < 0)
        return -1;
    buffer_printf(out, "%lld", (long long)(tries ? tries - 1 : RETRIES_MAX));
    return 0;
}

/* The numbers of old: 0, 1, 2, -1, -2 and N%. */
static int convert_halt(const char *value, struct buffer *out, struct error *err)
{
    static const char *const old[][2] = {{"0", "never"},
                                         {"1", "soon,fail=1"},
                                         {"2", "now,fail=1"},
                                         {"-1", "soon,success=1"},
                                         {"-2", "now,success=1"}};
    (void)err; /* --halt itself refuses what is no rule */
    size_t len = strlen(value);
    for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
        if (strcmp(value, old[i][0]) == 0)
            value = old[i][1];
    }
    bool percent = len > 1 && value[len - 1] == '%' && strspn(value, "0123456789") == len - 1;
    buffer_printf(out, percent ? "soon,fail=%s" : "%s", value);
    return 0;
}

/* \NNN in octal is \xHH. */
static int convert_delimiter(const char *value, struct buffer *out, struct error *err)
{
    (void)err;
    size_t digits = value[0] == '\\' ? strspn(value + 1, "01234567") : 0;
    unsigned long byte = digits > 1 && digits < 4 && !value[digits + 1] ? strtoul(value + 1, NULL, 8) : 256;
    if (byte < 256)
        buffer_printf(out, "\\x%02lx", byte);
    else
        buffer_puts(out, value);
    return 0;
}

static int convert_folder(const char *value, struct buffer *out, struct error *err)
{
    if (strcmp(value, "...") == 0)
        return error_set(err, ERR_USAGE,
                         "--workdir: '...', a new folder for each job, is not there; make it in the "
                         "command: cd \"$(mktemp -d)\" && …");
    buffer_puts(out, value);
    return 0;
}

/* ---- the table ---- */

#define NO_PERL                                                                                              \
    "there is no Perl here; replacement strings such as {.} {/} {//} {/.} do most of it, a script the rest"
#define NO_HOSTS "jobpool runs on this machine only, as yet"
#define NO_SQL   "there is no SQL here; --report FILE writes each result as a line of JSON"
#define NO_CPUS  "give the number to -j"
#define RETIRED  "GNU parallel has retired it; write "

const struct gnu_option gnu_table[] = {
    /* How many, when, for how long. */
    {"jobs|j|max-procs|maxprocs|P", GNU_VALUE, "jobs", NULL, NULL, NULL},
    {"delay", GNU_VALUE, "delay", NULL, NULL, NULL},
    {"load", GNU_VALUE, "load", NULL, NULL, NULL},
    {"noswap", GNU_NOTHING, "noswap", NULL, NULL, "--memfree does better"},
    {"memfree", GNU_VALUE, "memfree", NULL, NULL, NULL},
    {"memsuspend", GNU_VALUE, "memsuspend", NULL, NULL, NULL},
    {"limit", GNU_VALUE, "limit", NULL, NULL, NULL},
    {"nice", GNU_VALUE, "nice", NULL, NULL, NULL},
    {"timeout", GNU_VALUE, "timeout", NULL, NULL, NULL},
    {"term-seq|termseq", GNU_VALUE, "term-seq", NULL, NULL, "--kill-after TIME says when KILL follows TERM"},
    {"halt-on-error|haltonerror|halt", GNU_VALUE, "halt", NULL, convert_halt, NULL},
    {"retries", GNU_VALUE, "retries", NULL, convert_retries, NULL},
    {"number-of-cpus|numberofcpus", GNU_NOTHING, "number-of-cpus", NULL, NULL, NULL},
    {"number-of-cores|numberofcores", GNU_NOTHING, "number-of-cores", NULL, NULL, NULL},
    {"number-of-sockets|numberofsockets", GNU_NOTHING, "number-of-sockets", NULL, NULL, NULL},
    {"number-of-threads|numberofthreads", GNU_NOTHING, "number-of-threads", NULL, NULL, NULL},
    {"use-sockets-instead-of-threads|usesocketsinsteadofthreads", GNU_NOTHING, NULL, NULL, NULL, NO_CPUS},
    {"use-cores-instead-of-threads|usecoresinsteadofthreads", GNU_NOTHING, NULL, NULL, NULL, NO_CPUS},
    {"use-cpus-instead-of-cores|usecpusinsteadofcores", GNU_NOTHING, NULL, NULL, NULL, NO_CPUS},

    /* Input. */
    {"arg-file|argfile|a", GNU_VALUE, "arg-file", NULL, NULL, NULL},
    {"arg-file-sep|argfilesep", GNU_VALUE, "arg-file-sep", NULL, NULL, "give the file with -a"},
    {"arg-sep|argsep", GNU_VALUE, "arg-sep", NULL, NULL, "give the values on standard input"},
    {"null|0", GNU_NOTHING, "null", NULL, NULL, NULL},
    {"delimiter|d", GNU_VALUE, "delimiter", NULL, convert_delimiter, NULL},
    {"no-run-if-empty|norunifempty|r", GNU_NOTHING, "no-run-if-empty", NULL, NULL, NULL},
    {"E", GNU_VALUE, "eof", NULL, NULL, NULL},
    {"eof|e", GNU_OPTIONAL, "eof", "", NULL, NULL},
    {"link|xapply", GNU_NOTHING, "link", NULL, NULL, NULL},
    {"linkinputsource|xapplyinputsource", GNU_VALUE, NULL, NULL, NULL, "write :::+ in front of that source"},
    {"col-sep|colsep|C", GNU_VALUE, "colsep", NULL, NULL, NULL},
    {"csv", GNU_NOTHING, "csv", NULL, NULL, NULL},
    {"header", GNU_VALUE, "header", NULL, NULL, NULL},
    {"skip-first-line|skipfirstline", GNU_NOTHING, NULL, NULL, NULL, "take it away with tail -n +2"},
    {"trim", GNU_VALUE, "trim", NULL, NULL, NULL},
    {"shuf", GNU_NOTHING, "shuf", NULL, NULL, NULL},
    {"total-jobs|totaljobs|total", GNU_VALUE, "total-jobs", NULL, NULL, NULL},
    {"filter", GNU_VALUE, NULL, NULL, NULL, NO_PERL},

    /* How the command is made. */
    {"quote|q", GNU_NOTHING, "quote", NULL, NULL, NULL},
    {"I", GNU_VALUE, "replace", NULL, NULL, NULL},
    {"replace|i", GNU_OPTIONAL, "replace", "{}", NULL, NULL},
    {"plus", GNU_NOTHING, "plus", NULL, NULL, NULL},
    {"rpl", GNU_VALUE, NULL, NULL, NULL, NO_PERL},
    {"parens", GNU_VALUE, NULL, NULL, NULL, NO_PERL},
    {"extensionreplace|er", GNU_VALUE, "extensionreplace", NULL, NULL, "write {.}"},
    {"basenamereplace|bnr", GNU_VALUE, "basenamereplace", NULL, NULL, "write {/}"},
    {"dirnamereplace|dnr", GNU_VALUE, "dirnamereplace", NULL, NULL, "write {//}"},
    {"basenameextensionreplace|bner", GNU_VALUE, "basenameextensionreplace", NULL, NULL, "write {/.}"},
    {"seqreplace", GNU_VALUE, "seqreplace", NULL, NULL, "write {#}"},
    {"slotreplace", GNU_VALUE, "slotreplace", NULL, NULL, "write {%}"},
    {"max-args|maxargs|n", GNU_VALUE, "max-args", NULL, NULL, NULL},
    {"max-replace-args|maxreplaceargs|N", GNU_VALUE, "max-replace-args", NULL, NULL,
     "-n N gives {1} to {N} as well"},
    {"L", GNU_VALUE, "max-lines", NULL, NULL, NULL},
    {"max-lines|maxlines|l", GNU_NUMBER, "max-lines", "1", NULL, NULL},
    {"max-chars|maxchars|s", GNU_VALUE, "max-chars", NULL, NULL, NULL},
    {"exit|x", GNU_NOTHING, "exit-if-too-long", NULL, NULL, NULL},
    {"m", GNU_NOTHING, "spread", NULL, NULL, NULL},
    {"X", GNU_NOTHING, "context-replace", NULL, NULL, NULL},
    {"xargs", GNU_NOTHING, "xargs", NULL, NULL, NULL},
    {"template|tmpl", GNU_VALUE, NULL, NULL, NULL, "make the file in the command"},

    /* What jobs are given. */
    {"env", GNU_VALUE, "env", NULL, NULL, NULL},
    {"record-env|recordenv", GNU_NOTHING, NULL, NULL, NULL,
     "the whole environment is passed on; env -i starts anew"},
    {"session", GNU_NOTHING, NULL, NULL, NULL, "the whole environment is passed on; env -i starts anew"},
    {"process-slot-var|processslotvar", GNU_VALUE, "process-slot-var", NULL, NULL,
     "$PARALLEL_JOBSLOT is that and one"},
    {"work-dir|workdir|wd", GNU_VALUE, "cwd", NULL, convert_folder, NULL},
    {"tty", GNU_NOTHING, "tty", NULL, NULL, NULL},
    {"open-tty|o", GNU_NOTHING, "open-tty", NULL, NULL, "for the form of the output write --output"},
    {"interactive|p", GNU_NOTHING, "interactive", NULL, NULL, "--dry-run shows the commands"},

    /* Output. */
    {"keep-order|keeporder|k", GNU_NOTHING, "keep-order", NULL, NULL, NULL},
    {"no-keep-order|nokeeporder|nok|no-k", GNU_NOTHING, "no-keep-order", NULL, NULL, NULL},
    {"group", GNU_NOTHING, NULL, NULL, NULL, NULL}, /* as it is anyway */
    {"ungroup|u", GNU_NOTHING, "ungroup", NULL, NULL, NULL},
    {"line-buffer|line-buffered|linebuffer|linebuffered|lb", GNU_NOTHING, "line-buffer", NULL, NULL, NULL},
    {"latest-line|latestline|ll", GNU_NOTHING, "latest-line", NULL, NULL, NULL},
    {"tag", GNU_NOTHING, "tag", NULL, NULL, NULL},
    {"tag-string|tagstring", GNU_VALUE, "tagstring", NULL, NULL, NULL},
    {"color|colour", GNU_NOTHING, "color", NULL, NULL, NULL},
    {"color-failed|colour-failed|colorfailed|colourfailed|color-fail|colour-fail|colorfail|colourfail|cf",
     GNU_NOTHING, "color-failed", NULL, NULL, NULL},
    {"ctag", GNU_NOTHING, NULL, NULL, NULL, "GNU parallel calls it obsolete; write --color --tag"},
    {"ctag-string|ctagstring", GNU_VALUE, NULL, NULL, NULL,
     "GNU parallel calls it obsolete; write --color --tagstring"},
    {"results|result|res", GNU_VALUE, "results", NULL, NULL,
     NULL},
    {"output-as-files|outputasfiles|files", GNU_NOTHING, "files", NULL, NULL, NULL},
    {"compress", GNU_NOTHING, "compress", NULL, NULL, NULL},
    {"use-compress-program|compress-program|usecompressprogram|compressprogram", GNU_VALUE,
     "compress-program", NULL, NULL, NULL},
    {"use-decompress-program|decompress-program|usedecompressprogram|decompressprogram", GNU_VALUE,
     "decompress-program", NULL, NULL, NULL},
    {"tmpdir|tempdir", GNU_VALUE, NULL, NULL, NULL, "set the variable TMPDIR"},
    {"tmux", GNU_NOTHING, NULL, NULL, NULL, "start tmux in the command"},
    {"tmux-pane|tmuxpane", GNU_NOTHING, NULL, NULL, NULL, "start tmux in the command"},
    {"dry-run|dryrun|dr", GNU_NOTHING, "dry-run", NULL, NULL, NULL},
    {"v", GNU_NOTHING, "print-commands", NULL, NULL, NULL},
    {"verbose|t", GNU_NOTHING, "verbose", NULL, NULL, NULL},
    {"silent", GNU_NOTHING, NULL, NULL, NULL, NULL}, /* as it is anyway */
    {"progress", GNU_NOTHING, "progress", NULL, NULL, NULL},
    {"bar", GNU_NOTHING, "bar", NULL, NULL, "--progress shows how far it is"},
    {"eta", GNU_NOTHING, "eta", NULL, NULL, "--progress shows how far it is"},
    {"debug|D", GNU_VALUE, NULL, NULL, NULL, "it shows the inside of GNU parallel"},
    {"bug", GNU_NOTHING, NULL, NULL, NULL, "it is of GNU parallel itself"},

    /* What was done, and what is left. */
    {"joblog|jl", GNU_VALUE, "joblog", NULL, NULL, "--report FILE writes each result as a line of JSON"},
    {"resume", GNU_NOTHING, "resume", NULL, NULL, NULL},
    {"resume-failed|resumefailed", GNU_NOTHING, "resume-failed", NULL, NULL, NULL},
    {"retry-failed|retryfailed", GNU_NOTHING, "retry-failed", NULL, NULL, NULL},

    /* Data on standard input. */
    {"pipe|spreadstdin", GNU_NOTHING, "pipe", NULL, NULL, NULL},
    {"pipe-part|pipepart", GNU_NOTHING, "pipe-part", NULL, NULL, NULL},
    {"block-size|blocksize|block", GNU_VALUE, "block", NULL, NULL, NULL},
    {"block-timeout|blocktimeout|bt", GNU_VALUE, "block-timeout", NULL, NULL, NULL},
    {"recstart", GNU_VALUE, "recstart", NULL, NULL, NULL},
    {"recend", GNU_VALUE, "recend", NULL, NULL, NULL},
    {"regexp|regex", GNU_NOTHING, "regexp", NULL, NULL, NULL},
    {"remove-rec-sep|removerecsep|rrs", GNU_NOTHING, "remove-rec-sep", NULL, NULL, NULL},
    {"round-robin|roundrobin|round", GNU_NOTHING, "round-robin", NULL, NULL, NULL},
    {"cat", GNU_NOTHING, "cat", NULL, NULL, NULL},
    {"fifo", GNU_NOTHING, "fifo", NULL, NULL, NULL},
    {"tee", GNU_NOTHING, "tee", NULL, NULL, NULL},
    {"shard", GNU_VALUE, "shard", NULL, NULL, NULL},
    {"bin", GNU_VALUE, "bin", NULL, NULL, NULL},
    {"group-by|groupby", GNU_VALUE, "group-by", NULL, NULL, NULL},

    /* Semaphores. */
    {"semaphore", GNU_NOTHING, "semaphore", NULL, NULL, NULL},
    {"semaphore-name|semaphorename|id", GNU_VALUE, "semaphore-name", NULL, NULL, NULL},
    {"semaphore-timeout|semaphoretimeout|st", GNU_VALUE, "semaphore-timeout", NULL, NULL, NULL},
    {"fg", GNU_NOTHING, "fg", NULL, NULL, NULL},
    {"bg", GNU_NOTHING, "bg", NULL, NULL, NULL},
    {"wait", GNU_NOTHING, "wait", NULL, NULL, NULL},

    /* Other hosts. */
    {"sshlogin|S", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},
    {"sshloginfile|slf", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},
    {"ssh", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},
    {"ssh-delay|sshdelay", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},
    {"controlmaster|M", GNU_NOTHING, NULL, NULL, NULL, NO_HOSTS},
    {"hostgroups|hostgroup|hostgrp|hgrp", GNU_NOTHING, NULL, NULL, NULL, NO_HOSTS},
    {"filter-hosts|filterhosts|filter-host", GNU_NOTHING, NULL, NULL, NULL, NO_HOSTS},
    {"onall", GNU_NOTHING, NULL, NULL, NULL, NO_HOSTS},
    {"nonall", GNU_NOTHING, NULL, NULL, NULL, NO_HOSTS},
    {"transfer", GNU_NOTHING, NULL, NULL, NULL, NO_HOSTS},
    {"transferfile|transfer-file|transferfiles|transfer-files|tf", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},
    {"return", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},
    {"trc", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},
    {"cleanup", GNU_NOTHING, NULL, NULL, NULL, NO_HOSTS},
    {"basefile|bf", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},
    {"rsync-opts|rsyncopts", GNU_VALUE, NULL, NULL, NULL, NO_HOSTS},

    /* Databases. */
    {"sql-master|sqlmaster", GNU_VALUE, NULL, NULL, NULL, NO_SQL},
    {"sql-worker|sqlworker", GNU_VALUE, NULL, NULL, NULL, NO_SQL},
    {"sql-and-worker|sqlandworker", GNU_VALUE, NULL, NULL, NULL, NO_SQL},
    {"sql", GNU_VALUE, NULL, NULL, NULL, NO_SQL},

    /* About the program. */
    {"help|h", GNU_NOTHING, "help", NULL, NULL, NULL},
    {"version|V", GNU_NOTHING, "version", NULL, NULL, NULL},
    {"min-version|minversion", GNU_VALUE, "min-version", NULL, NULL, NULL},
    {"show-limits|showlimits", GNU_NOTHING, "show-limits", NULL, NULL,
     "getconf ARG_MAX tells the system's own"},
    {"max-line-length-allowed|maxlinelengthallowed", GNU_NOTHING, "max-line-length-allowed", NULL, NULL,
     NULL},
    {"shell-quote|shellquote|shell_quote", GNU_NOTHING, "shell-quote", NULL, NULL, NULL},
    {"will-cite|willcite|nn|nonotice|no-notice", GNU_NOTHING, NULL, NULL, NULL,
     NULL}, /* nobody is asked to */
    {"bibtex|citation", GNU_NOTHING, "citation", NULL, NULL, NULL},
    {"gnu", GNU_NOTHING, NULL, NULL, NULL, NULL}, /* as it is anyway */
    {"plain", GNU_NOTHING, "plain", NULL, NULL, NULL},
    {"profile|J", GNU_VALUE, "profile", NULL, NULL, NULL},
    {"shell-completion|shellcompletion", GNU_VALUE, NULL, NULL, NULL, "see jobpool help --completion"},
    {"shebang|hashbang", GNU_NOTHING, NULL, NULL, NULL, "give the file with -a"},
    {"shebang-wrap|shebangwrap|hashbang-wrap|hashbangwrap", GNU_NOTHING, NULL, NULL, NULL,
     "name the interpreter in the command"},
    {"embed", GNU_NOTHING, NULL, NULL, NULL, "it copies GNU parallel into a script"},
    {"_parset", GNU_VALUE, NULL, NULL, NULL, "it is of GNU parallel's own parset"},
    {"_pipe-means-argfiles", GNU_NOTHING, NULL, NULL, NULL, "it is of GNU parallel's own"},
    {"_test", GNU_VALUE, NULL, NULL, NULL, "it is of GNU parallel's own"},

    /* Gone from GNU parallel, too. */
    {"tollef", GNU_NOTHING, NULL, NULL, NULL, "GNU parallel has retired it"},
    {"g", GNU_NOTHING, NULL, NULL, NULL, RETIRED "--group"},
    {"B", GNU_VALUE, NULL, NULL, NULL, RETIRED "--basefile"},
    {"T", GNU_NOTHING, NULL, NULL, NULL, RETIRED "--tty"},
    {"U", GNU_VALUE, NULL, NULL, NULL, RETIRED "--extensionreplace"},
    {"W", GNU_VALUE, NULL, NULL, NULL, RETIRED "--workdir"},
    {"Y", GNU_NOTHING, NULL, NULL, NULL, RETIRED "--shebang"},
    {"H", GNU_VALUE, NULL, NULL, NULL, RETIRED "--halt"},
    {"ctrl-c|ctrlc", GNU_NOTHING, NULL, NULL, NULL, "GNU parallel has retired it"},
    {"no-ctrl-c|no-ctrlc|noctrlc", GNU_NOTHING, NULL, NULL, NULL, "GNU parallel has retired it"},
    {NULL, GNU_NOTHING, NULL, NULL, NULL, NULL},
};
