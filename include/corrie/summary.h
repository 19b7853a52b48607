/* corrie/summary.h: event files that TensorBoard shows (torch.utils.tensorboard). In libcorrie-io.
 *
 *     cor_summary_writer *w = cor_summary_writer_new("runs/first");
 *     cor_summary_add_scalar(w, "loss/train", loss, step);
 *     cor_summary_add_histogram(w, "conv1.weight", weight, step);
 *
 * and `tensorboard --logdir runs`. Every add appends one whole record to the file at once; when it cannot be written,
 * the file ends before it. One thread at a time uses a writer. Every add returns COR_OK or a code: COR_EVALUE for a
 * NULL, COR_ESTATE after the writer was closed, COR_EIO when the file cannot be written. `step` is the place on the
 * horizontal axis; .walltime, in seconds since 1970, is the present when it is 0.
 */
#ifndef CORRIE_SUMMARY_H
#define CORRIE_SUMMARY_H

#include <corrie/module.h>

COR_BEGIN

typedef struct cor_summary_writer cor_summary_writer;

/* Makes the folder, and those it lies in, and begins a new file in it,
 * events.out.tfevents.SECONDS.HOST.PROCESS.NUMBER. The writer belongs to the innermost open scope; its file is closed
 * when the last reference goes. NULL with an error pending: COR_EIO, COR_ENOMEM. */
COR_API cor_summary_writer *cor_summary_writer_new(const char *logdir);
/* Ownership as for tensors (corrie/tensor.h). NULL is ignored. */
COR_API cor_summary_writer *cor_summary_writer_retain(cor_summary_writer *w);
COR_API void cor_summary_writer_release(cor_summary_writer *w);
COR_API cor_summary_writer *cor_summary_writer_take(cor_summary_writer *w);
COR_API cor_summary_writer *cor_summary_writer_keep(cor_summary_writer *w);

/* Waits until all that was added is on the disk. Returns COR_OK or a code. */
COR_API int cor_summary_writer_flush(cor_summary_writer *w);
/* The same, and closes the files; a second call does nothing. Returns COR_OK or a code; the files are closed anyway. */
COR_API int cor_summary_writer_close(cor_summary_writer *w);

/* ---- scalars and texts ------------------------------------------------------------------------------------------ */

#define COR_SUMMARY_OPTIONS(_) _(double, walltime, 0)
COR_DECLARE_OPTIONS(cor_summary_options, COR_SUMMARY_OPTIONS)
#define COR__SUMMARY(...) COR__OPTIONS(cor_summary_options, COR_SUMMARY_OPTIONS, ##__VA_ARGS__)

/* A number (SummaryWriter.add_scalar), which TensorBoard keeps in float32. */
COR_API int cor_summary_add_scalar_with(cor_summary_writer *w, const char *tag, double value, int64_t step,
                                        const cor_summary_options *options);
#define cor_summary_add_scalar(w, tag, value, step, ...)                                                               \
    COR__CALL(cor_summary_add_scalar_with((w), (tag), (value), (step), COR__SUMMARY(__VA_ARGS__)))

/* n numbers in one chart (SummaryWriter.add_scalars): each goes to a file in a folder of its own inside the writer's,
 * MAINTAG_TAG, where a / in the main tag becomes _. */
COR_API int cor_summary_add_scalars_with(cor_summary_writer *w, const char *main_tag, const char *const *tags,
                                         const double *values, int64_t n, int64_t step,
                                         const cor_summary_options *options);
#define cor_summary_add_scalars(w, main_tag, tags, values, n, step, ...)                                               \
    COR__CALL(cor_summary_add_scalars_with((w), (main_tag), (tags), (values), (n), (step), COR__SUMMARY(__VA_ARGS__)))

/* A text in Markdown (SummaryWriter.add_text). */
COR_API int cor_summary_add_text_with(cor_summary_writer *w, const char *tag, const char *text, int64_t step,
                                      const cor_summary_options *options);
#define cor_summary_add_text(w, tag, text, step, ...)                                                                  \
    COR__CALL(cor_summary_add_text_with((w), (tag), (text), (step), COR__SUMMARY(__VA_ARGS__)))

/* The distribution of the elements of a tensor (SummaryWriter.add_histogram with its default bins, whose bounds grow by
 * a tenth from 1e-12 to 1e20 on both sides of 0). COR_EVALUE for a tensor without elements, or none of them within. */
COR_API int cor_summary_add_histogram_with(cor_summary_writer *w, const char *tag, cor_tensor *values, int64_t step,
                                           const cor_summary_options *options);
#define cor_summary_add_histogram(w, tag, values, step, ...)                                                           \
    COR__CALL(cor_summary_add_histogram_with((w), (tag), (values), (step), COR__SUMMARY(__VA_ARGS__)))

/* ---- pictures --------------------------------------------------------------------------------------------------- */

#define COR_SUMMARY_IMAGE_OPTIONS(_)                                                                                   \
    _(double, walltime, 0)                                                                                             \
    _(const char *, dataformats, "CHW") /* or "HWC", "HW" */
COR_DECLARE_OPTIONS(cor_summary_image_options, COR_SUMMARY_IMAGE_OPTIONS)
/* A picture of 1, 3 or 4 channels (SummaryWriter.add_image): uint8 from 0 to 255, any other dtype from 0 to 1; what is
 * beyond is cut. COR_ESHAPE for other shapes. */
COR_API int cor_summary_add_image_with(cor_summary_writer *w, const char *tag, cor_tensor *image, int64_t step,
                                       const cor_summary_image_options *options);
#define cor_summary_add_image(w, tag, image, step, ...)                                                                \
    COR__CALL(                                                                                                         \
        cor_summary_add_image_with((w), (tag), (image), (step),                                                        \
                                   COR__OPTIONS(cor_summary_image_options, COR_SUMMARY_IMAGE_OPTIONS, ##__VA_ARGS__)))

#define COR_SUMMARY_IMAGES_OPTIONS(_)                                                                                  \
    _(double, walltime, 0)                                                                                             \
    _(const char *, dataformats, "NCHW") /* or any order of these letters */                                           \
    _(int64_t, nrow, 8)                  /* pictures in a row */                                                       \
    _(int64_t, padding, 2)               /* black pixels between and around them; SummaryWriter's own grid has none */
COR_DECLARE_OPTIONS(cor_summary_images_options, COR_SUMMARY_IMAGES_OPTIONS)
/* Pictures of one size as one, side by side as torchvision.utils.make_grid lays them; a single one is as add_image
 * shows it. */
COR_API int cor_summary_add_images_with(cor_summary_writer *w, const char *tag, cor_tensor *images, int64_t step,
                                        const cor_summary_images_options *options);
#define cor_summary_add_images(w, tag, images, step, ...)                                                              \
    COR__CALL(cor_summary_add_images_with(                                                                             \
        (w), (tag), (images), (step),                                                                                  \
        COR__OPTIONS(cor_summary_images_options, COR_SUMMARY_IMAGES_OPTIONS, ##__VA_ARGS__)))

/* ---- networks --------------------------------------------------------------------------------------------------- */

/* The tree of modules as a graph: one node a module, NAME/layer1/0 for the module at layer1.0, with the module's text
 * and its number of parameters. Only the children of a Sequential are joined, since only there the order is known. */
COR_API int cor_summary_add_graph_with(cor_summary_writer *w, cor_module *m, const cor_summary_options *options);
#define cor_summary_add_graph(w, m, ...)                                                                               \
    COR__CALL(cor_summary_add_graph_with((w), COR_MODULE(m), COR__SUMMARY(__VA_ARGS__)))

COR_END
#endif
