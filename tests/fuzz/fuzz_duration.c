/* Durations, sizes and numbers: whatever the text, they are read or refused with a message; what was read is
 * in range, and reading what is printed for it gives the same.
 */
#include "base/duration.h"
#include "base/number.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_duration(const char *text)
{
    struct error err = {0};
    int64_t ns = -1, again;
    char shown[32];
    if (duration_parse(text, &ns, "x", &err)) {
        assert(ns == -1 && err.code == ERR_USAGE && err.message[0]);
        return;
    }
    assert(ns >= 0);
    assert(strlen(duration_format(ns, shown, sizeof shown)) > 1);
    snprintf(shown, sizeof shown, "%lld.%09llds", (long long)(ns / NS_PER_S), (long long)(ns % NS_PER_S));
    assert(duration_parse(shown, &again, NULL, NULL) == 0 && again == ns);
}

static void check_numbers(const char *text)
{
    struct error err = {0};
    int64_t value = -1, again;
    double real;
    char shown[32];
    if (number_parse(text, -1000000, 1000000, &value, "x", &err) == 0) {
        assert(value >= -1000000 && value <= 1000000);
        snprintf(shown, sizeof shown, "%lld", (long long)value);
        assert(number_parse(shown, INT64_MIN, INT64_MAX, &again, NULL, NULL) == 0 && again == value);
    } else {
        assert(err.message[0]);
    }
    if (size_parse(text, &value, "x", &err) == 0) {
        assert(value >= 0);
        snprintf(shown, sizeof shown, "%lld", (long long)value);
        assert(size_parse(shown, &again, NULL, NULL) == 0 && again == value);
    }
    if (number_parse_real(text, &real, "x", &err) == 0)
        assert(real - real == 0); /* finite */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    assert(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    check_duration(text);
    check_numbers(text);
    free(text);
    return 0;
}
