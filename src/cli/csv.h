/* csv.h: a table of numbers that grows by a row an epoch (RFC 4180). */
#ifndef COR_CLI_CSV_H
#define COR_CLI_CSV_H

#include <corrie/base.h>

typedef struct csv_log {
    const char *path; /* borrowed */
    int descriptor, columns;
} csv_log;

/* Opens the table for appending, and writes the names of its columns when it is new. A last row that was cut short, as
 * when the machine stopped, is taken off. Returns COR_OK; COR_EFORMAT when the file has other columns; COR_EIO. */
int csv_open(csv_log *log, const char *path, const char *const *names, int columns);
/* Appends a row of as many numbers as there are columns, all or nothing; whole numbers without a point. */
int csv_row(csv_log *log, const double *values);
/* Closes. Returns COR_OK or COR_EIO. */
int csv_close(csv_log *log);

#endif
