/* lanes.h: convolution with channels in the lanes of vectors, the engine of `winograd` and of `patches`.
 * The output is cut into bands of tiles. The inputs of a band are brought to pixels of channels and from there, by the
 * transform of a form, to v: rows of products' left factors, one a tile and element. Each element's rows are multiplied
 * by the prepared weights; the products are transformed back and brought to planes. Winograd's forms have tiles of
 * several outputs. The form of patches has one element, and the inputs that the kernel's taps read side by side in a
 * row; its tile is one output, or of a transposed convolution as many as its strides, each with a product of its own:
 * that of the taps that reach it. Taps that read nothing but padding for a whole band are left out.
 * A dilated convolution of Winograd's is an ordinary one of every phase, the pixels that lie a dilation apart; a kernel
 * of one column is computed as a row, of maps that are turned.
 * Of groups of a few channels two vectors hold several. Patches multiply these lane by lane and read the strip, each of
 * a tile's outputs the taps that reach it. */
#ifndef COR_CONV_LANES_H
#define COR_CONV_LANES_H

#include "conv/plan.h"
#include "kernels/winograd.h"

/* Height and width. */
enum { COR__LANES_AXES = 2, COR__LANES_MOST = 16, COR__LANES_SHARED_TAPS = 64 };

typedef struct cor__lanes_plan cor__lanes_plan;
typedef struct cor__lanes_band cor__lanes_band;

/* A band is a rectangle of tiles of one output slice, of some phases, or of several images when it holds all their
 * tiles. The axes are the image's height and width, or its width and height when it is turned. */
struct cor__lanes_plan {
    const cor__conv_problem *problem;
    const cor__winograd_kernels *kernels;
    cor__winograd_form form;
    cor__winograd_shape shape;
    /* What brings a row of tiles from the strip to v; NULL where pixels are copied. */
    void (*transform)(const float *strip, int64_t pitch, int64_t tiles, float *columns, float *v, int64_t element,
                      int64_t tile);
    int64_t elements;                 /* products of a tile and channel */
    int64_t shared;                   /* channels of a group of the problem where two vectors hold several, else 0 */
    bool turned;                      /* the plan's rows are columns of the image */
    bool in_place;                    /* the products read the strip, which holds all channels; there is no v */
    int64_t groups;                   /* of the plan: one of the problem, or those of two vectors */
    int64_t channels, outputs;        /* of such a group */
    int64_t room;                     /* channels, as whole vectors of them */
    int64_t kernel[COR__LANES_AXES];  /* parts of the kernel with weights of their own: of patches every tap, of
                                         Winograd blocks of the form's size, the last of which may lack taps */
    int64_t slices;                   /* taps of the depth by those parts */
    int64_t depth;                    /* rows of weights of an element: slices x room, or x shared */
    int64_t panels;                   /* of two vectors of output channels */
    int64_t first[COR__LANES_AXES];   /* input position of tile 0's first slot, or of its corner */
    int64_t slots[COR__LANES_AXES];   /* input positions of a tile that are side by side in v */
    int64_t spacing[COR__LANES_AXES]; /* of the input from slot to slot */
    int64_t step[COR__LANES_AXES];    /* of the input from tile to tile */
    int64_t phases[COR__LANES_AXES];  /* 1, or of Winograd the dilation; sizes of the plan count pixels of a phase */
    int64_t tiles[COR__LANES_AXES];   /* of a phase of an output slice */
    int64_t band[COR__LANES_AXES];    /* most tiles of a phase of a band */
    int64_t spread[COR__LANES_AXES];  /* most phases of a band */
    int64_t images;                   /* most images of a band */
    int64_t bands[COR__LANES_AXES], image_bands;
    int64_t parts;                       /* tasks of a band, each some of the panels */
    int64_t v_depth;                     /* elements of a tile in v: depth taps x slots x room */
    int64_t v_row, v_element, m_element; /* elements from tile to tile and from element to element */
    int64_t strip_rows, strip_columns;   /* pixels of a phase's part of the strip */
};

/* NULL if Winograd's algorithm computes the problem, or patches do; otherwise why not. Fill the plan. */
const char *cor__lanes_plan_winograd(cor__lanes_plan *plan, const cor__conv_problem *problem);
const char *cor__lanes_plan_patches(cor__lanes_plan *plan, const cor__conv_problem *problem);

/* The plans of the gradient of the weights of the forward convolution `problem`: of its inputs, and of its outputs'
 * gradients, which `outputs` becomes a problem of. Both have the same bands. NULL or why not. */
