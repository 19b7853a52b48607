/* golden.c: files, records, options and calls of the golden notation; golden_tensor.c has the tensors. */
#include "support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct golden_file {
    char name[64];
    char *data, *cursor; /* the whole file, cut into strings as it is read */
    int line;            /* of the cursor */
};

static char *read_whole(FILE *stream) {
    size_t length = 0, capacity = 1 << 16, got;
    char *data = malloc(capacity);
    while (data && (got = fread(data + length, 1, capacity - length - 1, stream)) > 0) {
        length += got;
        if (capacity - length > 1) continue;
        capacity *= 2;
        char *larger = realloc(data, capacity);
        if (!larger) free(data);
        data = larger;
    }
    if (data) data[length] = '\0';
    return data;
}

golden_file *golden_open_in(const char *source_folder, const char *name) {
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/golden/%s", source_folder, name);
    FILE *stream = fopen(path, "rb");
    char *data = stream ? read_whole(stream) : NULL;
    golden_file *file = data ? calloc(1, sizeof *file) : NULL;
    if (stream) fclose(stream);
    if (!file) {
        fprintf(stderr, "%s: cannot be read\n", path);
        free(data);
        return NULL;
    }
    snprintf(file->name, sizeof file->name, "%s", name);
    file->data = file->cursor = data;
    return file;
}

void golden_close(golden_file *file) {
    if (!file) return;
    free(file->data);
    free(file);
}

/* Cuts the next line off; NULL at the end of the file. */
static char *next_line(golden_file *file) {
    if (!*file->cursor) return NULL;
    char *line = file->cursor, *end = strchr(line, '\n');
    file->cursor = end ? end + 1 : line + strlen(line);
    if (end) *end = '\0';
    file->line++;
    return line;
}

static int broken(const golden_file *file, const char *why) {
    fprintf(stderr, "%s:%d: %s\n", file->name, file->line, why);
    return -1;
}

/* Reads the `|` lines of a text and joins them where the first one stands: each '|' is the room for a '\n'. */
static int read_text(golden_file *file, golden_record *record, const char *lines) {
    char *write = file->cursor;
    record->text = write;
    record->text_lines = atoi(lines);
    if (record->text_lines < 1) return broken(file, "a text without lines");
    for (int i = 0; i < record->text_lines; i++) {
        char *line = next_line(file);
        if (!line || line[0] != '|') return broken(file, "a text is shorter than it says");
        size_t length = strlen(line + 1);
        if (i > 0) *write++ = '\n';
        memmove(write, line + 1, length);
        write += length;
    }
    *write = '\0';
    return 1;
}

int golden_next(golden_file *file, golden_record *record) {
    char *line;
    while ((line = next_line(file)) && (line[0] == '#' || line[0] == '\0')) {
    }
    if (!line) return 0;
    memset(record, 0, sizeof *record);
    record->line = file->line;
    char *name = NULL;
    if (line[0] == '@') record->number = (int)strtol(line + 1, &name, 10);
    if (!name || name[0] != ' ' || name[1] == '\0') return broken(file, "not the head of a record");
    record->name = name + 1;
    while ((line = next_line(file)) && line[0] != '\0') {
        char *space = strchr(line, ' ');
        if (!space || space == line || record->text) return broken(file, "not a field");
        *space = '\0';
        if (strcmp(line, "text") == 0) {
            if (read_text(file, record, space + 1) < 0) return -1;
        } else if (record->n_fields == GOLDEN_FIELDS) {
            return broken(file, "too many fields");
        } else {
            record->fields[record->n_fields++] = (golden_field){line, space + 1};
        }
    }
    return 1;
}

const char *golden_get(const golden_record *record, const char *key) {
    for (int i = 0; i < record->n_fields; i++)
        if (strcmp(record->fields[i].key, key) == 0) return record->fields[i].value;
    return NULL;
}

