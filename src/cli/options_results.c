/* Options on files that get what tasks write. */
#include "cli/option_text.h"
#include "cli/options.h"

#include <string.h>
#include <strings.h>

static struct {
    const char **results;
    int files;
} raw;

static const struct poptOption table[] = {
    {"results", 0, POPT_ARG_ARGV, &raw.results, 0,
     "keep what each task writes in files below DIR, or in files that a name with replacement strings says, or as "
     "rows of a FILE.csv, .tsv or .json (-.csv: on stdout)",
     "DIR"},
    {"files", 0, POPT_ARG_NONE, &raw.files, 0,
     "print the name of a file with a task's stdout instead of that; implies -o text", NULL},
    POPT_TABLEEND,
};

const struct option_group results_group = {"Result files", table};
struct results_options results_options;

static bool is_table(const char *name, enum table_form *form)
{
    static const char *const ends[] = {".csv", ".tsv", ".json"};
    static const enum table_form forms[] = {TABLE_CSV, TABLE_TSV, TABLE_JSON};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t len = strlen(name), end = strlen(ends[i]);
        if (len > end && strcasecmp(name + len - end, ends[i]) == 0) {
            *form = forms[i];
            return true;
        }
    }
    return false;
}

static int read_name(struct results_options *o, struct error *err)
{
    if (!*o->name)
        return error_set(err, ERR_USAGE, "--results: the name is empty; give a directory or a file");
    if (is_table(o->name, &o->table)) {
        o->form = RESULTS_TABLE;
        o->on_stdout = o->name[0] == '-' && o->name[1] == '.';
        return 0;
    }
    o->form = RESULTS_FILES;
    return 0;
}

int options_read_results(struct error *err)
{
    struct results_options *o = &results_options;
    *o = (struct results_options){.name = option_text(raw.results), .files = raw.files != 0};
    return o->name ? read_name(o, err) : 0;
}
