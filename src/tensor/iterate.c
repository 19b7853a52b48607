/* iterate.c: elementwise loops over strided tensors. */
#include "tensor/iterate.h"
#include "base/error.h"
#include "base/sizes.h"
#include "kernels/convert.h"
#include "kernels/kernels.h"
#include "tensor/turn.h"
#include <string.h>

enum { BLOCK = 512, GRAIN = 16384 }; /* elements brought to the loop at once; elements worth another thread */

/* One operand: where it starts, its strides in bytes along the common dimensions, and how it is brought to the loop. */
typedef struct operand {
    char *data;
    int64_t strides[COR_MAX_DIMS];
    cor_dtype dtype, wanted;
    int64_t size, wanted_size;
    cor__convert_loop convert; /* from dtype to wanted for inputs, from wanted to dtype for the output */
} operand;

typedef struct job {
    const cor__elementwise *e;
    int ndim;
    int64_t sizes[COR_MAX_DIMS];
    operand out, in[COR__MAX_OPERANDS];
} job;

static operand make_operand(const cor_tensor *t, const cor_tensor *out, cor_dtype wanted, bool is_output) {
    operand o = {.data = cor__data(t),
                 .dtype = t->dtype,
                 .wanted = wanted,
                 .size = cor_dtype_size(t->dtype),
                 .wanted_size = cor_dtype_size(wanted)};
    int missing = out->ndim - t->ndim;
    for (int i = 0; i < t->ndim; i++) o.strides[missing + i] = t->sizes[i] == 1 ? 0 : t->strides[i] * o.size;
    const cor__convert_kernels *convert = cor__kernels_now()->exact_shared->convert;
    o.convert = is_output ? convert->loop[o.dtype][wanted] : convert->loop[wanted][o.dtype];
    return o;
}

/* ---- the common dimensions -------------------------------------------------------------------------------------- */

static void move_dim(job *j, int to, int from) {
    j->sizes[to] = j->sizes[from];
    j->out.strides[to] = j->out.strides[from];
    for (int i = 0; i < j->e->n_in; i++) j->in[i].strides[to] = j->in[i].strides[from];
}

static void swap_dims(job *j, int a, int b) {
    int64_t size = j->sizes[a];
    j->sizes[a] = j->sizes[b];
    j->sizes[b] = size;
    for (int i = -1; i < j->e->n_in; i++) {
        int64_t *strides = i < 0 ? j->out.strides : j->in[i].strides, stride = strides[a];
        strides[a] = strides[b];
        strides[b] = stride;
    }
}

static bool continues(const operand *o, const job *j, int outer, int inner) {
    return o->strides[outer] == o->strides[inner] * j->sizes[inner];
}

static bool can_merge(const job *j, int outer, int inner) {
    bool merge = continues(&j->out, j, outer, inner);
    for (int i = 0; merge && i < j->e->n_in; i++) merge = continues(&j->in[i], j, outer, inner);
    return merge;
}

/* Drops dimensions of one element, puts the output's dimensions in the order of its memory, and joins those that every
 * operand walks through as one. */
