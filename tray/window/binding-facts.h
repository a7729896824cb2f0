/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "tray/window/facts.h"

/* The groups of rows on the page of a binding. */
typedef struct
{
  BfyFacts *use, *rules, *connect, *callers, *grants, *details;
} BfyBindingFacts;

/* What they are filled from; borrowed, and each but @binding (nullable). */
typedef struct
{
  JsonObject *binding; /* with its usage, where that is known */
  JsonObject *policy;  /* GET …/policy */
  JsonObject *grants;  /* GET /v1/grants */
  JsonObject *status;  /* GET /v1/status */
  gint64 now_s;
} BfyBindingParts;

/* Adds them to @column. */
void bfy_binding_facts_init (BfyBindingFacts *self, GtkBox *column);
void bfy_binding_facts_update (BfyBindingFacts *self, const BfyBindingParts *parts);
