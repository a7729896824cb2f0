/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "tray/agent-link.h"
#include "tray/notice.h"

/* When the person is told without having looked: of a question, if no window of ours is in front a
 * moment after it has come; of a binding that needs a sign-in, once; of an alarm, always. */
typedef struct _BfyAttention BfyAttention;

BfyAttention *
bfy_attention_new (GtkApplication *application, BfyAgentLink *link, BfyNotices *notices);
void bfy_attention_free (BfyAttention *self);

/* @sentence: what has happened; NULL: it has been looked at. */
void bfy_attention_set_alarm (BfyAttention *self, const char *sentence);
