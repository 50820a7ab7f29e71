// SPDX-License-Identifier: Apache-2.0
// Boost.Asio's coroutines, with what Boost 1.74 and g++ 12 need to agree on them.
#pragma once

// clang-format off
#include <utility>  // which the header below uses and does not include
#include <boost/asio/awaitable.hpp>
// clang-format on

#if defined(__GNUC__) && !defined(__clang__)
// The frames' own operator new gives to ::operator new; inlined, g++ takes that for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
