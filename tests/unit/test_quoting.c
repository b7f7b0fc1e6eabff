/* The proof of the quoting: hostile values, chosen and random ones, in many places of scripts, are run by every
 * shell of the POSIX family that is installed; what comes out must be the bytes that went in, and nothing may
 * have been run. And: a script that is executed directly does what the shell makes of it.
 *
 * In a case, the script's function p prints each of its words with a NUL behind, q with a dot; in what is
 * expected, % stands for the value and | ends a word.
 */
#include "task/template.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/slice.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define RANDOM_VALUES 120
#define SCRIPT_SIZE   100000

#define PRINTF_PRELUDE "p() { printf '%s\\0' \"$@\"; }\nq() { printf '%s.' \"$@\"; }\ne=E\n"
#define PRINT_PRELUDE                                                                                       \
    "p() { for w in \"$@\"; do print -rn -- \"$w\"; print -n '\\0'; done; }\n"                                   \
    "q() { for w in \"$@\"; do print -rn -- \"$w.\"; done; }\ne=E\n"

enum { ARRAYS = 1, PROCESSES = 2, EQUALS = 4, NESTING = 8 };

static const struct shell {
    const char *path;
    const char *applet; /* argv[0] of a program that is many */
    const char *prelude;
    int has;
    bool ascii;         /* it refuses bytes that are no text in its locale */
    size_t values;      /* at most; each printf is a process to some */
} shells[] = {
    {"/bin/sh", "sh", PRINTF_PRELUDE, EQUALS | NESTING, false, SIZE_MAX},
    {"/bin/dash", "dash", PRINTF_PRELUDE, EQUALS | NESTING, false, SIZE_MAX},
    {"/bin/bash", "bash", PRINTF_PRELUDE, ARRAYS | PROCESSES | EQUALS | NESTING, false, SIZE_MAX},
    {"/bin/ksh93", "ksh93", PRINTF_PRELUDE, ARRAYS | PROCESSES | EQUALS | NESTING, false, SIZE_MAX},
    {"/bin/mksh", "mksh", PRINT_PRELUDE, ARRAYS | EQUALS | NESTING, false, SIZE_MAX},
    {"/bin/busybox", "ash", PRINTF_PRELUDE, EQUALS | NESTING, false, SIZE_MAX},
    {"/bin/yash", "yash", PRINTF_PRELUDE, ARRAYS | EQUALS | NESTING, true, SIZE_MAX},
    {"/bin/zsh", "zsh", PRINTF_PRELUDE, ARRAYS | PROCESSES | NESTING, false, SIZE_MAX},
    {"/bin/posh", "posh", PRINTF_PRELUDE, EQUALS, false, 40},
};

