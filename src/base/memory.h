/* memory.h: the library's only way to memory. Every size is known again when it is freed. */
#ifndef COR_BASE_MEMORY_H
#define COR_BASE_MEMORY_H

#include "base/shared.h"

enum { COR__ALIGN = 64 }; /* of every allocation: a cache line, and the widest vector */

/* Returns `size` bytes (at least 1) aligned to COR__ALIGN, contents undefined; NULL with COR_ENOMEM (COR_ELIMIT for
 * more than can be addressed) pending, which names `what`. Sizes up to 32 MiB come from a cache of this thread
 * when the cache is on and has them. What is used and what a thread's cache holds of more than a page are together at
 * most the most that was used at once. */
COR__SHARED void *cor__alloc(size_t size, const char *what);

/* The same, zeroed. */
COR__SHARED void *cor__alloc_zero(size_t size, const char *what);

/* Returns a block of new_size with the first min(old, new) bytes of `pointer`, which is freed; NULL with COR_ENOMEM
 * pending leaves `pointer` as it was. `pointer` may be NULL with old_size 0. */
COR__SHARED void *cor__realloc(void *pointer, size_t old_size, size_t new_size, const char *what);

/* Gives back what cor__alloc returned for the same size. NULL is ignored. */
COR__SHARED void cor__free(void *pointer, size_t size);

/* A copy of the text, to be freed with cor__free_text; NULL with COR_ENOMEM pending. */
COR__SHARED char *cor__copy_text(const char *text, const char *what);
COR__SHARED void cor__free_text(char *text);

/* Frees what the calling thread's cache holds (at thread exit). */
void cor__memory_thread_exit(void);

#endif