bool golden_next_pair(const char **cursor, golden_pair *pair) {
    const char *text = *cursor;
    pair->name[0] = pair->value[0] = '\0';
    if (!text || !*text) return false;
    size_t length = strcspn(text, " "), name = strcspn(text, "=");
    size_t value = length > name ? length - name - 1 : 0;
    if (name >= length || name >= sizeof pair->name || value >= sizeof pair->value) return false;
    memcpy(pair->name, text, name);
    memcpy(pair->value, text + name + 1, value);
    pair->name[name] = pair->value[value] = '\0';
    *cursor = text + length + strspn(text + length, " ");
    return true;
}

bool golden_option(const char *options, const char *name, golden_pair *pair) {
    while (golden_next_pair(&options, pair))
        if (strcmp(pair->name, name) == 0) return true;
    return false;
}

static bool given(const char *options, const char *name, golden_pair *pair) {
    return golden_option(options, name, pair) && strcmp(pair->value, "none") != 0;
}

int64_t golden_option_int(const char *options, const char *name, int64_t otherwise) {
    golden_pair pair;
    return given(options, name, &pair) ? strtoll(pair.value, NULL, 10) : otherwise;
}

double golden_option_double(const char *options, const char *name, double otherwise) {
    golden_pair pair;
    return given(options, name, &pair) ? strtod(pair.value, NULL) : otherwise;
}

bool golden_option_bool(const char *options, const char *name, bool otherwise) {
    golden_pair pair;
    return given(options, name, &pair) ? strcmp(pair.value, "true") == 0 : otherwise;
}

int golden_option_ints(const char *options, const char *name, int64_t values[GOLDEN_DIMS]) {
    golden_pair pair;
    if (!golden_option(options, name, &pair)) return -1;
    int count = 0;
    for (char *at = pair.value; *at && count < GOLDEN_DIMS;) {
        at += strspn(at, "[],");
        if (!*at) break;
        values[count++] = strncmp(at, "none", 4) == 0 ? INT64_MIN : strtoll(at, NULL, 10);
        at += strcspn(at, ",]");
    }
    return count;
}

bool golden_is_none(const char *value) { return strcmp(value, "none") == 0; }

bool golden_parse_number(const char *value, golden_number *number) {
    char kind[8], word[64];
    if (sscanf(value, "number %7s %63s", kind, word) != 2) return false;
    bool truth = strcmp(word, "true") == 0;
    number->kind = kind[0];
    number->real = kind[0] == 'b' ? truth : strtod(word, NULL);
    number->integer = kind[0] == 'b' ? truth : kind[0] == 'i' ? strtoll(word, NULL, 10) : 0;
    return true;
}

/* Finds the end of an argument: the next comma, or the closing bracket, outside of brackets and quotes. */
static char *argument_end(char *at) {
    int depth = 0;
    bool quoted = false;
    for (; *at; at++) {
        if (*at == '"') quoted = !quoted;
        if (quoted) continue;
        if (depth == 0 && (*at == ',' || *at == ')')) return at;
        if (strchr("([{", *at)) depth++;
        if (strchr(")]}", *at)) depth--;
    }
    return at;
}

bool golden_parse_call(const char *text, golden_call *call) {
    size_t length = strlen(text), name = strcspn(text, "(");
    if (length >= sizeof call->storage || name == 0 || name == length || text[length - 1] != ')') return false;
    memcpy(call->storage, text, length + 1);
    call->name = call->storage;
    call->storage[name] = '\0';
    call->count = 0;
    for (char *at = call->storage + name + 1; *at && *at != ')';) {
        char *end = argument_end(at);
        if (!*end || call->count == GOLDEN_ARGUMENTS) return false;
        bool last = *end == ')';
        *end = '\0';
        size_t word = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        bool named = at[word] == '=';
        if (named) at[word] = '\0';
        call->arguments[call->count].name = named ? at : "";
        call->arguments[call->count++].value = named ? at + word + 1 : at;
        if (last) break;
        at = end + 1 + strspn(end + 1, " ");
    }
    return true;
}
