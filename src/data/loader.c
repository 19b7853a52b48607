/* loader.c: the loader: its options, its epochs and its batches. */
#include "data/loader.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "ops/op.h"

enum { MOST_WORKERS = 1024, MOST_PREFETCHED = 4096 };

COR__DEFINE_OPTIONS(cor_data_loader_options, COR_DATA_LOADER_OPTIONS)

/* ---- making ----------------------------------------------------------------------------------------------------- */

static int check_numbers(const cor_data_loader_options *o, int64_t size) {
    if (o->num_workers < 0)
        return cor__fail(COR_EVALUE, "num_workers option should be non-negative; use num_workers=0 to disable "
                                     "multiprocessing.");
    if (o->num_workers > MOST_WORKERS)
        return cor__fail(COR_ELIMIT, "a loader has at most %d workers, not %lld", MOST_WORKERS,
                         (long long)o->num_workers);
    if (o->num_workers == 0 && o->prefetch_factor != COR_UNSET)
        return cor__fail(COR_EVALUE,
                         "prefetch_factor option could only be specified in multiprocessing.let num_workers > "
                         "0 to enable multiprocessing, otherwise set prefetch_factor to None.");
    if (o->num_workers > 0 && o->prefetch_factor != COR_UNSET && o->prefetch_factor < 1)
        return cor__fail(COR_EVALUE, "prefetch_factor option should be positive, but got %lld",
                         (long long)o->prefetch_factor);
    if (o->prefetch_factor > MOST_PREFETCHED)
        return cor__fail(COR_ELIMIT, "a worker makes at most %d batches in advance, not %lld", MOST_PREFETCHED,
                         (long long)o->prefetch_factor);
    if (o->shuffle && size == 0)
        return cor__fail(COR_EVALUE, "num_samples should be a positive integer value, but got num_samples=0");
    if (o->batch_size < 1)
        return cor__fail(COR_EVALUE, "batch_size should be a positive integer value, but got batch_size=%lld",
                         (long long)o->batch_size);
    return COR_OK;
}

/* The workers end first: they use everything else. */
static void destroy(cor__object *object) {
    cor_loader *loader = (cor_loader *)object;
    cor__crew_free(loader->crew);
    cor__drop_batch(&loader->lent);
    cor__sampler_free(&loader->sampler);
    cor_generator_release(loader->o.generator);
    cor_dataset_release(loader->dataset);
    cor__free(loader, sizeof *loader);
}

static const cor__class loader_class = {"loader", destroy};

cor_loader *cor_data_loader_with(cor_dataset *d, const cor_data_loader_options *options) {
    cor_data_loader_options room;
    if (cor__check_dataset(d, "data_loader") != COR_OK ||
        cor__check_options(options, sizeof room, "data_loader") != COR_OK)
        return NULL;
    const cor_data_loader_options *o = cor_data_loader_options_or_defaults(options, &room);
    const int64_t size = cor_dataset_size(d);
    if (check_numbers(o, size) != COR_OK || cor__check_generator(o->generator, "data_loader") != COR_OK) return NULL;
    cor_loader *loader = cor__alloc_zero(sizeof *loader, "a loader");
    if (loader == NULL) return NULL;
    cor__object_init(&loader->object, &loader_class);
    loader->dataset = cor_dataset_retain(d);
    loader->o = *o;
    cor_generator_retain(o->generator);
    loader->sampler = (cor__sampler){.n = size, .shuffle = o->shuffle, .generator = o->generator};
    loader->batches = o->drop_last ? size / o->batch_size : cor__ceil_div(size, o->batch_size);
    loader->delivered = -1;
    return cor__scope_add(loader);
}

cor_loader *cor_loader_retain(cor_loader *loader) { return loader == NULL ? NULL : cor__retain(loader); }
void cor_loader_release(cor_loader *loader) { cor__release(loader); }
cor_loader *cor_loader_take(cor_loader *loader) { return cor__scope_take(loader); }
cor_loader *cor_loader_keep(cor_loader *loader) { return cor__scope_keep(loader); }

int64_t cor_loader_length(const cor_loader *loader) { return loader == NULL ? 0 : loader->batches; }

int cor__check_loader(const cor_loader *loader, const char *name) {
    if (cor_error() != COR_OK) return cor_error();
    return loader != NULL ? COR_OK : cor__fail(COR_EVALUE, "%s: the loader is NULL, a failed or missing loader", name);
}

/* ---- epochs ----------------------------------------------------------------------------------------------------- */

