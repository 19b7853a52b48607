/* json.h: the JSON of file headers: read piece by piece where it lies, without a tree. Every piece that is not what was
 * asked for is COR_EFORMAT with the file's name and the place. */
#ifndef COR_IO_JSON_H
#define COR_IO_JSON_H

#include "base/text.h"

typedef struct cor__json {
    const char *path;             /* of the file, for errors */
    const char *start, *at, *end; /* the whole text, what comes next; *end is NUL */
} cor__json;

/* Passes blanks and returns the next byte without taking it; NUL at the end. */
char cor__json_next(cor__json *json);
/* Takes the byte if it is next. */
bool cor__json_take(cor__json *json, char byte);
/* Takes the byte, which must be next. */
int cor__json_expect(cor__json *json, char byte);
/* After a value in an object or array that ends with `close`: whether another follows, or it has ended. false with an
 * error pending when neither. The first value is preceded by a call with first = true. */
bool cor__json_more(cor__json *json, char close, bool first);

/* Takes a string and puts what it says into *text in place of what is there. A NUL in it is refused. */
int cor__json_string(cor__json *json, cor__text *text);
/* Takes a whole number from 0 to INT64_MAX, or for _integer from INT64_MIN. */
int cor__json_size(cor__json *json, int64_t *value);
int cor__json_integer(cor__json *json, int64_t *value);
/* Takes any value. */
int cor__json_skip(cor__json *json);
/* Sees to it that nothing but blanks is left. */
int cor__json_end(cor__json *json);

/* Appends the text as a JSON string. false, with nothing appended, if it is not UTF-8; that memory could not be had
 * shows in text->failed. */
bool cor__json_append_string(cor__text *text, const char *string);

#endif
