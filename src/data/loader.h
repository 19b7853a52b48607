/* loader.h: the parts of a loader: its batches, and the workers that make them. */
#ifndef COR_DATA_LOADER_H
#define COR_DATA_LOADER_H

#include "data/dataset.h"
#include "data/sampler.h"

/* A batch, or the error that its making met. */
typedef struct cor__batch {
    int n;
    cor_tensor *fields[COR_SAMPLE_FIELDS]; /* owned */
    cor_error_info error;                  /* its code is COR_OK when there is none */
} cor__batch;

typedef struct cor__crew cor__crew;

struct cor_loader {
    cor__object object;
    cor_dataset *dataset;
    cor_data_loader_options o;
    cor__sampler sampler;
    int64_t batches;   /* of an epoch */
    int64_t delivered; /* of this epoch; -1 between epochs */
    cor__batch lent;   /* the one given out last */
    cor__crew *crew;   /* NULL without workers */
};

/* Makes batch `number` of the epoch on the calling thread. The error it meets is in the batch, not pending. */
void cor__make_batch(const cor_loader *loader, int64_t number, cor__batch *batch);

/* Releases the tensors of a batch and empties it. */
void cor__drop_batch(cor__batch *batch);

/* Starts the workers if there shall be any and there are none yet. */
int cor__loader_start(cor_loader *loader);

/* Goes on from batch `from` of an epoch whose sampler is set. */
void cor__loader_go_on(cor_loader *loader, int64_t from);

/* COR_OK if the loader is one, else the pending error's code or COR_EVALUE, with the function's name. */
int cor__check_loader(const cor_loader *loader, const char *name);

/* ---- workers ---------------------------------------------------------------------------------------------------- */

/* Starts as many of the wanted workers as the system lets it, which hold up to `slots` finished batches. *crew is NULL
 * when it lets none. COR_OK or COR_ENOMEM. */
int cor__crew_start(const cor_loader *loader, int workers, int64_t slots, cor__crew **crew);

/* Has batches [from, end) made. Only while the crew is at rest. */
void cor__crew_begin(cor__crew *crew, int64_t from, int64_t end);

/* Waits for batch `number`, the next one that is to be taken, and moves it to *batch. */
void cor__crew_take(cor__crew *crew, int64_t number, cor__batch *batch);

/* Brings the crew to rest: waits for what is being made, drops what is finished. */
void cor__crew_halt(cor__crew *crew);

/* Whether this is a child process, in which the crew has no threads. */
bool cor__crew_is_lost(const cor__crew *crew);

/* Halts the crew, ends its threads and frees it. NULL is ignored. */
void cor__crew_free(cor__crew *crew);

#endif
