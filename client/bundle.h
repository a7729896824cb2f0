/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/paths.h"

/* A report that a person can show to somebody who helps: what is wrong, what runs and in which
 * state it is. Bindings and clients are numbers in it (“binding-1”), unless the person wants their
 * names; of settings and events it has what cannot be a name; the home directory is “~”; then the
 * log's redaction goes over every line. Any of the answers may be NULL. Free with g_free(). */
typedef struct
{
  JsonObject *doctor;   /* (nullable) findings of the agent and of ours */
  JsonObject *status;   /* (nullable) GET /v1/status */
  JsonObject *bindings; /* (nullable) GET /v1/bindings */
  JsonObject *clients;  /* (nullable) GET /v1/clients */
  const char *home;     /* (nullable) */
  gboolean shows_names;
  const char *settings; /* (nullable) what bindify.conf says */
  JsonObject *verified; /* (nullable) POST /v1/events/verify */
  GPtrArray *events;    /* (nullable) (element-type JsonObject) the newest last */
} BfyBundle;

char *bfy_bundle_to_text (const BfyBundle *self) G_GNUC_WARN_UNUSED_RESULT;