static const struct place {
    const char *script;
    const char *expected;
    int needs;
} places[] = {
    {"p {}", "%|", 0},
    {"p", "%|", 0},
    {"p a{}b", "a%b|", 0},
    {"p {}{} -{}", "%%|-%|", 0},
    {"p '{}'", "%|", 0},
    {"p 'a{}b' \"c{}d\" e{}", "a%b|c%d|e%|", 0},
    {"p \"{}\"", "%|", 0},
    {"p \"a{}b {} c\"", "a%b % c|", 0},
    {"p \"$e{}\" $e{} \"${e}{}\" \"$e{}x\" \"$e.{}\"", "E%|E%|E%|E%x|E.%|", 0},
    {"p \"$1{}\" \"$#{}\" \"cost $ {}\"", "%|0%|cost $ %|", 0},
    {"p \"{}\"'{}'{}", "%%%|", 0},
    {"v={}; p \"$v\"", "%|", 0},
    {"v=\"{}\" w='{}' x=a{}b; p \"$v\" \"$w\" \"$x\"", "%|%|a%b|", 0},
    {"export v=x{}y; p \"$v\"", "x%y|", 0},
    {"v=\"{}\" p x{}", "x%|", 0},
    {"x=$(q {}); p \"$x\"", "%.|", 0},
    {"x=\"$(q {})\"; p \"$x\"", "%.|", 0},
    {"p \"$(q \"{}\")\" \"$(q '{}' {} \"a {}\")\"", "%.|%.%.a %.|", 0},
    {"p \"a $(q \"b $(q \"{}\" '{}' {}) {}\" {}) {}\"", "a b %.%.%. %.%. %|", NESTING},
    {"p \"$( (q {}) ; { q \"{}\"; } )\"", "%.%.|", 0},
    {"x=$(q \"$(q \"$(q \"{}\")\")\"); p \"$x\"{}", "%...%|", NESTING},
    {"(p {})", "%|", 0},
    {"{ p {}; }; (p x{} && { p {}; })", "%|x%|%|", 0},
    {"if [ x{} = x{} ]; then p {}; fi", "%|", 0},
    {"case {} in *) p {};; esac", "%|", 0},
    {"case x{} in x{}) p ok;; *) p no;; esac", "ok|", 0},
    {"case \"x{}\" in \"x{}\") p ok;; *) p no;; esac", "ok|", 0},
    {"for i in {} \"{}\" '{}'; do p \"$i\"; done", "%|%|%|", 0},
    {"p {} # it's {#} \"", "%|", 0},
    {"# it's \"\np {}", "%|", 0},
    {"p {} \\\n {}", "%|%|", 0},
    {"f() { p \"$1\" {}; }; f {}", "%|%|", 0},
    {"p ${e}{} ${e%x}{} ${#e}{}", "E%|E%|1%|", 0},
    {"p $((1+2)){} \"$(( (1+2) * 2 )){}\"", "3%|6%|", 0},
    {"p `echo a`{} \"`echo a`{}\"", "a%|a%|", 0},
    {"p \\\\{} \"\\\\{}\" \\${} \"\\${}\" \\\"{}\\\"", "\\%|\\%|$%|$%|\"%\"|", 0},
    {"p a\\'{} \"'{}'\" '\"{}\"'", "a'%|'%'|\"%\"|", 0},
    {"p {} {2} x{2}", "%||x|", 0},
    {"p {} | cat", "%|", 0},
    {"p {}>&1;p {}&&p {}", "%|%|%|", 0},
    {"p {#}{}{%} {#}>&1", "7%2|7|", 0},
    {"p {}\"$(q {})\"", "%%.|", 0},
    {"! p {} <&0 2>&1", "%|", 0},
    {"p {}\"\" ''{} \"\"\"{}\"\"\"", "%|%|%|", 0},
    {"while :; do p {}; break; done", "%|", 0},
    {"p \"a\n{}\nb\" 'a\n{}'", "a\n%\nb|a\n%|", 0},
    {"p \"!{}\" \"~{}\"", "!%|~%|", 0},
    {"p a~{} ={}", "a~%|=%|", EQUALS},
    {"p \"{}$e{}\" \"{} $e{}\" '{}'$e'{}'", "%E%|% E%|%E%|", 0},
    {"set -- {} \"{}\"; p \"$@\"", "%|%|", 0},
    {"p \"${e}\"{}\"${e}\"", "E%E|", 0},
    {"a=({} x{} \"{}\"); p \"${a[@]}\"", "%|x%|%|", ARRAYS},
    {"p {} >& 1;p {} 9>&-&&p {}>&1", "%|%|%|", 0},
    {"p \"$(cat <(q {}) <(q \"{}\"))\"", "%.%.|", PROCESSES},
};

