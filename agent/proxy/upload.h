/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* The search of a body that goes up as it comes, for what agent/guard/entrance.h looks for in one
 * that is held: bytes that may be the beginning of a secret or of a client's key wait for the next
 * piece, so nothing of it has gone when it is found. */
typedef struct _BfyUpload BfyUpload;

typedef enum
{
  BFY_UPLOAD_PASSES,
  BFY_UPLOAD_HOLDS_SECRET,
  BFY_UPLOAD_HOLDS_KEY, /* of a client */
} BfyUploadVerdict;

/* For the secrets of now. */
BfyUpload *bfy_upload_new (BfyAgent *agent, BfyRequest *request);
void bfy_upload_free (BfyUpload *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyUpload, bfy_upload_free)

/* @piece: NULL at the end. @passed: (transfer full) (nullable) what may go up now. */
BfyUploadVerdict bfy_upload_feed (BfyUpload *self, GBytes *piece, GBytes **passed);
/* Of the secret that was found. */
guint bfy_upload_get_tag (const BfyUpload *self);
