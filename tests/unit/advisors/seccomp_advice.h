// SPDX-License-Identifier: Apache-2.0
// Asking for a seccomp profile of one session.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/advise.h"
#include "tests/support/fake_session.h"

namespace ig::test {

inline Result<std::vector<Advice>> advise(FakeSession& session, AdviceRequest request = {}) {
  return test::advise("seccomp-profile", {&session}, request);
}

inline Advice one_advice(FakeSession& session, AdviceRequest request = {}) {
  auto advice = advise(session, std::move(request));
  EXPECT_TRUE(advice) << advice.error().message;
  EXPECT_EQ(advice->size(), 1U);
  return advice->front();
}

inline AdviceRequest with(const std::string& option, const std::string& value) {
  AdviceRequest request;
  request.options[option] = value;
  return request;
}

}  // namespace ig::test
