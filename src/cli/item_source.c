/* In which order the options work on an item: lines end the source (-E), are joined (-L), left out (-r), and then
 * cut into columns, each of which is trimmed. A record of CSV is read first, for it may be several lines; -E and -r
 * then look at those of one column.
 */
#include "cli/item_source.h"

#include "cli/dry_run.h"
#include "cli/options.h"
#include "source/columns.h"
#include "source/edit.h"

/* What follows whatever gives lines or records. */
static struct source *edited(struct source *s)
{
    bool cut = item_options.colsep || item_options.csv;
    const struct edit_rules rules = {
        .eof = item_options.eof,
        .skip_blank = item_options.skip_blank,
        .join = input_options.max_lines > 0,
        .trim = cut ? TRIM_NONE : item_options.trim,
    };
    s = source_edit(s, &rules);
    return item_options.colsep ? source_columns(s, item_options.colsep, item_options.trim) : s;
}

static struct csv_rules csv_rules(void)
{
    return (struct csv_rules){item_options.csv_delimiter, item_options.trim, item_options.keep_empty};
}

struct source *item_source_file(const char *path, struct error *err)
{
    const struct csv_rules rules = csv_rules();
    struct source *s = item_options.csv          ? source_csv(path, &rules, err)
                       : item_options.keep_empty ? source_lines_all(path, input_options.delimiter, err)
                                                 : source_lines(path, input_options.delimiter, err);
    return s ? edited(s) : NULL;
}

struct source *item_source_words(struct words *items)
{
    const struct csv_rules rules = csv_rules();
    struct source *s = source_arguments(items);
    return edited(item_options.csv ? source_csv_items(s, &rules) : s);
}

int item_source_header(struct source **s, bool is_last, struct words *names, struct error *err)
{
    enum source_status status;
    size_t before = names->count;
    while ((status = source_next(*s, names, err)) == SOURCE_WAIT)
        dry_run_wait(source_fd(*s));
    if (status == SOURCE_ERROR) {
        if (err->code == ERR_INPUT)
            err->code = ERR_IO;
        return error_prefix(err, "--header");
    }
    *s = source_width(*s, names->count - before, is_last);
    return 0;
}
