/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/kdf.h"
#include "protocol/secret.h"

/* The requests about the vault that carry a slot's key, built in secret memory. Kinds are those of
 * the wire: "key_file", "passphrase", "systemd_credential", "recovery". */

/* A slot as the agent describes it. */
typedef struct
{
  guint number;
  const char *kind; /* borrowed from the reply */
  BfyKdf kdf;
} BfySlot;

/* The slots of a reply's "slots" that this program understands: foreign kinds and parameters out of
 * bounds are left out. (transfer container) (element-type BfySlot) */
GArray *bfy_slots_read (JsonObject *reply);
/* The first of that kind at or behind *@index, which then stands behind it; NULL when there is no
 * more. @kind NULL: any. Borrowed. */
const BfySlot *bfy_slots_next (GArray *slots, const char *kind, guint *index);

/* {"slot":{"kind","kdf","key"}}; without @key the agent uses the secret it knows. */
GBytes *bfy_slot_body_new (const char *kind, const BfyKdf *kdf, const BfySecret *key);
/* {"kdf","key"} */
GBytes *bfy_slot_body_export (const BfyKdf *kdf, const BfySecret *key);
/* {"slot":N,"key"} */
GBytes *bfy_slot_body_unlock (guint number, const BfySecret *key);
/* {"file"} or, with @key, {"file","key"}. */
GBytes *bfy_slot_body_file (GBytes *file, const BfySecret *key);