static void simplify(job *j) {
    int n = 0;
    for (int d = 0; d < j->ndim; d++)
        if (j->sizes[d] != 1) move_dim(j, n++, d);
    for (int d = 1; d < n; d++)
        for (int at = d; at > 0 && j->out.strides[at - 1] < j->out.strides[at]; at--) swap_dims(j, at - 1, at);
    int kept = 0;
    for (int d = 1; d < n; d++) {
        if (can_merge(j, kept, d)) {
            int64_t size = j->sizes[kept] * j->sizes[d];
            move_dim(j, kept, d);
            j->sizes[kept] = size;
        } else {
            move_dim(j, ++kept, d);
        }
    }
    j->ndim = n == 0 ? 0 : kept + 1;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

static bool is_direct(const operand *o, int64_t stride) { return o->dtype == o->wanted && stride == o->size; }

/* Where each operand's blocks are brought, the output's last. */
typedef char rooms[COR__MAX_OPERANDS + 1][BLOCK * 8];

/* The loop of a copy. */
static void move_loop(int64_t n, void *out, const void *const *in, const void *params) {
    memcpy(out, in[0], (size_t)(n * *(const int64_t *)params));
}

/* n times the element at `in`, as the loop reads it: some of them one by one, from there on doubled. */
static void repeat(const operand *o, int64_t n, char *room, const char *in) {
    enum { FEW = 16 };
    int64_t done = cor__min(n, FEW), size = o->wanted_size;
    o->convert(done, room, size, in, 0);
    for (int64_t more; done < n; done += more) {
        more = cor__min(done, n - done);
        memcpy(room + done * size, room, (size_t)(more * size));
    }
}

/* One block of at most BLOCK elements along the innermost dimension. What has stride 0 is in its room already. */
static void run_block(const job *j, int64_t n, char *out, char *const *in, const int64_t *strides, int64_t out_stride,
                      rooms room) {
    const void *sources[COR__MAX_OPERANDS];
    for (int i = 0; i < j->e->n_in; i++) {
        const operand *o = &j->in[i];
        sources[i] = is_direct(o, strides[i]) ? in[i] : room[i];
        if (sources[i] == room[i] && strides[i] != 0) o->convert(n, room[i], o->wanted_size, in[i], strides[i]);
    }
    if (is_direct(&j->out, out_stride)) {
        j->e->loop(n, out, sources, j->e->params);
        return;
    }
    j->e->loop(n, room[COR__MAX_OPERANDS], sources, j->e->params);
    j->out.convert(n, out, out_stride, room[COR__MAX_OPERANDS], j->out.wanted_size);
}

/* Blocks are needed only for what must be converted; a row that no operand needs blocks for is one call. */
static void run_row(const job *j, int64_t n, char *out, char **in) {
    _Alignas(64) rooms room;
    int inner = j->ndim - 1;
    int64_t strides[COR__MAX_OPERANDS], out_stride = j->ndim > 0 ? j->out.strides[inner] : j->out.size;
    bool direct = is_direct(&j->out, out_stride);
    for (int i = 0; i < j->e->n_in; i++) {
        strides[i] = j->ndim > 0 ? j->in[i].strides[inner] : j->in[i].size;
        direct = direct && is_direct(&j->in[i], strides[i]);
        if (strides[i] == 0) repeat(&j->in[i], cor__min(n, BLOCK), room[i], in[i]);
    }
    if (!direct && j->e->loop == move_loop && strides[0] != 0) { /* straight from one to the other */
        j->in[0].convert(n, out, out_stride, in[0], strides[0]);
        return;
    }
    int64_t step = direct ? n : BLOCK;
    for (int64_t done = 0; done < n; done += step) {
        int64_t now = cor__min(step, n - done);
        run_block(j, now, out, in, strides, out_stride, room);
        out += now * out_stride;
        for (int i = 0; i < j->e->n_in; i++) in[i] += now * strides[i];
    }
}

/* Elements [begin, end) in the order of the common dimensions, row by row. */
static void run_range(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    int64_t row = j->ndim > 0 ? j->sizes[j->ndim - 1] : 1;
    while (begin < end) {
        int64_t rest = begin / row, at = begin % row, n = cor__min(row - at, end - begin);
        char *out = j->out.data, *in[COR__MAX_OPERANDS];
        for (int i = 0; i < j->e->n_in; i++) in[i] = j->in[i].data;
        for (int d = j->ndim - 1; d >= 0; d--) {
            int64_t index = d == j->ndim - 1 ? at : rest % j->sizes[d];
            if (d != j->ndim - 1) rest /= j->sizes[d];
            out += index * j->out.strides[d];
            for (int i = 0; i < j->e->n_in; i++) in[i] += index * j->in[i].strides[d];
        }
        run_row(j, n, out, in);
        begin += n;
    }
}

static bool same_window(const cor_tensor *a, const cor_tensor *b) {
    if (cor__data(a) != cor__data(b) || a->ndim != b->ndim || a->dtype != b->dtype) return false;
    for (int i = 0; i < a->ndim; i++)
        if (a->sizes[i] != b->sizes[i] || a->strides[i] != b->strides[i]) return false;
    return true;
}

/* A copy whose source lies in memory in another order than the output: the dimension along which it lies there, else
 * -1. Broadcast and strided sources have none. */
static int turned_dim(const job *j) {
    const operand *in = &j->in[0];
    int inner = j->ndim - 1, found = -1;
    if (j->e->loop != move_loop || in->dtype != in->wanted || j->ndim < 2 || j->out.strides[inner] != in->size)
        return -1;
    for (int d = 0; d < inner; d++)
        if (in->strides[d] == in->size) found = d;
    return in->strides[inner] == in->size ? -1 : found;
}

static int turn(const job *j, int dim) {
    cor__turn t = {.to = j->out.data, .from = j->in[0].data, .size = j->out.size};
    for (int d = 0; d < j->ndim; d++) {
        int at = d == j->ndim - 1 ? COR__TURN_COLUMNS : d == dim ? COR__TURN_ROWS : COR__TURN_OTHERS + t.n_others++;
        t.sizes[at] = j->sizes[d];
        t.to_strides[at] = j->out.strides[d];
        t.from_strides[at] = j->in[0].strides[d];
    }
    return cor__turn_run(&t);
}

static int run(const cor__elementwise *e) {
    job j = {.e = e, .ndim = e->out->ndim};
    memcpy(j.sizes, e->out->sizes, sizeof(int64_t) * (size_t)j.ndim);
    j.out = make_operand(e->out, e->out, e->result, true);
    for (int i = 0; i < e->n_in; i++) j.in[i] = make_operand(e->in[i], e->out, e->compute, false);
    simplify(&j);
    int dim = turned_dim(&j);
    if (dim >= 0) return turn(&j, dim);
    return cor_parallel_for(e->out->numel, GRAIN, run_range, &j);
}

int cor__elementwise_run(const cor__elementwise *e) {
    if (e->out->numel == 0) return COR_OK;
    cor__elementwise safe = *e;
    cor_tensor *copies[COR__MAX_OPERANDS] = {NULL};
    int code = COR_OK;
    for (int i = 0; code == COR_OK && i < e->n_in; i++) {
        if (!cor__may_share_memory(e->in[i], e->out) || same_window(e->in[i], e->out)) continue;
        copies[i] = cor__empty(e->in[i]->dtype, e->in[i]->sizes, e->in[i]->ndim);
        code = copies[i] == NULL ? cor_error() : cor__copy(copies[i], e->in[i]);
        safe.in[i] = copies[i];
    }
    if (code == COR_OK) code = run(&safe);
    for (int i = 0; i < e->n_in; i++) cor__release(copies[i]);
    return code;
}

/* ---- copying ---------------------------------------------------------------------------------------------------- */

int cor__copy(cor_tensor *t, const cor_tensor *source) {
    /* Straight from one dtype to the other. */
    int64_t size = cor_dtype_size(t->dtype);
    cor__elementwise e = {.out = t,
                          .in = {source},
                          .n_in = 1,
                          .compute = t->dtype,
                          .result = t->dtype,
                          .loop = move_loop,
                          .params = &size};
    return cor__elementwise_run(&e);
}

int cor__fill(cor_tensor *t, cor_operand number) {
    _Alignas(8) unsigned char element[8];
    cor__store_number(element, t->dtype, number);
    cor__storage *storage = cor__storage_wrap(element, 8, NULL, NULL);
    if (storage == NULL) return cor_error();
    cor_tensor *one = cor__tensor_over(storage, t->dtype, NULL, NULL, 0, 0);
    cor__release(storage);
    int code = one == NULL ? cor_error() : cor__copy(t, one);
    cor__release(one);
    return code;
}

cor_tensor *cor__contiguous_as(const cor_tensor *t, cor_dtype dtype) {
    if (t->dtype == dtype && cor_is_contiguous(t)) return cor__retain((cor_tensor *)t);
    cor_tensor *copy = cor__empty(dtype, t->sizes, t->ndim);
    if (copy == NULL || cor__copy(copy, t) == COR_OK) return copy;
    cor__release(copy);
    return NULL;
}
