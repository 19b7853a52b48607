/* alloc.h: an allocator for tests that counts, fails on request, and checks every block when it is freed. */
#ifndef TESTS_SUPPORT_ALLOC_H
#define TESTS_SUPPORT_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

/* Puts the allocator under the library, with the library's cache of blocks off. Before anything is allocated; stops the
 * program when that is too late. A second call does nothing. */
void alloc_install(void);

/* Starts counting allocations anew and makes the k-th from now fail (1 is the next), alone or with all that follow. k =
 * 0 fails none. */
void alloc_fail(int64_t k, bool all_that_follow);

/* Allocations asked for, and those refused, since the last alloc_fail. */
int64_t alloc_asked(void);
int64_t alloc_refused(void);

/* Blocks and bytes handed out and not yet freed. */
int64_t alloc_blocks(void);
int64_t alloc_bytes(void);

#endif
