// SPDX-License-Identifier: Apache-2.0
// IG_CHECK(condition): a broken invariant of our own prints where and aborts. Never for input.
#pragma once

#include <cstdio>
#include <cstdlib>

#define IG_CHECK(condition)                                                        \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
