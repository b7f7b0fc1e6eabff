/* Who may be meant by a name, in this order: an option of GNU parallel that has it, one of the popt tables that
 * has it, the only one of GNU parallel's that begins with it, the only one of the popt tables that does. So what
 * GNU parallel understands means the same here, whatever jobpool has besides.
 */
#include "cli/gnu_options.h"

#include "base/slice.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* An option that was found: a row of GNU's table, or an option of popt's. */
struct found {
    const struct gnu_option *row;
    const struct poptOption *own;
};

/* The pre-pass on its way through the words. */
struct pass {
    const struct gnu_spellings *spellings;
    const struct words *in;
    const char *at; /* the word that is read now */
    struct words *options;
    struct error *err;
};

/* Walks over the options of all groups and of the help: start with {0}. */
struct walk {
    size_t group;
    const struct poptOption *option;
    bool helped;
};

static const struct poptOption *walk_next(const struct gnu_spellings *s, struct walk *w)
{
    if (w->option && w->option[1].longName)
        return ++w->option;
    if (w->helped)
        return NULL;
    const struct option_group *group = s->groups ? s->groups[w->group] : NULL;
    if (group)
        w->group++;
    else
        w->helped = true;
    w->option = group ? group->options : help_group.options;
    return w->option;
}

static bool takes_value(const struct poptOption *o)
{
    return (o->argInfo & POPT_ARG_MASK) != POPT_ARG_NONE;
}

static const struct poptOption *own_option(const struct gnu_spellings *s, const char *name, size_t len,
                                           char letter)
{
    struct walk w = {0};
    for (const struct poptOption *o; (o = walk_next(s, &w));) {
        if (name ? strlen(o->longName) == len && strncmp(o->longName, name, len) == 0
                 : letter && o->shortName == letter)
            return o;
    }
    return NULL;
}

/* Walks over the spellings of a row: start with *at = row->names. */
static bool next_name(const char **at, struct slice *name)
{
    if (!*at || !**at)
        return false;
    size_t len = strcspn(*at, "|");
    *name = (struct slice){*at, len};
    *at += len + ((*at)[len] == '|');
    return true;
}

/* The first spelling of a row that is the name, or (`begins`) begins with it. Letters are told apart by case, as
 * names are not. */
static bool row_has(const struct gnu_option *row, const char *name, size_t len, bool begins,
                    struct slice *spelling)
{
    const char *at = row->names;
    while (next_name(&at, spelling)) {
        if (len > spelling->len || (len < spelling->len && !begins))
            continue;
        if (len == 1 && spelling->len == 1 ? *name == *spelling->data
                                           : strncasecmp(name, spelling->data, len) == 0)
            return true;
    }
    return false;
}

static const struct gnu_option *row_of(const struct gnu_spellings *s, const char *name, size_t len)
{
    struct slice spelling;
    for (const struct gnu_option *row = s->gnu; row && row->names; row++) {
        if (row_has(row, name, len, false, &spelling))
            return row;
    }
    return NULL;
}

/* What an abbreviation may stand for. */
struct candidates {
    struct found only;
    size_t count;
    struct buffer names; /* for the message */
};

static void candidates_add(struct candidates *c, struct found found, struct slice name)
{
    c->only = found;
    buffer_printf(&c->names, "%s--%.*s", c->count ? ", " : "", (int)name.len, name.data);
    c->count++;
}

static void find_begun(const struct gnu_spellings *s, const char *name, size_t len, struct candidates *c)
{
    struct slice spelling;
    struct walk w = {0};
    for (const struct gnu_option *row = s->gnu; row && row->names; row++) {
        if (row_has(row, name, len, true, &spelling))
            candidates_add(c, (struct found){row, NULL}, spelling);
    }
    if (c->count)
        return;
    for (const struct poptOption *o; (o = walk_next(s, &w));) {
        if (strncmp(o->longName, name, len) == 0)
            candidates_add(c, (struct found){NULL, o}, slice_of(o->longName));
    }
}

/* Messages say where the option stands, if that is not the command line. */
static const char *where(const struct pass *p)
{
    return p->spellings->where ? p->spellings->where : "";
}

static const char *colon(const struct pass *p)
{
    return p->spellings->where ? ": " : "";
}

static int fail_unknown(const struct pass *p, const char *dashes, const char *name, size_t len)
{
    return error_set(p->err, ERR_USAGE, "%s%sunknown option '%s%.*s'", where(p), colon(p), dashes,
                     (int)(len < 200 ? len : 200), name);
}

static int find_long(const struct pass *p, const char *name, size_t len, struct found *found)
{
    struct candidates c = {0};
    *found = (struct found){row_of(p->spellings, name, len), NULL};
    if (!found->row)
        found->own = own_option(p->spellings, name, len, 0);
    if (found->row || found->own)
        return 0;
    find_begun(p->spellings, name, len, &c);
    *found = c.only;
    int status = 0;
    if (c.count == 0)
        status = fail_unknown(p, "--", name, len);
    else if (c.count > 1)
        status = error_set(p->err, ERR_USAGE, "%s%soption '--%.*s' may stand for %.400s; write more of it",
                           where(p), colon(p), (int)len, name, buffer_text(&c.names));
    buffer_fini(&c.names);
    return status;
}

