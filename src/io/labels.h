/* labels.h: what the readers of labelled sets share. */
#ifndef COR_IO_LABELS_H
#define COR_IO_LABELS_H

#include <stdint.h>

/* COR_OK if n labels are below `classes`, else COR_EFORMAT, which begins with `name` and tells the first that is not.
 */
int cor__check_labels(const uint8_t *labels, int64_t n, int classes, const char *name);

#endif
