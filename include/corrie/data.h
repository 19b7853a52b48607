/* corrie/data.h: datasets, and the loader that makes batches of them.
 *
 * A dataset is two functions: how many samples there are, and the tensors of one of them (an image and a label, say). A
 * loader walks a dataset in batches, epoch by epoch:
 *
 *     cor_loader *loader = cor_data_loader(dataset, .batch_size = 64, .shuffle = true, .num_workers = 2);
 *     for (int epoch = 0; epoch < 10; epoch++)
 *         while (cor_next_batch(loader, &images, &labels)) {
 *             cor_scope();
 *             ...
 *         }
 *     return cor_report();
 *
 * The order of a shuffle is PyTorch's for the same seed. What comes out does not depend on the number of workers.
 */
#ifndef CORRIE_DATA_H
#define CORRIE_DATA_H

#include <corrie/random.h>
#include <corrie/tensor.h>

COR_BEGIN

/* ---- datasets --------------------------------------------------------------------------------------------------- */

/* Counted, as tensors are; a new one belongs to the innermost open scope. */
typedef struct cor_dataset cor_dataset;

/* The most tensors that a sample can have. */
enum { COR_SAMPLE_FIELDS = 8 };

/* The two functions of a dataset. size returns the number of samples. get writes the tensors of sample `index` to
 * fields[0..COR_SAMPLE_FIELDS) and returns how many they are, at least one, or a negative code with an error pending;
 * they may belong to the innermost scope or to the dataset. Random choices are to be drawn from `random`, whose stream
 * belongs to the sample. get runs on a loader's workers, on several at once, and must not write to what they share. */
typedef int64_t (*cor_dataset_size_function)(void *context);
typedef int (*cor_dataset_get_function)(void *context, int64_t index, cor_generator *random, cor_tensor **fields);

/* Returns a dataset of the caller's own. The context is the dataset's from the call on: destroy (NULL: none) gets it
 * when the dataset ends, and when it cannot be made. */
COR_API cor_dataset *cor_dataset_new(cor_dataset_size_function size, cor_dataset_get_function get, void *context,
                                     void (*destroy)(void *context));

/* Ownership as for tensors (corrie/tensor.h). NULL is ignored. */
COR_API cor_dataset *cor_dataset_retain(cor_dataset *d);
COR_API void cor_dataset_release(cor_dataset *d);
COR_API cor_dataset *cor_dataset_take(cor_dataset *d);
COR_API cor_dataset *cor_dataset_keep(cor_dataset *d);

/* Returns the number of samples (len); 0 for NULL. */
COR_API int64_t cor_dataset_size(const cor_dataset *d);

/* Writes the tensors of a sample to fields[0..), which hold `room`, and returns how many they are, or a code:
 * COR_EINDEX outside [0, size), COR_ELIMIT when there are more than room. They belong to the innermost scope. Random
 * transforms draw from the default generator. */
COR_API int cor_dataset_get(cor_dataset *d, int64_t index, cor_tensor **fields, int room);

/* Names the classes that the labels of a dataset stand for: name i is that of label i. Texts are copied; a second call
 * replaces them. */
COR_API int cor_dataset_name_classes(cor_dataset *d, const char *const *names, int64_t n);

/* Return how many classes have names, and the name of a label, borrowed from the dataset; 0 and NULL when there are
 * none. Subsets and transformed datasets have those of the dataset they are made of. */
COR_API int64_t cor_dataset_class_count(const cor_dataset *d);
COR_API const char *cor_dataset_class_name(const cor_dataset *d, int64_t label);

/* Returns the dataset whose sample i is element i of each tensor (TensorDataset): views of them. COR_ESHAPE if their
 * first sizes differ. */
COR_API cor_dataset *cor_tensor_dataset(cor_list tensors);

/* Returns the samples of n datasets, one after the other (ConcatDataset). */
COR_API cor_dataset *cor_concat_dataset(cor_dataset *const *datasets, int n);

/* Returns the samples of d at n indices (Subset). COR_EINDEX for an index outside d. */
COR_API cor_dataset *cor_subset(cor_dataset *d, const int64_t *indices, int64_t n);

#define COR_RANDOM_SPLIT_OPTIONS(_) _(cor_generator *, generator, COR_GENERATOR_DEFAULT)
COR_DECLARE_OPTIONS(cor_random_split_options, COR_RANDOM_SPLIT_OPTIONS)
/* Writes n subsets of d without common samples to parts[0..n) (random_split): PyTorch's samples in PyTorch's order for
 * the same seed. lengths are whole numbers that sum to the size of d, or fractions that sum to 1, whose remainder goes
 * to the first parts, one sample each. Returns COR_OK, or COR_EVALUE with PyTorch's text; then parts are NULL. */
COR_API int cor_random_split_with(cor_dataset *d, const double *lengths, int n, cor_dataset **parts,
                                  const cor_random_split_options *options);
