// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

extern "C"
{
#include "agent/oauth/liveness.h"
}

// behaviour 8.5.
TEST (Liveness, OnlyTwoAnswersMeanThatARegistrationIsGone)
{
  for (guint status : { 401u, 404u })
    EXPECT_TRUE (bfy_liveness_is_dead (status)) << status;
  for (guint status : { 0u, 200u, 204u, 302u, 400u, 403u, 405u, 410u, 429u, 500u, 503u })
    EXPECT_FALSE (bfy_liveness_is_dead (status)) << status;
}
