/* corrie/index.h: choosing elements by tensors of indices, and moving elements within a tensor.
 *
 * Any dtype; indices are int32 or int64. What is added twice at one place is summed in the order of the indices, half
 * types in float32, rounded once. Errors, with PyTorch's texts: COR_EINDEX for an index or a dimension out of range,
 * COR_ESHAPE for sizes that do not fit, COR_EDTYPE; COR_ENOMEM.
 */
#ifndef CORRIE_INDEX_H
#define CORRIE_INDEX_H

#include <corrie/tensor.h>
#include <math.h>

COR_BEGIN

/* ---- by indices ------------------------------------------------------------------------------------------------- */

/* Returns the slices of a dimension that a vector of indices says, in its order (torch.index_select). */
COR_API cor_tensor *cor_index_select(cor_tensor *t, int64_t dim, cor_tensor *index);

#define COR_INDEX_ADD_OPTIONS(_) _(double, alpha, 1)
COR_DECLARE_OPTIONS(cor_index_add_options, COR_INDEX_ADD_OPTIONS)
/* Returns t with slice i of source, times alpha, added to slice index[i], for all i (torch.index_add). */
COR_API cor_tensor *cor_index_add_with(cor_tensor *t, int64_t dim, cor_tensor *index, cor_tensor *source,
                                       const cor_index_add_options *options);
