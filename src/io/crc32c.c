/* crc32c.c: the checksum of event files. Source: RFC 3720, appendix B.4 (the polynomial 0x1EDC6F41, here reversed);
 * the mask is that of TensorFlow's record format. */
#include "io/events.h"

/* What four bits add: remainder of i by the polynomial. */
static const uint32_t table[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                   0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                   0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

uint32_t cor__crc32c(const void *bytes, size_t n) {
    uint32_t crc = 0xffffffff;
    for (const unsigned char *p = bytes, *end = p + n; p < end; p++) {
        crc ^= *p;
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

uint32_t cor__crc32c_masked(const void *bytes, size_t n) {
    uint32_t crc = cor__crc32c(bytes, n);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}
