/* Durations: N[.N] with ms s m h d, concatenated ("1h30m", "1.5s"); a bare number is seconds; "0" and
 * "none" mean no limit. Negative, nan, hex, unknown unit, overflow: an error that names the token. */
#ifndef JOBPOOL_BASE_DURATION_H
#define JOBPOOL_BASE_DURATION_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

/* Nanoseconds into *ns; 0 for "0" and "none". */
int duration_parse(const char *text, int64_t *ns, const char *what, struct error *err);
/* The same for a JSON number of seconds. */
int duration_from_seconds(double seconds, int64_t *ns, const char *what, struct error *err);
/* For people: "850ms", "12.3s", "4m05s", "2h10m". Returns text (of at least 24 bytes). */
char *duration_format(int64_t ns, char *text, size_t size);

#endif