static const char *const hostile[] = {
    "a", "", " ", "\n", "\n\n", "a\n", "\t", "a b", "'", "''", "'''", "\"", "\"\"", "\\", "\\\\", "\\'",
    "'\\", "\\\"",
    "\\n", "\\0", "\\c", "%s", "%", "%%", "$", "$$", "$e", "${e}", "$(touch pwned)", "`touch pwned`",
    ";touch pwned;",
    "|touch pwned", "&touch pwned&", "\ntouch pwned\n", "';touch pwned;'", "\";touch pwned;\"",
    "');touch pwned;('",
    "\");touch pwned;(\"", "'\");touch pwned;(\"'", "$'\\'';touch pwned", "}; touch pwned; {",
    ")\ntouch pwned\n(",
    "\"'$(touch pwned)'\"", "'\"$(touch pwned)\"'", "\\\";touch pwned;\\\"", "$((a[$(touch pwned)]))",
    "a[$(touch pwned)]", "<(touch pwned)", ">pwned", "2>pwned", "-rf", "--", "-n", "-e", "+x", "{}", "{1}",
    "{#}", "{a,b}", "~", "~root", "=ls",
    "*", "?", "[a-z]*", "!", "!!", "!1", "^a^b", "#", "# a", "a#", "a=b", "1", "2", "if", "do", "done",
    "esac", ";;", "case", "in",
    "(", ")", "()", "((", "))", "[[", "]]", "[", "]", "<<E", "<<<", "&&", "||", "$'", "$\"", "${", "$(",
    "`", "\r", "\r\n",
    "\001", "\001\001a", "\177", "\177a\001", "\200", "\201", "\202", "\203", "\204", "\205", "\206",
    "\207", "\210",
    "\201'", "\201\"", "\201\\", "\201`", "\303\251", "\303", "\303'", "\360\237\230\200", "\377",
    "\377\376", "\355\240\200",
    "a\201b\202'", "\\\n", "\\\n'", "'\n'", "\"\n\"", "\033[31m", "\b", "\v\f",
};

static uint64_t random_state = 88172645463325252u;

static unsigned random_below(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % n;
}

static void fill_values(struct words *values, int random)
{
    static const char bytes[] = "'\"`$\\(){}[]<>|&;#!~*?=-%^@ \n\tae1\001\177\200\201\210\303\251\377";
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        words_add(values, hostile[i], strlen(hostile[i]));
    for (int i = 0; i < random; i++) {
        char value[24];
        size_t len = 1 + random_below(16);
        for (size_t j = 0; j < len; j++)
            value[j] = bytes[random_below(sizeof bytes - 1)];
        words_add(values, value, len);
    }
}

