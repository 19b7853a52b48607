/* shared.h: what libcorrie.so gives to libcorrie-io.so beside the public functions, under a symbol version of its own.
 */
#ifndef COR_BASE_SHARED_H
#define COR_BASE_SHARED_H

#include <corrie/base.h>

/* Before the prototype of an internal function that src/io calls. */
#define COR__SHARED COR_API

#endif
