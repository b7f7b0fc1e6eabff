/* The pre-pass over the command line of `parallel`: tests/data/gnu_options has the cases. And the cutting of a
 * text into words, which reads them. */
#include "base/shell_words.h"
#include "cli/gnu_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char **texts;
static int flag;

#define VALUE(name, letter)                                                                                  \
    {                                                                                                        \
        name, letter, POPT_ARG_ARGV, &texts, 0, name, "X"                                                    \
    }
#define FLAG(name, letter)                                                                                   \
    {                                                                                                        \
        name, letter, POPT_ARG_NONE, &flag, 0, name, NULL                                                    \
    }

static const struct poptOption first[] = {
    VALUE("jobs", 'j'),  VALUE("max-args", 'n'), VALUE("delimiter", 'd'), VALUE("halt", 0),
    VALUE("retries", 0), VALUE("cwd", 0),        VALUE("timeout", 0),     VALUE("times", 0),
    VALUE("env", 0),     POPT_TABLEEND,
};
static const struct poptOption second[] = {
    FLAG("keep-order", 'k'),   FLAG("tag", 0),           FLAG("dry-run", 0),    FLAG("verbose", 'v'),
    FLAG("print-commands", 0), VALUE("max-output", 'M'), VALUE("replace", 'I'), VALUE("eof", 'E'),
    VALUE("max-lines", 'L'),   VALUE("output", 'O'),     POPT_TABLEEND,
};
static const struct poptOption help[] = {FLAG("help", 'h'), POPT_TABLEEND};
static const struct option_group groups_of_test[] = {{"First", first}, {"Second", second}};
static const struct option_group *const groups[] = {&groups_of_test[0], &groups_of_test[1], NULL};
const struct option_group help_group = {"Help", help};

static void split(const char *text, struct words *words)
{
    struct error err;
    assert_int_equal(shell_words_split(text, words, &err), 0);
}

/* Cuts a line of a data file at its "=>"s; false for a comment and an empty line. */
static bool read_case(char *line, char *parts[3], size_t count)
{
    line[strcspn(line, "\n")] = '\0';
    if (!*line || *line == '#')
        return false;
    for (size_t i = 0; i < count; i++) {
        char *arrow = strstr(line, "=>");
        parts[i] = line;
        if (i + 1 == count) {
            assert_null(arrow);
            break;
        }
        assert_non_null(arrow);
        *arrow = '\0';
        line = arrow + 2;
    }
    return true;
}

static FILE *open_cases(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/data/gnu_options/%s", TESTS_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static int expand(const struct gnu_option *gnu, const char *where, const char *text, struct words *options,
                  struct words *rest, struct error *err)
{
    struct gnu_spellings spellings = {.gnu = gnu, .groups = groups, .where = where};
    struct words in = {0};
    split(text, &in);
    int status = gnu_options_expand(&spellings, &in, options, rest, err);
    words_fini(&in);
    return status;
}

static void assert_words(const char *line, const struct words *got, const char *wanted)
{
    struct words words = {0};
    split(wanted, &words);
    if (got->len != words.len || (words.len && memcmp(got->data, words.data, words.len) != 0)) {
        for (const char *w = NULL; (w = words_next(got, w));)
            print_error("is: %s\n", w);
        fail_msg("'%s' does not become '%s'", line, wanted);
    }
    words_fini(&words);
}

static void test_valid(void **state)
{
    (void)state;
    FILE *file = open_cases("valid");
    char line[1024], *parts[3];
    size_t cases = 0;
    while (fgets(line, sizeof line, file)) {
        if (!read_case(line, parts, 3))
            continue;
        struct words options = {0}, rest = {0};
        struct error err = {0};
        if (expand(gnu_table, NULL, parts[0], &options, &rest, &err) < 0)
            fail_msg("'%s' is refused: %s", parts[0], err.message);
        assert_words(parts[0], &options, parts[1]);
        assert_words(parts[0], &rest, parts[2]);
        words_fini(&options);
        words_fini(&rest);
        cases++;
    }
    fclose(file);
    assert_true(cases > 60);
}

