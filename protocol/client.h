/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* A program that uses bindings, known by its client key. The key itself is not here, its hash only
 * in the agent's store. */
typedef struct
{
  gatomicrefcount ref_count;
  char *id;    /* (owned) UUID */
  char *label; /* (owned) what the person calls it */
  GStrv
      bindings; /* (owned) (nullable) binding names it is limited to; NULL = all (behaviour 3.4) */
  gint64 created_at_s;
  gint64 last_used_at_s; /* 0 = never */
  gboolean has_decoy; /* there is a token that is worth nothing and rings a bell when it is used */
} BfyClient;

BfyClient *bfy_client_new (const char *id, const char *label, const char *const *bindings);
BfyClient *bfy_client_copy (const BfyClient *self);
BfyClient *bfy_client_ref (BfyClient *self);
void bfy_client_unref (BfyClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyClient, bfy_client_unref)

gboolean bfy_client_may_use (const BfyClient *self, const char *binding_name);

/* id, label, bindings (null = all), has_decoy, created_at, last_used_at. */
JsonObject *bfy_client_to_json (const BfyClient *self);
BfyClient *bfy_client_from_json (JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;
