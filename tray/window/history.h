/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "tray/agent-link.h"

/* Reads recorded events: one line after the other, so that nothing has to be held twice. */
typedef struct _BfyHistory BfyHistory;

/* @event: borrowed. NULL: that was all; @error (nullable): or it went wrong. */
typedef void (*BfyHistoryFunc) (JsonObject *event, const GError *error, gpointer user_data);

/* @path: "/v1/events?…". Never calls @func from within. */
BfyHistory *
bfy_history_read (BfyAgentLink *link, const char *path, BfyHistoryFunc func, gpointer user_data);
/* Also before the end; @func is not called any more. May be called in @func when that was all. */
void bfy_history_free (BfyHistory *self);