#define cor_index_add(t, dim, index, source, ...)                                                                      \
    COR__CALL(cor_index_add_with((t), (dim), (index), (source),                                                        \
                                 COR__OPTIONS(cor_index_add_options, COR_INDEX_ADD_OPTIONS, ##__VA_ARGS__)))

/* Returns a tensor of index's sizes, of which each element is the one of t at its own place but for `dim`, where it is
 * the index (torch.gather). */
COR_API cor_tensor *cor_gather(cor_tensor *t, int64_t dim, cor_tensor *index);
/* Returns t with each element of source added where gather would read for the element of index at its place
 * (torch.scatter_add). */
COR_API cor_tensor *cor_scatter_add(cor_tensor *t, int64_t dim, cor_tensor *index, cor_tensor *source);

#define COR_EMBEDDING_OPTIONS(_)                                                                                       \
    _(int64_t, padding_idx, COR_UNSET) /* this row gets no gradient; may be counted from the end */                    \
    _(double, max_norm, (double)NAN)   /* unless NAN: the rows that are used are first shortened in place */           \
    _(double, norm_type, 2)                                                                                            \
    _(bool, scale_grad_by_freq, false)                                                                                 \
    _(bool, sparse, false)
COR_DECLARE_OPTIONS(cor_embedding_options, COR_EMBEDDING_OPTIONS)
/* Returns the rows of weight (n, d) at the indices, of any sizes (...): (..., d) (torch.nn.functional.embedding). A
 * sparse gradient is a dense one here. */
COR_API cor_tensor *cor_embedding_with(cor_tensor *indices, cor_tensor *weight, const cor_embedding_options *options);
#define cor_embedding(indices, weight, ...)                                                                            \
    COR__CALL(cor_embedding_with((indices), (weight),                                                                  \
                                 COR__OPTIONS(cor_embedding_options, COR_EMBEDDING_OPTIONS, ##__VA_ARGS__)))

/* How a bag of rows is made one. */
typedef enum cor_bag_mode { COR_BAG_MEAN, COR_BAG_SUM, COR_BAG_MAX } cor_bag_mode;

#define COR_EMBEDDING_BAG_OPTIONS(_)                                                                                   \
    _(cor_tensor *, offsets, COR_NONE) /* where each bag begins, of indices in one dimension */                        \
    _(double, max_norm, (double)NAN)   /* as embedding's */                                                            \
    _(double, norm_type, 2)                                                                                            \
    _(bool, scale_grad_by_freq, false)                                                                                 \
    _(cor_bag_mode, mode, COR_BAG_MEAN)                                                                                \
    _(bool, sparse, false)                                                                                             \
    _(cor_tensor *, per_sample_weights, COR_NONE) /* of mode COR_BAG_SUM: a factor for each row */                     \
    _(bool, include_last_offset, false)           /* the last offset is only the end, of a sum */                      \
    _(int64_t, padding_idx, COR_UNSET)            /* this row counts for nothing */
COR_DECLARE_OPTIONS(cor_embedding_bag_options, COR_EMBEDDING_BAG_OPTIONS)
/* Returns the mean, the sum or the largest elements of bags of rows of weight (n, d): (bags, d)
 * (torch.nn.functional.embedding_bag). Indices (B, L) are B bags, indices (L) are split at the offsets. An empty bag
 * gives zeros. */
COR_API cor_tensor *cor_embedding_bag_with(cor_tensor *indices, cor_tensor *weight,
                                           const cor_embedding_bag_options *options);
#define cor_embedding_bag(indices, weight, ...)                                                                        \
    COR__CALL(cor_embedding_bag_with(                                                                                  \
        (indices), (weight), COR__OPTIONS(cor_embedding_bag_options, COR_EMBEDDING_BAG_OPTIONS, ##__VA_ARGS__)))

/* Returns t with value, a number or a tensor of no dimensions, where mask, a bool tensor, is true, both broadcast
 * (torch.masked_fill). The result has t's dtype. */
COR_API cor_tensor *cor_masked_fill_of(cor_tensor *t, cor_tensor *mask, cor_operand value);
#define cor_masked_fill(t, mask, value) cor_masked_fill_of((t), (mask), COR_OPERAND(value))

/* ---- moving ----------------------------------------------------------------------------------------------------- */

/* Returns t with the elements along dims in the opposite order (torch.flip): cor_flip(t, COR_DIMS(0)). */
COR_API cor_tensor *cor_flip_with(cor_tensor *t, cor_dims dims);
#define cor_flip(t, dims) cor_flip_with((t), (cor_dims)dims)

/* Returns t with the elements moved on by shifts along dims; those that leave at an end come in at the other
 * (torch.roll). No dims: one shift for the elements in row-major order. */
COR_API cor_tensor *cor_roll_with(cor_tensor *t, cor_dims shifts, cor_dims dims);
#define cor_roll(t, shifts, dims) cor_roll_with((t), (cor_dims)shifts, (cor_dims)dims)

/* Returns t repeated so many times along each dimension; dimensions of t count from the last (Tensor.repeat). */
COR_API cor_tensor *cor_repeat_with(cor_tensor *t, cor_dims times);
#define cor_repeat(t, times) cor_repeat_with((t), (cor_dims)times)

/* Returns the matrices of the last two dimensions with zeros above or below a diagonal, 0 the main one, positive ones
 * above it (torch.tril, torch.triu). */
COR_API cor_tensor *cor_tril(cor_tensor *t, int64_t diagonal);
COR_API cor_tensor *cor_triu(cor_tensor *t, int64_t diagonal);

/* Returns (N, C, H * r, W * r) of (N, C * r * r, H, W), and the opposite (torch.nn.functional.pixel_shuffle,
 * pixel_unshuffle); any number of dimensions from 3 on. */
COR_API cor_tensor *cor_pixel_shuffle(cor_tensor *t, int64_t upscale_factor);
COR_API cor_tensor *cor_pixel_unshuffle(cor_tensor *t, int64_t downscale_factor);
/* Returns t with the channels, dimension 1, of `groups` groups dealt out in turn (torch.nn.functional.channel_shuffle).
 */
COR_API cor_tensor *cor_channel_shuffle(cor_tensor *t, int64_t groups);

/* ---- diagonals, grids and repetitions --------------------------------------------------------------------------- */

#define COR_DIAGONAL_OPTIONS(_)                                                                                        \
    _(int64_t, offset, 0) /* above the main one; below where negative */                                               \
    _(int64_t, dim1, 0)                                                                                                \
    _(int64_t, dim2, 1)
COR_DECLARE_OPTIONS(cor_diagonal_options, COR_DIAGONAL_OPTIONS)
/* Returns a view of a diagonal of two dimensions, which becomes the last one (torch.diagonal). */
COR_API cor_tensor *cor_diagonal_with(cor_tensor *t, const cor_diagonal_options *options);
#define cor_diagonal(t, ...)                                                                                           \
    COR__CALL(cor_diagonal_with((t), COR__OPTIONS(cor_diagonal_options, COR_DIAGONAL_OPTIONS, ##__VA_ARGS__)))
/* Returns a copy of a matrix's diagonal, or a matrix of zeros with a vector on it (torch.diag); and the sum of the main
 * one (torch.trace). */
COR_API cor_tensor *cor_diag(cor_tensor *t, int64_t diagonal);
COR_API cor_tensor *cor_trace(cor_tensor *t);

/* Writes views of the indices of a dimension, which goes away, to parts[0..] (torch.unbind). Returns how many there
 * are, or a negative code; COR_ELIMIT if that is more than `room`. */
COR_API int64_t cor_unbind(cor_tensor *t, int64_t dim, cor_tensor **parts, int64_t room);
/* Returns t expanded to, or viewed in, other's sizes (Tensor.expand_as, Tensor.view_as). */
COR_API cor_tensor *cor_expand_as(cor_tensor *t, cor_tensor *other);
COR_API cor_tensor *cor_view_as(cor_tensor *t, cor_tensor *other);

#define COR_MESHGRID_OPTIONS(_) _(bool, xy, false) /* indexing='xy': the first two exchange their dimensions */
COR_DECLARE_OPTIONS(cor_meshgrid_options, COR_MESHGRID_OPTIONS)
/* Writes to grids[0..n) views of n vectors, of one size for each, that vary along one dimension each (torch.meshgrid,
 * indexing='ij'). Returns COR_OK or a code. */
COR_API int cor_meshgrid_with(cor_list tensors, cor_tensor **grids, const cor_meshgrid_options *options);
#define cor_meshgrid(tensors, grids, ...)                                                                              \
    COR__CALL(cor_meshgrid_with((tensors), (grids),                                                                    \
                                COR__OPTIONS(cor_meshgrid_options, COR_MESHGRID_OPTIONS, ##__VA_ARGS__)))

/* Returns t repeated so many times along each dimension, missing ones 1 (torch.tile): cor_tile(t, COR_DIMS(2, 3)). */
COR_API cor_tensor *cor_tile_with(cor_tensor *t, cor_dims times);
#define cor_tile(t, times) cor_tile_with((t), (cor_dims)times)

#define COR_REPEAT_INTERLEAVE_OPTIONS(_) _(int64_t, dim, COR_UNSET)
COR_DECLARE_OPTIONS(cor_repeat_interleave_options, COR_REPEAT_INTERLEAVE_OPTIONS)
/* Returns each index of a dimension, or without one each element, `repeats` times (torch.repeat_interleave). */
COR_API cor_tensor *cor_repeat_interleave_with(cor_tensor *t, int64_t repeats,
                                               const cor_repeat_interleave_options *options);
#define cor_repeat_interleave(t, repeats, ...)                                                                         \
    COR__CALL(cor_repeat_interleave_with(                                                                              \
        (t), (repeats), COR__OPTIONS(cor_repeat_interleave_options, COR_REPEAT_INTERLEAVE_OPTIONS, ##__VA_ARGS__)))

/* Returns a new last dimension that is 1 at the class and 0 elsewhere, int64, for int64 classes; num_classes -1: as
 * many as there are (torch.nn.functional.one_hot). COR_EVALUE for a class that is none. */
COR_API cor_tensor *cor_one_hot(cor_tensor *t, int64_t num_classes);

/* Returns the places of elements that are not 0, (count, ndim), int64 (torch.nonzero); and the elements where mask, a
 * bool tensor, is true, both broadcast (torch.masked_select). */
COR_API cor_tensor *cor_nonzero(cor_tensor *t);
COR_API cor_tensor *cor_masked_select(cor_tensor *t, cor_tensor *mask);

COR_END
#endif