#define cor_random_split(d, lengths, n, parts, ...)                                                                    \
    COR__CALL(cor_random_split_with((d), (lengths), (n), (parts),                                                      \
                                    COR__OPTIONS(cor_random_split_options, COR_RANDOM_SPLIT_OPTIONS, ##__VA_ARGS__)))

/* One step on the first tensor of a sample, its image: returns what takes its place, or NULL with an error pending.
 * Random choices are to be drawn from `random`. The context must outlive the dataset; several workers use it at once.
 */
typedef struct cor_transform {
    cor_tensor *(*apply)(cor_tensor *image, cor_generator *random, void *context);
    void *context;
} cor_transform;

/* Returns d with n steps applied in order to the image of each sample (transforms.Compose). The steps are copied.
 * corrie/transforms.h has what a step is made of:
 *
 *     static cor_tensor *augment(cor_tensor *image, cor_generator *random, void *context) {
 *         image = cor_random_crop(image, 32, 32, .padding = 4, .generator = random);
 *         image = cor_random_horizontal_flip(image, .generator = random);
 *         return cor_image_to_float(image);
 *     }
 *     train = cor_transformed_dataset(train, &(cor_transform){augment}, 1); */
COR_API cor_dataset *cor_transformed_dataset(cor_dataset *d, const cor_transform *steps, int n);

/* ---- the loader ------------------------------------------------------------------------------------------------- */

/* Counted, as tensors are; a new one belongs to the innermost open scope. One thread at a time may use it. */
typedef struct cor_loader cor_loader;

/* Makes a batch of n samples of n_fields tensors each. Tensor f of sample i is samples[f * n + i]. Writes the tensors
 * of the batch to batch[0..COR_SAMPLE_FIELDS) and returns how many they are, or a negative code with an error pending.
 * Runs on the workers. */
typedef int (*cor_collate)(cor_tensor *const *samples, int n_fields, int64_t n, cor_tensor **batch, void *context);

#define COR_DATA_LOADER_OPTIONS(_)                                                                                     \
    _(int64_t, batch_size, 1)                                                                                          \
    _(bool, shuffle, false)                                                                                            \
    _(int64_t, num_workers, 0) /* threads beside the caller's; 0: batches are made as they are asked for */            \
    _(int64_t, prefetch_factor, COR_UNSET) /* batches in advance for each worker, 2 when not given */                  \
    _(bool, drop_last, false)              /* leave out a last batch that is not full */                               \
    _(cor_collate, collate, NULL)          /* NULL: each field is stacked */                                           \
    _(void *, collate_context, NULL)                                                                                   \
    _(cor_generator *, generator, COR_GENERATOR_DEFAULT)
COR_DECLARE_OPTIONS(cor_data_loader_options, COR_DATA_LOADER_OPTIONS)
/* Returns a loader of d (DataLoader). It draws from the generator what PyTorch's does, for any number of workers: at
 * the beginning of an epoch a base seed, then with .shuffle the seed of a generator for the permutation, or with a
 * generator of the caller's the permutation itself, and, past the last sample, one more that nobody sees. Random
 * transforms draw from a stream that follows from the base seed and the sample's place in the epoch, so that they do
 * not depend on the workers (PyTorch's do). Batches are made without recording. In a child process after a fork the
 * rest of an epoch is made without workers, the next with workers of its own. NULL with an error pending: COR_EVALUE
 * with PyTorch's text for an option. */
COR_API cor_loader *cor_data_loader_with(cor_dataset *d, const cor_data_loader_options *options);
#define cor_data_loader(d, ...)                                                                                        \
    COR__CALL(cor_data_loader_with((d), COR__OPTIONS(cor_data_loader_options, COR_DATA_LOADER_OPTIONS, ##__VA_ARGS__)))

/* Ownership as for tensors; the end of a loader waits for its workers to finish what they are at. NULL is ignored. */
COR_API cor_loader *cor_loader_retain(cor_loader *loader);
COR_API void cor_loader_release(cor_loader *loader);
COR_API cor_loader *cor_loader_take(cor_loader *loader);
COR_API cor_loader *cor_loader_keep(cor_loader *loader);

/* Returns the number of batches of an epoch (len); 0 for NULL. */
COR_API int64_t cor_loader_length(const cor_loader *loader);

/* Gets the next batch and returns true. At the end of an epoch it returns false, and the next call begins another one.
 * The tensors are the loader's, which lends them until the next call: cor_assign and cor_retain hold them longer.
 * images or labels may be NULL when not wanted. With an error pending, or one that making the batch met, it returns
 * false; once that is cleared, the next call goes on behind the failed batch. *images and *labels are then NULL. */
COR_API bool cor_next_batch(cor_loader *loader, cor_tensor **images, cor_tensor **labels);

/* The same for the first n tensors of a batch: fields[0..n). COR_EVALUE if it has fewer. */
COR_API bool cor_next_batch_fields(cor_loader *loader, cor_tensor **fields, int n);

/* Gives up the rest of the epoch: the next batch is the first of another one, as after Python's `break`. */
COR_API int cor_loader_rewind(cor_loader *loader);

/* Returns where the loader stands, as a uint8 tensor for a checkpoint: the epoch's order, and how many of its batches
 * were given out. It does not hold the streams that later epochs are drawn from: save these with
 * cor_generator_get_state. NULL with an error pending. */
COR_API cor_tensor *cor_loader_state(const cor_loader *loader);

/* Goes on from such a state, with the batch that follows, also where the saving loader had another number of workers.
 * COR_EFORMAT if it is none, COR_EVALUE if it is of a dataset or batches of another size. */
COR_API int cor_loader_restore(cor_loader *loader, cor_tensor *state) COR_MUST_CHECK;

COR_END
#endif
