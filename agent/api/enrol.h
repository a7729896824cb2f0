/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/api/api.h"
#include "agent/enrol/enrolment.h"

/* What enrolments with and without a sign-in share. */

/* What there is to say of a binding that was added or has a new credential; @result: of the
 * enrolment. (transfer full) */
JsonObject *bfy_api_describe_enrolled (BfyAgent *agent,
                                       const BfyBinding *binding,
                                       GAsyncResult *result,
                                       gboolean was_checked);
/* The answer is a stream of steps (SignInStep in protocol/openapi.yaml); when its reader goes, the
 * sign-in ends. @binding: NULL for a new one. Takes @enrolment. */
void bfy_api_sign_in (BfyAgent *agent,
                      BfyRequest *request,
                      BfyBinding *binding,
                      BfyEnrolment *enrolment);
