/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/api/api.h"

/* A control request that waits for something: what most handlers need when it has come. */
typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) (nullable) */
} BfyWork;

BfyWork *bfy_work_new (BfyAgent *agent, BfyRequest *request, BfyBinding *binding);
void bfy_work_free (BfyWork *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyWork, bfy_work_free)

/* Its binding’s credential has been forgotten: records that, and ends what is under way with it. */
void bfy_api_note_logout (BfyWork *work);
