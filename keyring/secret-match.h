/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsecret/secret.h>

/* Which items are ours, and what a search says about one of them. Private to the Secret Service
 * backend.
 *
 * Items carry two attributes, app=bindify and the binding's random id; nothing in them or in the
 * label says what a credential is for, because attributes can be read while the keyring is locked.
 * The name of the schema is written but not searched for: a keyring that was never unlocked since
 * its daemon started does not answer to it (craft 1.1). */

#define BFY_SECRET_ITEM_LABEL "bindify credential"

extern const SecretSchema bfy_secret_schema;

/* @id NULL: all of ours. Borrows @id. (transfer full) */
GHashTable *bfy_secret_match_attributes (const char *id);

/* The binding that an unlocked item belongs to, or NULL. (transfer full) */
char *bfy_secret_match_dup_id (SecretItem *item);
/* A provider may match less strictly than it was asked to. */
gboolean bfy_secret_match_is_for (SecretItem *item, const char *id);
/* The same of the attributes as they travel, an a{ss}. */
gboolean bfy_secret_match_is_for_attributes (GVariant *attributes, const char *id);
gboolean bfy_secret_match_has_locked (GList *items);

typedef enum
{
  BFY_SECRET_FOUND,
  BFY_SECRET_FOUND_LOCKED,
  BFY_SECRET_FOUND_STALE, /* unlocked, and yet without its secret */
  BFY_SECRET_FOUND_NOTHING,
} BfySecretFound;

/* @items are what a search that loads secrets gave. @item is borrowed from it. Of several for one
 * binding, in different collections, the one that was written last counts. */
BfySecretFound bfy_secret_match_judge (GList *items, const char *id, SecretItem **item);
