/* protobuf.h: writing protocol buffers. Source: the encoding's public description (protobuf.dev, "Encoding"). Fields
 * that have their default value, 0 or "", are left out, as version 3 of the language does. */
#ifndef COR_IO_PROTOBUF_H
#define COR_IO_PROTOBUF_H

#include "base/text.h"

void cor__proto_int(cor__text *message, int field, int64_t value);
void cor__proto_double(cor__text *message, int field, double value);
/* Written also when it is 0: for a field of a oneof. */
void cor__proto_float(cor__text *message, int field, float value);
void cor__proto_bytes(cor__text *message, int field, const void *bytes, size_t n);
void cor__proto_string(cor__text *message, int field, const char *string);
/* A packed list; nothing for an empty one. */
void cor__proto_doubles(cor__text *message, int field, const double *values, int64_t n);

/* A message inside the message: what is written between open and close. */
size_t cor__proto_open(cor__text *message, int field);
void cor__proto_close(cor__text *message, size_t opened);

#endif
