/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"
#include "protocol/rpc.h"

/* Of which binding a request to the endpoint for all wants something, and the same request as that
 * binding knows it. Pure. */

/* What kind of thing a method works on. */
typedef enum
{
  BFY_ALL_NOTHING, /* or nothing that would tell a binding */
  BFY_ALL_TOOL,
  BFY_ALL_PROMPT,
  BFY_ALL_RESOURCE,
  BFY_ALL_TASK,
} BfyAllKind;

typedef struct
{
  BfyAllKind kind;
  char *prefix; /* (owned) (nullable) NULL: no binding has such a thing */
  char *inner;  /* (owned) (nullable) what the binding calls it; NULL: to be looked up */
  char *shown;  /* (owned) (nullable) what the client calls it */
} BfyAllTarget;

/* FALSE for methods that work on nothing of a binding. */
gboolean bfy_all_target_read (const BfyRpcMessage *message, BfyAllTarget *target);
void bfy_all_target_clear (BfyAllTarget *target);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyAllTarget, bfy_all_target_clear)

/* The request with what it works on called @inner. */
char *bfy_all_translate_up (const BfyRpcMessage *message,
                            const char *text,
                            gsize length,
                            const char *inner,
                            gsize *n_written);
