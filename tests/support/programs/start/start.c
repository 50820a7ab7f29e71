// SPDX-License-Identifier: Apache-2.0
// Starts, prints a line and ends: what it calls is what its C library needs for that. With LIBRARY
// it links one more, which the loader has to find first.
#include <stdio.h>

#ifdef LIBRARY
const char* word(void);
#else
static const char* word(void) { return "started"; }
#endif

int main(void) { return puts(word()) < 0; }
