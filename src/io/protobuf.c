/* protobuf.c: writing protocol buffers. */
#include "io/protobuf.h"
#include <string.h>

enum { VARINT = 0, EIGHT_BYTES = 1, COUNTED = 2, FOUR_BYTES = 5 };

/* Seven bits a byte, the lowest first; returns how many bytes. */
static size_t varint(unsigned char bytes[10], uint64_t value) {
    size_t n = 0;
    for (; value > 0x7f; value >>= 7) bytes[n++] = (unsigned char)(value | 0x80);
    bytes[n++] = (unsigned char)value;
    return n;
}

static void put_varint(cor__text *message, uint64_t value) {
    unsigned char bytes[10];
    size_t n = varint(bytes, value);
    cor__text_append_n(message, (const char *)bytes, n);
}

static void put_tag(cor__text *message, int field, int kind) { put_varint(message, (uint64_t)(field << 3 | kind)); }

/* The lowest byte first, whatever the machine's order. */
static void put_little(cor__text *message, uint64_t bits, int size) {
    unsigned char bytes[8];
    for (int i = 0; i < size; i++) bytes[i] = (unsigned char)(bits >> 8 * i);
    cor__text_append_n(message, (const char *)bytes, (size_t)size);
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void cor__proto_int(cor__text *message, int field, int64_t value) {
    if (value == 0) return;
    put_tag(message, field, VARINT);
    put_varint(message, (uint64_t)value);
}

void cor__proto_double(cor__text *message, int field, double value) {
    if (bits_of(value) == 0) return;
    put_tag(message, field, EIGHT_BYTES);
    put_little(message, bits_of(value), 8);
}

void cor__proto_float(cor__text *message, int field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_tag(message, field, FOUR_BYTES);
    put_little(message, bits, 4);
}

void cor__proto_bytes(cor__text *message, int field, const void *bytes, size_t n) {
    if (n == 0) return;
    put_tag(message, field, COUNTED);
    put_varint(message, n);
    cor__text_append_n(message, bytes, n);
}

void cor__proto_string(cor__text *message, int field, const char *string) {
    cor__proto_bytes(message, field, string, strlen(string));
}

void cor__proto_doubles(cor__text *message, int field, const double *values, int64_t n) {
    if (n == 0) return;
    put_tag(message, field, COUNTED);
    put_varint(message, (uint64_t)n * 8);
    for (int64_t i = 0; i < n; i++) put_little(message, bits_of(values[i]), 8);
}

size_t cor__proto_open(cor__text *message, int field) {
    put_tag(message, field, COUNTED);
    return message->length;
}

/* The count goes before what was written. */
void cor__proto_close(cor__text *message, size_t opened) {
    unsigned char bytes[10];
    if (message->failed) return;
    size_t length = message->length - opened, n = varint(bytes, length);
    cor__text_append_n(message, (const char *)bytes, n);
    if (message->failed) return;
    memmove(message->data + opened + n, message->data + opened, length);
    memcpy(message->data + opened, bytes, n);
}
