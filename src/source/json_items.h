/* Items that are JSON objects, one per line: their fields by name. */
#ifndef JOBPOOL_SOURCE_JSON_ITEMS_H
#define JOBPOOL_SOURCE_JSON_ITEMS_H

#include "source/source.h"

/* The items of `inner`, each with the values of these fields behind its own words, in this order: a string is
 * itself, a number, true or false its JSON text, null nothing, an array or object its JSON without white space.
 * Of several words the first that has a field gives it. An item that is no object, or that has no such field, is
 * bad (ERR_SPEC). Takes the source and the names (moved in). */
struct source *source_json(struct source *inner, struct words *names);

#endif