static int find_letter(const struct pass *p, const char *letter, struct found *found)
{
    *found = (struct found){row_of(p->spellings, letter, 1), NULL};
    if (!found->row)
        found->own = own_option(p->spellings, NULL, 0, *letter);
    return found->row || found->own ? 0 : fail_unknown(p, "-", letter, 1);
}

static enum gnu_takes found_takes(const struct found *f)
{
    if (f->row)
        return f->row->takes;
    return takes_value(f->own) ? GNU_VALUE : GNU_NOTHING;
}

static void put(struct pass *p, const char *name, const char *value)
{
    struct buffer word = {0};
    buffer_printf(&word, value ? "--%s=%s" : "--%s", name, value);
    words_add(p->options, buffer_text(&word), word.len);
    buffer_fini(&word);
}

static int refuse(struct pass *p, const struct gnu_option *row)
{
    struct slice name = {row->names, strcspn(row->names, "|")};
    const char *dashes = name.len == 1 ? "-" : "--";
    const char *what = row->to ? "is not there yet" : "is refused";
    return error_set(p->err, ERR_USAGE, "%s%soption '%s%.*s' of GNU parallel %s%s%s", where(p), colon(p),
                     dashes, (int)name.len, name.data, what, row->why ? ": " : "", row->why ? row->why : "");
}

/* Puts the option that was found down, with its value or NULL. */
static int settle(struct pass *p, const struct found *f, const char *value)
{
    if (f->own) {
        put(p, f->own->longName, value);
        return 0;
    }
    const struct gnu_option *row = f->row;
    if (!row->to)
        return row->why ? refuse(p, row) : 0;
    const struct poptOption *own = own_option(p->spellings, row->to, strlen(row->to), 0);
    if (!own)
        return refuse(p, row);
    if (!value)
        value = row->value;
    if (!takes_value(own) || !value || !row->convert) {
        put(p, row->to, takes_value(own) ? value : NULL);
        return 0;
    }
    struct buffer converted = {0};
    int status = row->convert(value, &converted, p->err);
    if (status == 0)
        put(p, row->to, buffer_text(&converted));
    buffer_fini(&converted);
    return status;
}

static bool is_number(const char *text)
{
    char *end;
    strtod(text, &end);
    return end != text && !*end && !isspace((unsigned char)*text);
}

/* The value of the option: `attached` (NULL: nothing stands in the same word), or the next word, which is
 * taken. */
static int take_value(struct pass *p, const struct found *f, const char *attached, const char **value)
{
    enum gnu_takes takes = found_takes(f);
    const char *next = words_next(p->in, p->at);
    *value = attached;
    if (attached || takes == GNU_NOTHING)
        return 0;
    if (takes != GNU_VALUE && (!next || (takes == GNU_NUMBER ? !is_number(next) : next[0] == '-' && next[1])))
        return 0;
    if (!next)
        return error_set(p->err, ERR_USAGE, "%s%soption '%.200s' needs a value", where(p), colon(p), p->at);
    p->at = *value = next;
    return 0;
}

static int read_long(struct pass *p)
{
    const char *name = p->at + 2, *value = NULL;
    size_t len = strcspn(name, "=");
    const char *attached = name[len] ? name + len + 1 : NULL;
    struct found found;
    if (find_long(p, name, len, &found) < 0)
        return -1;
    if (attached && found_takes(&found) == GNU_NOTHING)
        return error_set(p->err, ERR_USAGE, "%s%soption '--%.*s' takes no value", where(p), colon(p),
                         (int)len, name);
    return take_value(p, &found, attached, &value) < 0 ? -1 : settle(p, &found, value);
}

static int read_letters(struct pass *p)
{
    for (const char *letter = p->at + 1; *letter; letter++) {
        struct found found;
        const char *value = NULL;
        if (find_letter(p, letter, &found) < 0)
            return -1;
        if (found_takes(&found) == GNU_NOTHING) {
            if (settle(p, &found, NULL) < 0)
                return -1;
            continue;
        }
        const char *attached = letter[1] ? letter + 1 : NULL;
        if (take_value(p, &found, attached, &value) < 0)
            return -1;
        return settle(p, &found, value);
    }
    return 0;
}

int gnu_options_expand(const struct gnu_spellings *s, const struct words *in, struct words *options,
                       struct words *rest, struct error *err)
{
    struct pass p = {.spellings = s, .in = in, .options = options, .err = err};
    while ((p.at = words_next(in, p.at)) && p.at[0] == '-' && p.at[1]) {
        if (strcmp(p.at, "--") == 0) {
            p.at = words_next(in, p.at);
            break;
        }
        if ((p.at[1] == '-' ? read_long(&p) : read_letters(&p)) < 0)
            return -1;
    }
    for (; p.at; p.at = words_next(in, p.at))
        words_add(rest, p.at, strlen(p.at));
    return 0;
}
