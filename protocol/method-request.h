/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/method.h"

/* The HTTP request that a call of a method becomes. */
typedef struct
{
  char *target;  /* (owned) path and query, in the one form of http-path.h */
  GStrv headers; /* (owned) name, value, name, value … */
  GBytes *body;  /* (owned) (nullable) */
} BfyMethodRequest;

/* @arguments: as they came; they are held against the method's schema first. What an argument says
 * can never be more than one segment of the path (several for {+name}), one value of the query, one
 * line of a header. BFY_ERROR_INVALID_ARGUMENT names the argument. */
BfyMethodRequest *bfy_method_request_build (const BfyMethod *method,
                                            JsonObject *arguments,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_method_request_free (BfyMethodRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyMethodRequest, bfy_method_request_free)
