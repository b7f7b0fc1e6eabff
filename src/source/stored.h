/* Sources that are read once and given again and again. Private to what combines sources. */
#ifndef JOBPOOL_SOURCE_STORED_H
#define JOBPOOL_SOURCE_STORED_H

#include "source/source.h"

/* The same items from a source that can be rewound: `s` itself if it can, else one that keeps them in memory. It
 * is read whole before its first item; a bad one is told once and left out. Takes `s`. */
struct source *stored_whole(struct source *s);

/* The same, but each item is given as it is read. Only at its end can it be rewound. A bad item keeps its place:
 * it is told again whenever its turn comes. */
struct source *stored_as_read(struct source *s);

/* It will not be rewound: what was kept is given back, and no more is. Of any other source nothing is kept. */
void stored_forget(struct source *s);

#endif
