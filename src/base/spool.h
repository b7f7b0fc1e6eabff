/* The spool: one unlinked temporary file for everything that does not stay in memory.
 *
 * Pieces of at most SPOOL_PIECE bytes are written behind each other into blocks of 1 MiB; a block whose
 * pieces were all freed is used again. So any number of waiting outputs share one descriptor, and the
 * file is never much larger than what waits. The file is opened at the first write, by a function that
 * os/ provides. Beside it stands the memory budget: what may wait in memory before pieces go to the file.
 * Thread-safe: the table is behind a mutex, reads and writes of the file are not.
 */
#ifndef JOBPOOL_BASE_SPOOL_H
#define JOBPOOL_BASE_SPOOL_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPOOL_PIECE 65536
#define SPOOL_BUDGET (32 << 20) /* bytes of waiting output that may stay in memory */

struct spool;

struct spool_piece {
    uint64_t offset;
    uint32_t len;
};

/* `open_file` returns a descriptor of an empty unlinked file, or -1 with *err filled (ERR_OUTPUT). */
struct spool *spool_new(int (*open_file)(struct error *err));
void spool_free(struct spool *s); /* NULL is allowed; closes the file */

/* Writes one piece (len ≤ SPOOL_PIECE). -1 with ERR_OUTPUT if the file cannot be opened or cannot grow;
 * nothing is kept then. Blocks for disk I/O only. */
int spool_write(struct spool *s, const void *data, size_t len, struct spool_piece *piece, struct error *err);
/* Reads the whole piece into `data`. -1 with ERR_OUTPUT on a read error. */
int spool_read(struct spool *s, struct spool_piece piece, void *data, struct error *err);
void spool_drop(struct spool *s, struct spool_piece piece);

/* Memory accounting: takes `bytes` from the budget if they fit (false: spill instead). */
bool spool_budget_take(struct spool *s, size_t bytes);
void spool_budget_give(struct spool *s, size_t bytes);

/* Bytes in the file that belong to live pieces (for tests and -v). */
uint64_t spool_live(struct spool *s);

#endif
