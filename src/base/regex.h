/* Regular expressions as people write them for Perl, run by libc.
 *
 * What is understood is POSIX extended syntax and what of Perl's stands for the same: \t \n \r \f \a \e \xHH, \d
 * \D \s \S \w \W \h \b \B \A \z \Z (also inside brackets, where they are classes), (?:…) and (?i) in front;
 * a dot is no newline.
 * Of several matches at one place the longest counts, as POSIX says. What libc has no match for (lazy
 * quantifiers, looking ahead or behind, \p{…}) is refused by name. Bytes are matched, not characters.
 */
#ifndef JOBPOOL_BASE_REGEX_H
#define JOBPOOL_BASE_REGEX_H

#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct regex;

/* NULL with ERR_USAGE, which names the pattern and what is wrong with it. */
struct regex *regex_new(const char *pattern, struct error *err);
void regex_free(struct regex *r); /* NULL is allowed */

struct regex_match {
    size_t start, end; /* offsets in the text; they may be the same */
};

/* The first match that begins at `from` or behind it. ^ and \b see what stands in front of `from`. Bytes of the
 * text beyond 2 GiB are not looked at. Thread-safe; one that is a plain text is as fast as memmem. */
bool regex_find(const struct regex *r, struct slice text, size_t from, struct regex_match *match);

#endif
