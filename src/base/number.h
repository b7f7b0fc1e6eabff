/* Numbers as people type them: decimal, no sign but '-', no white space, no hex, no octal ("010" is 10).
 * Each returns 0, or -1 with *err naming the token and what was expected (ERR_USAGE). `what` names the
 * value in the message: "-j", "priority". */
#ifndef JOBPOOL_BASE_NUMBER_H
#define JOBPOOL_BASE_NUMBER_H

#include "base/error.h"

#include <stdint.h>

int number_parse(const char *text, int64_t min, int64_t max, int64_t *value, const char *what,
                 struct error *err);
int number_parse_real(const char *text, double *value, const char *what, struct error *err); /* finite */

/* Bytes with an optional K M G T (powers of 1024), k m g t (of 1000), or Ki, KiB, MB … forms. */
int size_parse(const char *text, int64_t *bytes, const char *what, struct error *err);

#endif