const char *cor__lanes_plan_gradient(cor__lanes_plan *plan, cor__lanes_plan *spread, cor__conv_problem *outputs,
                                     const cor__conv_problem *problem);

/* What the plan costs, and the definition on strips (direct.c), in multiply-adds of vectors. */
double cor__lanes_cost(const cor__lanes_plan *plan);
double cor__lanes_direct_cost(const cor__lanes_plan *plan);

/* One of the two functions above that make plans. */
typedef const char *cor__lanes_planner(cor__lanes_plan *plan, const cor__conv_problem *problem);

/* The functions of an implementation (plan.h) that computes by such plans; run also tells in *finite whether all that
 * its transforms have met is. */
int64_t cor__lanes_prepared(cor__lanes_planner *planner, const cor__conv_problem *problem);
int cor__lanes_prepare(cor__lanes_planner *planner, const cor__conv_problem *problem, const float *weight, int threads,
                       float *prepared);
int64_t cor__lanes_workspace(cor__lanes_planner *planner, const cor__conv_problem *problem, int threads);
int cor__lanes_run(cor__lanes_planner *planner, const cor__conv_problem *problem, const cor__conv_operands *operands,
                   int threads, char *memory, bool *finite);

/* ---- between the files of the engine ---------------------------------------------------------------------------- */

/* Where a band lies. Each phase of each image is a map of tiles. */
struct cor__lanes_band {
    int64_t group, image, images, slice; /* slice: of the output's depth */
    int64_t start[COR__LANES_AXES];      /* the first tile */
    int64_t tiles[COR__LANES_AXES];
    int64_t phase[COR__LANES_AXES]; /* the first one */
    int64_t phases[COR__LANES_AXES];
    int64_t size[COR__LANES_AXES]; /* outputs of the first phase that exist; others may have one less */
    int64_t maps, all_tiles;       /* of all phases and images */
};

/* The axis of a problem, of 0 to 2, that axis i of the plan is. */
static inline int cor__lanes_axis(const cor__lanes_plan *plan, int i) { return plan->turned ? 2 - i : 1 + i; }

/* The memory of one slot. */
typedef struct cor__lanes_memory {
    float *strip, *columns, *v, *m, *y;
    int64_t *spots;  /* of the input pixels of a band in the strip */
    int64_t *places; /* of the outputs of a band in y */
    cor__winograd_run *runs;
} cor__lanes_memory;

/* Band number `index` of the plan's, which are image_bands x output depth x bands for each group. */
cor__lanes_band cor__lanes_band_of(const cor__lanes_plan *plan, int64_t index);

/* Where slot number `slot` of v lies in the strip when that is read in place, from a tile's first slot. */
int64_t cor__lanes_offset(const cor__lanes_plan *plan, int64_t slot);

/* The slots [from, to) of an axis that some tile of [start, start + tiles) reads in the input. */
void cor__lanes_slots(const cor__lanes_plan *plan, int axis, int64_t start, int64_t tiles, int64_t *from, int64_t *to);

/* Lists what a band's products sum for the output of a tile that lies `place` after its corner: the taps that reach it
 * and the input. Returns the number of runs, at most `slices`. */
int64_t cor__lanes_runs(const cor__lanes_plan *plan, const cor__lanes_band *band, const int64_t place[COR__LANES_AXES],
                        cor__winograd_run *runs);

/* Elements of the parts of memory that cor__lanes_read uses, for one slot. */
int64_t cor__lanes_strip_size(const cor__lanes_plan *plan);
int64_t cor__lanes_strip_plane(const cor__lanes_plan *plan); /* of one vector of channels and depth tap */
int64_t cor__lanes_columns_size(const cor__lanes_plan *plan);
int64_t cor__lanes_v_size(const cor__lanes_plan *plan);
int64_t cor__lanes_spots_size(const cor__lanes_plan *plan);

/* Brings the band's inputs to v. */
void cor__lanes_read(const cor__lanes_plan *plan, const cor__lanes_band *band, const float *input,
                     const cor__lanes_memory *memory);

/* Lists the band's places for cor__lanes_write, which writes the outputs of a panel from y, pixels of two vectors of
 * channels, to the output, and finishes them. */
void cor__lanes_list(const cor__lanes_plan *plan, const cor__lanes_band *band, int64_t *places);
void cor__lanes_write(const cor__lanes_plan *plan, const cor__lanes_band *band, int64_t panel,
                      const cor__lanes_memory *memory, const cor__conv_operands *operands);

#endif
