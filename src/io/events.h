/* events.h: event files: a stream of records, each a protocol buffer between its length and two checksums. Source:
 * TensorFlow's public descriptions of TFRecord, event.proto and summary.proto, where the field numbers come from. */
#ifndef COR_IO_EVENTS_H
#define COR_IO_EVENTS_H

#include "base/object.h"
#include "io/protobuf.h"
#include <corrie/summary.h>

/* CRC-32C (Castagnoli) of n bytes, and the form in which records keep it. */
uint32_t cor__crc32c(const void *bytes, size_t n);
uint32_t cor__crc32c_masked(const void *bytes, size_t n);

/* An open event file. */
typedef struct cor__events {
    char *path; /* owned */
    int descriptor;
    int64_t size; /* of the whole records in it */
} cor__events;

/* Makes the folder and begins a file in it; nothing is to be closed when this fails. */
int cor__events_open(cor__events *events, const char *folder);
int cor__events_sync(cor__events *events);
/* Closes; code is what the caller came to so far. Returns it, or what went wrong. */
int cor__events_close(cor__events *events, int code);

/* A record in the making: begin, the fields of the event, then append, which also frees it. step is the event's. */
void cor__event_begin(cor__text *record, double walltime, int64_t step);
int cor__events_append(cor__events *events, cor__text *record);
/* The fields of an event and of the values of its summary. */
enum { COR__EVENT_VERSION = 3, COR__EVENT_GRAPH = 4, COR__EVENT_SUMMARY = 5 };
enum {
    COR__VALUE_TAG = 1,
    COR__VALUE_SCALAR = 2,
    COR__VALUE_IMAGE = 4,
    COR__VALUE_HISTOGRAM = 5,
    COR__VALUE_TENSOR = 8,
    COR__VALUE_METADATA = 9
};

/* A record with a summary of one value: begin, the value's fields, end. */
typedef struct cor__value {
    cor__text record;
    size_t summary, value;
} cor__value;
void cor__value_begin(cor__value *v, const char *tag, double walltime, int64_t step);
int cor__value_end(cor__value *v, cor__events *events);

/* A writer, and the files of add_scalars. */
struct cor_summary_writer {
    cor__object object;
    char *folder; /* owned */
    bool closed;
    cor__events events;
    struct cor__chart {
        char *folder; /* owned */
        cor__events events;
    } * charts;
    int64_t n, capacity;
};

/* Whether the writer may be written to and neither the tag nor the value is NULL. */
int cor__summary_check(const cor_summary_writer *w, const char *tag, const void *value);

#endif
