/* Points in time: nanoseconds since the epoch (int64_t), their RFC 3339 form, and what --at takes. */
#ifndef JOBPOOL_BASE_TIMESTAMP_H
#define JOBPOOL_BASE_TIMESTAMP_H

#include "base/error.h"

#include <stdint.h>

#define TIMESTAMP_SIZE 28 /* "2026-11-20T15:29:09.123456Z" and NUL */

/* UTC, six digits, always 27 characters. No libc call; safe in any thread. Years 1970 to 9999. */
void timestamp_format(int64_t real_ns, char text[TIMESTAMP_SIZE]);

/* Is it a zone that timestamp_parse knows? 0, or -1 with ERR_USAGE. */
int timestamp_check_zone(const char *zone, const char *what, struct error *err);

/* RFC 3339, or "YYYY-MM-DD HH:MM[:SS]", or "HH:MM[:SS]" (the next one after now_ns), in `zone` (an
 * IANA name; NULL: the local zone). A local time that does not exist or that occurs twice there is
 * refused, as is an unknown zone, if it is needed. Main thread only: it changes TZ for the length of the call. */
int timestamp_parse(const char *text, const char *zone, int64_t now_ns, int64_t *real_ns, const char *what,
                    struct error *err);

#endif
