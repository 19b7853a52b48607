/* comma_locale.h: a locale whose decimal point is a comma, to show that the library does not care. */
#ifndef COR_TESTS_COMMA_LOCALE_H
#define COR_TESTS_COMMA_LOCALE_H

#include <stdbool.h>

/* Puts the program into such a locale, made with localedef in the build folder if the machine has none. False, and a
 * line on stdout that says so, if there is none to be had. */
bool enter_comma_locale(void);

/* Puts the program back into the C locale. */
void leave_comma_locale(void);

#endif
