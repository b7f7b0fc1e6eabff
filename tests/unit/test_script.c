/* Quoting for a shell, and the table of builtins against the shells that are installed. */
#include "task/script.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_quote(void **state)
{
    (void)state;
    static const struct {
        const char *value, *quoted;
    } cases[] = {
        {"a", "a"}, {"", "''"}, {"a b", "'a b'"}, {"it's", "'it'\\''s'"}, {"'", "''\\'''"},
        {"a\nb", "'a\nb'"}, {"$x", "'$x'"}, {"a/b.c", "a/b.c"}, {"--a=b", "--a=b"}, {"a=b", "'a=b'"},
        {"a+=b", "'a+=b'"}, {"=a", "'=a'"}, {"%1", "'%1'"}, {"a%1", "a%1"}, {"~", "'~'"},
        {"if", "'if'"}, {"time", "'time'"}, {"echo", "echo"}, {"ifx", "ifx"}, {"é", "'é'"},
        {"*", "'*'"}, {"#", "'#'"}, {"{", "'{'"}, {"!", "'!'"}, {"1=2", "1=2"},
        {"\\", "'\\'"}, {"a,b:c@d", "a,b:c@d"}, {"\377", "'\377'"}, {"_=", "'_='"}, {"/a=b", "/a=b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out = {0};
        script_quote(&out, slice_of(cases[i].value), false);
        assert_string_equal(buffer_text(&out), cases[i].quoted);
        buffer_clear(&out);
        script_quote(&out, slice_of(cases[i].value), true);
        assert_int_equal(buffer_text(&out)[0], '\'');
        buffer_fini(&out);
    }
}

static void test_characters(void **state)
{
    (void)state;
    static const char shell[] = " \t\n|&;<>()$`\\\"'*?[]#~=!{}^\r\001\177";
    static const char none[] = "azAZ09_@%+:,./-\200\377\303\251";
    for (const char *c = shell; *c; c++) {
        assert_true(script_has_shell_characters((struct slice){c, 1}));
        assert_int_equal(script_is_plain((struct slice){c, 1}), *c == ' ' || *c == '\t' || *c == '=');
    }
    for (const char *c = none; *c; c++) {
        assert_false(script_has_shell_characters((struct slice){c, 1}));
        assert_true(script_is_plain((struct slice){c, 1}));
    }
    assert_false(script_has_shell_characters(slice_of("")));
    assert_true(script_is_plain(slice_of("")));
    assert_true(script_has_shell_characters(slice_of("gzip;")));
    assert_true(script_has_shell_characters((struct slice){"a\0b", 3}));
    assert_false(script_is_plain((struct slice){"a\0b", 3}));
}

static void test_functions(void **state)
{
    (void)state;
    char one[] = "BASH_FUNC_f%%=() { :; }", two[] = "BASH_FUNC_gg=x", three[] = "h=() { :; }", four[] = "BASH_FUNC_";
    char *environment[] = {three, two, four, one, NULL};
    assert_true(script_is_function(slice_of("f"), environment));
    assert_false(script_is_function(slice_of("g"), environment));
    assert_false(script_is_function(slice_of("gg"), environment));
    assert_false(script_is_function(slice_of("h"), environment));
    assert_false(script_is_function(slice_of("ff"), environment));
    assert_false(script_is_function(slice_of(""), environment));
    assert_false(script_is_function(slice_of("f"), NULL));
}

/* Builtins and reserved words that dash, ksh93 and mksh are known to have. */
static const char *const known[] = {
    "!", ".", ":", "[", "[[", "]]", "alias", "bg", "bind", "break", "builtin", "case", "cat", "cd",
    "chdir", "command",
    "continue", "coproc", "disown", "do", "done", "echo", "elif", "else", "enum", "esac", "eval", "exec",
    "exit", "export",
    "false", "fc", "fg", "fi", "float", "for", "function", "functions", "getopts", "global", "hash",
    "hist", "if", "in",
    "integer", "jobs", "kill", "let", "local", "mknod", "nameref", "namespace", "print", "printf", "pwd",
    "read", "readonly",
    "realpath", "redirect", "rename", "return", "select", "set", "shift", "sleep", "source", "stop",
    "suspend", "test",
    "then", "time", "times", "trap", "true", "type", "typeset", "ulimit", "umask", "unalias", "unset",
    "until", "wait",
    "whence", "while", "{", "}",
};

static void test_known_builtins(void **state)
{
    (void)state;
    /* bsearch finds each of them, which it would not if the table were not sorted. */
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!script_is_builtin(slice_of(known[i])))
            fail_msg("%s is missing", known[i]);
    }
    static const char *const programs[] = {"", "ls", "gzip", "sh", "ech", "echoo", "zzz", "-", "tes", "whil", "a"};
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        assert_false(script_is_builtin(slice_of(programs[i])));
    assert_true(script_is_builtin((struct slice){"echo a", 4}));
    assert_false(script_is_builtin((struct slice){"echo a", 6}));
}

/* Each word that a command prints, one on a line, is in the table; those with a slash are files. */
static void check_words_of(const char *command)
{
    char line[256];
    size_t count = 0;
    FILE *out = popen(command, "re");
    assert_non_null(out);
    while (fgets(line, sizeof line, out)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || strchr(line, '/'))
            continue;
        if (!script_is_builtin(slice_of(line)))
            fail_msg("%s: %s is missing", command, line);
        count++;
    }
    pclose(out);
    print_message("%s: %zu words\n", command, count);
}

static void test_builtins_of_installed_shells(void **state)
{
    (void)state;
    static const struct {
        const char *path, *command;
    } shells[] = {
        {"/bin/bash", "bash -c 'compgen -b; compgen -k'"},
        {"/bin/ksh93", "ksh93 -c builtin"},
        {"/bin/mksh", "mksh -c alias | sed 's/=.*//'"},
        {"/bin/busybox", "busybox ash -c help 2>/dev/null | tr ' \\t' '\\n\\n' | grep -E '^([a-z]+|[.:[]+)$'"},
    };
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (access(shells[i].path, X_OK) == 0)
            check_words_of(shells[i].command);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_known_builtins),
        cmocka_unit_test(test_builtins_of_installed_shells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