static void test_invalid(void **state)
{
    (void)state;
    FILE *file = open_cases("invalid");
    char line[1024], *parts[3];
    size_t cases = 0;
    while (fgets(line, sizeof line, file)) {
        if (!read_case(line, parts, 2))
            continue;
        struct words options = {0}, rest = {0};
        struct error err = {0};
        if (expand(gnu_table, NULL, parts[0], &options, &rest, &err) == 0)
            fail_msg("'%s' is not refused", parts[0]);
        assert_int_equal(err.code, ERR_USAGE);
        if (!strstr(err.message, parts[1] + strspn(parts[1], " ")))
            fail_msg("'%s' is refused with: %s", parts[0], err.message);
        words_fini(&options);
        words_fini(&rest);
        cases++;
    }
    fclose(file);
    assert_true(cases > 20);
}

/* Without GNU's table: jobpool's own options, their abbreviations and clusters, and the place is named. */
static void test_own(void **state)
{
    (void)state;
    struct words options = {0}, rest = {0};
    struct error err = {0};
    assert_int_equal(expand(NULL, "$JOBPOOL", "--keep -kMx --max-o=4 -vv map", &options, &rest, &err), 0);
    assert_words("own", &options,
                 "--keep-order --keep-order --max-output=x --max-output=4 --verbose --verbose");
    assert_words("own", &rest, "map");
    assert_int_equal(expand(NULL, "$JOBPOOL", "--max-procs=3", &options, &rest, &err), -1);
    assert_string_equal(err.message, "$JOBPOOL: unknown option '--max-procs'");
    assert_int_equal(expand(NULL, "$JOBPOOL", "--max", &options, &rest, &err), -1);
    assert_string_equal(err.message,
                        "$JOBPOOL: option '--max' may stand for --max-args, --max-output, --max-lines; "
                        "write more of it");
    words_fini(&options);
    words_fini(&rest);
}

/* No two rows share a spelling, or it would never be the second one's. */
static void test_table(void **state)
{
    (void)state;
    size_t rows = 0;
    for (const struct gnu_option *a = gnu_table; a->names; a++, rows++) {
        assert_true(!a->to || strlen(a->to) > 1);
        for (const struct gnu_option *b = gnu_table; b < a; b++) {
            char names[256];
            snprintf(names, sizeof names, "%s", a->names);
            for (char *name = strtok(names, "|"); name; name = strtok(NULL, "|")) {
                char padded[260], others[512];
                snprintf(padded, sizeof padded, "|%s|", name);
                snprintf(others, sizeof others, "|%s|", b->names);
                if (strstr(others, padded))
                    fail_msg("%s is in two rows", name);
            }
        }
    }
    assert_true(rows > 150);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words; /* joined by | */
    } cases[] = {
        {"", ""},
        {" \n\t ", ""},
        {"a b", "a|b"},
        {"'a  b' \"c'd\"", "a  b|c'd"},
        {"a\\ b\\\\", "a b\\"},
        {"--x='y z'w", "--x=y zw"},
        {"''", ""},
        {"\"\\$x \\q\"", "$x \\q"},
        {"# all\n-k # x\n#y\n  # z\n-j4", "-k|#|x|-j4"},
        {"a#b", "a#b"},
        {"'#'", "#"},
        {"a\\\nb", "a\nb"},
        {"a\\", "a\\"},
    };
    struct error err;
    struct words words = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer joined = {0};
        words_clear(&words);
        split(cases[i].text, &words);
        for (const char *w = NULL; (w = words_next(&words, w));)
            buffer_printf(&joined, "%s%s", w == words.data ? "" : "|", w);
        assert_string_equal(buffer_text(&joined), cases[i].words);
        buffer_fini(&joined);
    }
    words_clear(&words);
    assert_int_equal(shell_words_split("a 'b", &words, &err), -1);
    assert_string_equal(err.message, "the quote in ''b' has no end");
    assert_int_equal(shell_words_split("\"b", &words, &err), -1);
    words_fini(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid), cmocka_unit_test(test_invalid), cmocka_unit_test(test_own),
        cmocka_unit_test(test_table), cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
