/* rows.inc.c: all rows; PART keeps the names of the functions of one file apart from those of another. */
#define PART sizes_
#include "bad_input/sizes.inc.c"
#undef PART
#define PART values_
#include "bad_input/values.inc.c"
#undef PART
#define PART windows_
#include "bad_input/windows.inc.c"
#undef PART
#define PART views_
#include "bad_input/views.inc.c"
#undef PART
#define PART modules_
#include "bad_input/modules.inc.c"
#undef PART
