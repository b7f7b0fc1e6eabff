/* Errors: the one table of codes, and the making of messages.
 *
 * A message is one line of valid UTF-8 whatever was put into it (a token from the command line may hold
 * anything): control bytes and bytes that are no UTF-8 become '?'. It is built aside and copied, so that
 * the old message may be an argument of the new one.
 */
#include "base/error.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 32)
#define HAVE_STRERRORNAME_NP 1
#endif
#endif

#define MESSAGE_SIZE (sizeof((struct error *)NULL)->message)

static const struct {
    const char *name;
    int status;
    const char *reason; /* for tasks that jobpool ended itself */
} codes[] = {
    [ERR_NONE] = {"None", 0, NULL},
    [ERR_EXIT_STATUS] = {"ExitStatus", -1, NULL},
    [ERR_SIGNAL] = {"Signal", -1, NULL},
    [ERR_SPAWN] = {"SpawnError", 126, NULL},
    [ERR_NOT_FOUND] = {"SpawnError", 127, NULL},
    [ERR_TIMEOUT] = {"Timeout", 124, "the time for the run was over"},
    [ERR_CANCELLED] = {"Cancelled", 125, "cancelled"},
    [ERR_SHUTDOWN] = {"Shutdown", 125, "the pool was shut down"},
    [ERR_LOST] = {"Lost", 125, NULL},
    [ERR_HALTED] = {"Halted", 125, "the run was halted (--halt)"},
    [ERR_DEPENDENCY] = {"DependencyFailed", 125, NULL},
    [ERR_FUNCTION] = {"FunctionError", 125, NULL},
    [ERR_WORKER] = {"WorkerError", 125, NULL},
    [ERR_OUTPUT] = {"OutputError", 125, NULL},
    [ERR_USAGE] = {"UsageError", 2, NULL},
    [ERR_INPUT] = {"InputError", 2, NULL},
    [ERR_SPEC] = {"BadSpec", 2, NULL},
    [ERR_DUPLICATE] = {"DuplicateId", 2, NULL},
    [ERR_UNKNOWN] = {"UnknownId", 2, NULL},
    [ERR_FULL] = {"Full", 125, NULL},
    [ERR_CLOSED] = {"Closed", 125, NULL},
    [ERR_IO] = {"IOError", 125, NULL},
    [ERR_SYSTEM] = {"SystemError", 125, NULL},
};

_Static_assert(sizeof codes / sizeof codes[0] == ERR_CODES, "the table ends with the last code");

/* The length of the character at `text`, 0 if it is no valid one. */
static size_t char_len(const char *text, size_t len)
{
    for (size_t n = 1; n <= 4 && n <= len; n++) {
        if (utf8_valid(text, n))
            return n;
    }
    return 0;
}

static void make_clean(char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = char_len(text + i, len - i);
        if (n == 0 || (unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            text[i] = '?';
            n = 1;
        }
        i += n;
    }
}

__attribute__((format(printf, 2, 0))) static void format_message(char text[MESSAGE_SIZE], const char *format,
                                                                  va_list args)
{
    int wanted = vsnprintf(text, MESSAGE_SIZE, format, args);
    size_t len = wanted < 0 ? 0 : (size_t)wanted;
    if (len >= MESSAGE_SIZE) {
        len = MESSAGE_SIZE - 1;
        len -= utf8_partial_tail(text, len);
    }
    text[len] = '\0';
    make_clean(text, len);
}

int error_set(struct error *err, enum error_code code, const char *format, ...)
{
    if (!err)
        return -1;
    char text[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    format_message(text, format, args);
    va_end(args);
    err->code = code;
    err->sys_errno = 0;
    memcpy(err->message, text, sizeof text);
    return -1;
}

/* Shortens what stands in front of a reason, so that both fit: a reason is worth more than the end of a name. */
static void leave_room(char text[MESSAGE_SIZE], size_t reason_len)
{
    const size_t least = 128;
    size_t len = reason_len < MESSAGE_SIZE - 1 - least ? MESSAGE_SIZE - 1 - reason_len : least;
    if (strlen(text) <= len)
        return;
    len -= 3;
    len -= utf8_partial_tail(text, len);
    memcpy(text + len, "...", 4);
}

static const char *errno_text(int sys_errno)
{
#ifdef HAVE_STRERRORNAME_NP
    const char *text = strerrordesc_np(sys_errno);
    return text ? text : "unknown error";
#else
    return strerror(sys_errno);
#endif
}

int error_set_errno(struct error *err, enum error_code code, int sys_errno, const char *format, ...)
{
    if (!err)
        return -1;
    char text[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    format_message(text, format, args);
    va_end(args);
    char reason[128];
    snprintf(reason, sizeof reason, ": %s (%s)", errno_text(sys_errno), errno_name(sys_errno));
    leave_room(text, strlen(reason));
    error_set(err, code, "%s%s", text, reason);
    err->sys_errno = sys_errno;
    return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
    if (!err)
        return -1;
    char text[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    format_message(text, format, args);
    va_end(args);
    leave_room(text, strlen(err->message) + 2);
    int sys_errno = err->sys_errno;
    error_set(err, err->code, "%s: %s", text, err->message);
    err->sys_errno = sys_errno;
    return -1;
}

const char *error_code_name(enum error_code code)
{
    return (unsigned)code < ERR_CODES ? codes[code].name : "SystemError";
}

int error_code_status(enum error_code code)
{
    return (unsigned)code < ERR_CODES ? codes[code].status : 125;
}

const char *errno_name(int sys_errno)
{
#ifdef HAVE_STRERRORNAME_NP
    const char *name = sys_errno > 0 ? strerrorname_np(sys_errno) : NULL;
    if (name)
        return name;
#endif
    static __thread char number[16];
    snprintf(number, sizeof number, "E%d", sys_errno);
    return number;
}

const char *error_code_reason(enum error_code code)
{
    return codes[code].reason ? codes[code].reason : codes[code].name;
}
