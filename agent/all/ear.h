/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/all/filter.h"

/* A listener's ear at one binding: subscriptions/listen there, as long as it has something to tell.
 * When its server ends the stream it is opened again, after a while. */
typedef struct _BfyEar BfyEar;

typedef struct
{
  /* One of the binding's lists is another one now. */
  void (*changed) (BfyAllChange change, gpointer user_data);
  /* A notification, as the listener is to get it; one line. */
  void (*said) (const char *json, gsize length, gpointer user_data);
} BfyEarEvents;

typedef struct
{
  BfyAgent *agent;
  BfyRequest *request;        /* the listener's */
  const BfyAllFilter *filter; /* borrowed */
  const char *id;             /* raw token of the listener's request */
  const char *meta;           /* raw */
  const BfyEarEvents *events;
  gpointer user_data;
} BfyEarSetup;

/* @setup stays with the caller. Begins to listen at once. */
BfyEar *bfy_ear_new (const BfyEarSetup *setup, BfyBinding *binding);
void bfy_ear_free (BfyEar *self);