/* In a child process the rest of the epoch is made without workers, which changes nothing in it. */
static void forget_lost_crew(cor_loader *loader) {
    if (loader->crew == NULL || !cor__crew_is_lost(loader->crew)) return;
    cor__crew_free(loader->crew);
    loader->crew = NULL;
}

int cor__loader_start(cor_loader *loader) {
    forget_lost_crew(loader);
    const cor_data_loader_options *o = &loader->o;
    if (o->num_workers == 0 || loader->crew != NULL) return COR_OK;
    const int64_t each = o->prefetch_factor == COR_UNSET ? 2 : o->prefetch_factor;
    const int64_t slots = cor__max(1, cor__min(o->num_workers * each, loader->batches));
    return cor__crew_start(loader, (int)o->num_workers, slots, &loader->crew);
}

void cor__loader_go_on(cor_loader *loader, int64_t from) {
    loader->delivered = from;
    if (loader->crew != NULL) cor__crew_begin(loader->crew, from, loader->batches);
}

/* The crew is started first, since a failure must leave nothing drawn. */
static int begin_epoch(cor_loader *loader) {
    if (cor__loader_start(loader) != COR_OK || cor__sampler_begin(&loader->sampler) != COR_OK) return cor_error();
    cor__loader_go_on(loader, 0);
    return COR_OK;
}

/* Whether the last batch asks PyTorch's sampler for more than it has. */
static bool last_is_short(const cor_loader *loader) {
    return !loader->o.drop_last && loader->sampler.n % loader->o.batch_size != 0;
}

static int end_epoch(cor_loader *loader) {
    loader->delivered = -1;
    return last_is_short(loader) ? COR_OK : cor__sampler_exhaust(&loader->sampler);
}

int cor_loader_rewind(cor_loader *loader) {
    if (cor__check_loader(loader, "loader_rewind") != COR_OK) return cor_error();
    forget_lost_crew(loader);
    if (loader->crew != NULL) cor__crew_halt(loader->crew);
    loader->delivered = -1;
    return COR_OK;
}

/* ---- batches ---------------------------------------------------------------------------------------------------- */

/* Makes the next batch the one that is lent; false at the end of the epoch and on failure. */
static bool advance(cor_loader *loader) {
    cor__drop_batch(&loader->lent);
    forget_lost_crew(loader);
    if (loader->delivered < 0 && begin_epoch(loader) != COR_OK) return false;
    if (loader->delivered == loader->batches) {
        (void)end_epoch(loader);
        return false;
    }
    const int64_t number = loader->delivered++;
    if (loader->crew != NULL) cor__crew_take(loader->crew, number, &loader->lent);
    else cor__make_batch(loader, number, &loader->lent);
    if (loader->delivered == loader->batches && last_is_short(loader)) (void)cor__sampler_exhaust(&loader->sampler);
    if (loader->lent.error.code != COR_OK) cor__error_adopt(&loader->lent.error);
    return cor_error() == COR_OK;
}

static bool next_fields(cor_loader *loader, cor_tensor ***fields, int n, const char *name) {
    if (cor__check_loader(loader, name) != COR_OK || !advance(loader)) return false;
    const cor__batch *lent = &loader->lent;
    int wanted = 0;
    for (int i = 0; i < n; i++)
        if (fields[i] != NULL) wanted = i + 1;
    if (wanted > lent->n) {
        cor__fail(COR_EVALUE, "%s: a batch has %d tensors, but %d are asked for", name, lent->n, wanted);
        return false;
    }
    for (int i = 0; i < wanted; i++)
        if (fields[i] != NULL) *fields[i] = lent->fields[i];
    return true;
}

bool cor_next_batch(cor_loader *loader, cor_tensor **images, cor_tensor **labels) {
    if (images != NULL) *images = NULL;
    if (labels != NULL) *labels = NULL;
    return next_fields(loader, (cor_tensor * *[]){images, labels}, 2, "next_batch");
}

bool cor_next_batch_fields(cor_loader *loader, cor_tensor **fields, int n) {
    cor_tensor **each[COR_SAMPLE_FIELDS];
    if (cor__check_loader(loader, "next_batch_fields") != COR_OK) return false;
    if (fields == NULL || n < 1 || n > COR_SAMPLE_FIELDS) {
        cor__fail(COR_EVALUE, "next_batch_fields: the array of tensors is NULL, or for %d of them", n);
        return false;
    }
    for (int i = 0; i < n; i++) {
        fields[i] = NULL;
        each[i] = &fields[i];
    }
    return next_fields(loader, each, n, "next_batch_fields");
}
