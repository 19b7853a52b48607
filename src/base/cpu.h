/* cpu.h: what the library knows about the machine beyond its instruction sets. */
#ifndef COR_BASE_CPU_H
#define COR_BASE_CPU_H

#include <corrie/base.h>

/* Writes the processor's own name ("AMD EPYC 9R45") into buffer, cut to n bytes; the architecture's where the
 * processor tells none. Returns buffer. */
const char *cor__cpu_name(char *buffer, size_t n);

/* Returns the bytes of a core's first-level data cache (1) or second-level cache (2), or of the last level (3); an
 * ordinary size where the system does not tell, 0 for any other level. */
int64_t cor__cpu_cache_bytes(int level);

/* Returns how many CPUs the calling thread may run on (its affinity mask), at least 1. */
int cor__cpu_count(void);

#endif
