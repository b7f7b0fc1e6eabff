/* All that a capture has, whatever its limit lets readers see: for files, which get every byte. */
#ifndef JOBPOOL_SINK_EVERY_BYTE_H
#define JOBPOOL_SINK_EVERY_BYTE_H

#include "task/capture.h"

/* A view of the same capture with nothing left out. It owns nothing, and lasts as long as the capture stays as it is. */
struct capture every_byte(const struct capture *c);

/* Hands the bytes to `put`, piece by piece, until it returns -1. -1 with ERR_OUTPUT if they cannot be read back. */
int every_byte_each(const struct capture *c, int (*put)(void *context, struct slice bytes, struct error *err),
                    void *context, struct error *err);

/* Writes them to a file. -1 with ERR_IO or ERR_OUTPUT. Blocks. */
int every_byte_to_file(const struct capture *c, int fd, struct error *err);

#endif