/* Runs argv with stdin from /dev/null and returns what it printed. */
static char *run(const char *path, char *const argv[], size_t *len)
{
    struct buffer out = {0};
    int fds[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    assert_int_equal(posix_spawn(&pid, path, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    ssize_t n;
    while ((n = read(fds[0], buffer_reserve(&out, 65536), 65536)) > 0)
        out.len += (size_t)n;
    close(fds[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return buffer_take(&out, len);
}

static char *run_script(const struct shell *shell, char *script, size_t *len)
{
    char *const argv[] = {(char *)(uintptr_t)shell->applet, (char[]){"-c"}, (char[]){"--"}, script, NULL};
    return run(shell->path, argv, len);
}

static void expect(struct buffer *out, const char *format, const char *value)
{
    for (; *format; format++) {
        if (*format == '%')
            buffer_puts(out, value);
        else
            buffer_putc(out, *format == '|' ? '\0' : *format);
    }
}

static void add_script(struct buffer *script, const struct template *t, const char *value)
{
    struct words args = {0};
    struct rendering r;
    words_add(&args, value, strlen(value));
    assert_int_equal(template_render(t, &args, 7, 2, &r, NULL), 0);
    buffer_puts(script, r.script);
    buffer_putc(script, '\n');
    rendering_fini(&r);
    words_fini(&args);
}

static bool is_ascii(const char *value)
{
    for (; *value; value++) {
        if ((unsigned char)*value >= 0x80)
            return false;
    }
    return true;
}

/* Runs values from `*at` on in one script; true if all came out. *at is moved behind the last of them. */
static bool try_values(const struct shell *shell, const struct place *place, const struct template *t,
                       const struct words *values, const char **at, size_t most)
{
    struct buffer script = {0}, expected = {0};
    size_t len, count = 0;
    buffer_puts(&script, shell->prelude);
    while (count < most && script.len < SCRIPT_SIZE && (*at = words_next(values, *at))) {
        if (shell->ascii && !is_ascii(*at))
            continue;
        add_script(&script, t, *at);
        expect(&expected, place->expected, *at);
        count++;
    }
    char *output = run_script(shell, buffer_text(&script), &len);
    bool same = len == expected.len && (len == 0 || memcmp(output, expected.data, len) == 0);
    free(output);
    buffer_fini(&script);
    buffer_fini(&expected);
    return same;
}

static void report_values(const struct shell *shell, const struct place *place, const struct template *t,
                          const struct words *values)
{
    const char *at = NULL;
    do {
        const char *before = at;
        if (try_values(shell, place, t, values, &at, 1))
            continue;
        print_error("%s: %s: value", shell->applet, place->script);
        for (const char *v = words_next(values, before); v && *v; v++)
            print_error(" %02x", (unsigned char)*v);
        print_error("\n");
    } while (at && words_next(values, at));
}

static size_t try_place(const struct shell *shell, const struct place *place, bool light,
                        const struct words *values)
{
    struct words command = {0};
    struct error err = {0};
    struct template_options options = {
        .form = TEMPLATE_SCRIPT, .light = light, .shell_path = shell->applet};
    const char *at = NULL;
    size_t wrong = 0;
    words_add(&command, place->script, strlen(place->script));
    struct template *t = template_new(&command, &options, &err);
    if (!t)
        fail_msg("%s: %s", place->script, err.message);
    do {
        if (!try_values(shell, place, t, values, &at, shell->values))
            wrong++;
    } while (at && words_next(values, at) && shell->values == SIZE_MAX);
    if (wrong)
        report_values(shell, place, t, values);
    template_unref(t);
    words_fini(&command);
    return wrong;
}

static void test_every_shell_gives_every_value_back(void **state)
{
    (void)state;
    struct words values = {0}, light = {0};
    static const char *const harmless[] = {"b", "if", "do", "in", "1", "0x2", "-n", "+", ".", "a/b-c.d_E", "esac"};
    size_t wrong = 0, tried = 0;
    fill_values(&values, RANDOM_VALUES);
    fill_values(&light, 0);
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        words_add(&light, harmless[i], strlen(harmless[i]));
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (access(shells[i].path, X_OK) != 0)
            continue;
        for (size_t j = 0; j < sizeof places / sizeof places[0]; j++) {
            if (places[j].needs & ~shells[i].has)
                continue;
            wrong += try_place(&shells[i], &places[j], false, &values);
            wrong += try_place(&shells[i], &places[j], true, &light);
        }
        tried++;
    }
    print_message("%zu shells, %zu places, %zu values\n", tried, sizeof places / sizeof places[0], values.count);
    words_fini(&values);
    words_fini(&light);
    assert_int_equal(wrong, 0);
    assert_true(tried >= 1);
}

/* A word that is repeated for each value is the same word for one, wherever a value may stand; for two it is what a
 * shell makes two words of, with the same text around them. */
static void test_repeated_words_are_quoted_alike(void **state)
{
    (void)state;
    struct words values = {0};
    fill_values(&values, RANDOM_VALUES);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct words command = {0};
        struct template_options options = {.form = TEMPLATE_SCRIPT, .shell_path = "bash"};
        words_add(&command, places[i].script, strlen(places[i].script));
        struct template *once = template_new(&command, &options, NULL);
        options.repeat_words = true;
        struct template *repeated = template_new(&command, &options, NULL);
        assert_non_null(once);
        assert_non_null(repeated);
        for (const char *v = NULL; (v = words_next(&values, v));) {
            struct buffer one = {0}, other = {0};
            add_script(&one, once, v);
            add_script(&other, repeated, v);
            assert_string_equal(buffer_text(&one), buffer_text(&other));
            buffer_fini(&one);
            buffer_fini(&other);
        }
        template_unref(once);
        template_unref(repeated);
        words_fini(&command);
    }
    words_fini(&values);
}

static const struct place repeated_places[] = {
    {"p a{}b", "a%b|a%b|", 0},
    {"p \"{}\"", "%|%|", 0},
    {"p \"a{}b {} c\" '{}'d", "a%b % c|a%b % c|%d|%d|", 0},
    {"p x\"$e{}\"y{}", "xE%y%|xE%y%|", 0},
    {"x=\"$(q a{})\"; p \"$x\"", "a%.a%.|", 0},
    {"p \"$(q b{} {})-{}\"", "b%.%.-%|b%.%.-%|", 0},
    {"(p c{})", "c%|c%|", 0},
    {"for v in a{} \"{}\"; do p \"$v\"; done", "a%|a%|%|%|", 0},
};

/* The same value twice, by every shell. */
static size_t try_repeated(const struct shell *shell, const struct place *place, const struct words *values)
{
    struct words command = {0};
    struct template_options options = {.form = TEMPLATE_SCRIPT, .shell_path = shell->applet, .repeat_words = true};
    struct buffer script = {0}, expected = {0};
    size_t count = 0, len;
    words_add(&command, place->script, strlen(place->script));
    struct template *t = template_new(&command, &options, NULL);
    assert_non_null(t);
    buffer_puts(&script, shell->prelude);
    for (const char *v = NULL; count < shell->values && (v = words_next(values, v)); count++) {
        struct words args = {0};
        struct rendering r;
        if (shell->ascii && !is_ascii(v))
            continue;
        words_add(&args, v, strlen(v));
        words_add(&args, v, strlen(v));
        assert_int_equal(template_render(t, &args, 7, 2, &r, NULL), 0);
        buffer_puts(&script, r.script);
        buffer_putc(&script, '\n');
        expect(&expected, place->expected, v);
        rendering_fini(&r);
        words_fini(&args);
    }
    char *output = run_script(shell, buffer_text(&script), &len);
    bool same = len == expected.len && memcmp(output, expected.data, len) == 0;
    if (!same)
        print_error("%s: %s\n", shell->applet, place->script);
    free(output);
    buffer_fini(&script);
    buffer_fini(&expected);
    template_unref(t);
    words_fini(&command);
    return !same;
}

static void test_every_shell_sees_repeated_words(void **state)
{
    (void)state;
    struct words values = {0};
    size_t wrong = 0;
    fill_values(&values, 0);
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (access(shells[i].path, X_OK) != 0)
            continue;
        for (size_t j = 0; j < sizeof repeated_places / sizeof repeated_places[0]; j++)
            wrong += try_repeated(&shells[i], &repeated_places[j], &values);
    }
    words_fini(&values);
    assert_int_equal(wrong, 0);
}

/* The shell's output of a direct script and that of its argv are the same. */
static void test_direct_execution_cannot_be_seen(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "/bin/echo {}", "/bin/echo", "/bin/echo x{}y {}", "/bin/echo  a=b {}  {2} x{2}\t{#} ",
        "/bin/echo {/} {//} {.}%",
        "/bin/echo {1}:{1},{1}@{1}+{}", "/bin/echo a\303\251 {}/{}",
    };
    struct words values = {0};
    fill_values(&values, 0);
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct words command = {0};
        struct template_options options = {.form = TEMPLATE_SCRIPT};
        words_add(&command, scripts[i], strlen(scripts[i]));
        struct template *t = template_new(&command, &options, NULL);
        assert_non_null(t);
        for (const char *v = NULL; (v = words_next(&values, v));) {
            struct words args = {0};
            struct rendering r;
            size_t direct_len, shell_len;
            words_add(&args, v, strlen(v));
            assert_int_equal(template_render(t, &args, 7, 2, &r, NULL), 0);
            assert_true(r.direct);
            char **argv = words_argv(&r.argv);
            char *direct = run(argv[0], argv, &direct_len);
            char *by_shell = run_script(&shells[0], r.script, &shell_len);
            assert_int_equal(direct_len, shell_len);
            assert_memory_equal(direct, by_shell, direct_len);
            free(direct);
            free(by_shell);
            free(argv);
            rendering_fini(&r);
            words_fini(&args);
        }
        template_unref(t);
        words_fini(&command);
    }
    words_fini(&values);
}

/* The tests run in an empty folder, and leave it empty: no value was run. */
static int enter_empty_folder(void **state)
{
    char *folder = xstrdup("/tmp/jobpool-quoting-XXXXXX");
    *state = folder;
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave_empty_folder(void **state)
{
    char *folder = *state;
    int status = chdir("/");
    if (rmdir(folder) != 0) {
        print_error("something was created in %s\n", folder);
        status = -1;
    }
    free(folder);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_shell_gives_every_value_back, enter_empty_folder,
                                        leave_empty_folder),
        cmocka_unit_test(test_repeated_words_are_quoted_alike),
        cmocka_unit_test(test_every_shell_sees_repeated_words),
        cmocka_unit_test_setup_teardown(test_direct_execution_cannot_be_seen, enter_empty_folder,
                                        leave_empty_folder),
    };
    /* Shells that go by their locale take it from here; hostile bytes are text in none. */
    setenv("LC_ALL", "C", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
