/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/store.h"

/* Bindings and clients as the running agent sees them: read from memory, written through to the
 * store first (behaviour 12.6). Emits "binding-changed" (BfyBinding *old or NULL, BfyBinding *new
 * or NULL) and "client-removed" (BfyClient *), so that caches and open streams can be dropped: from
 * add, update, remove and remove_client, not from set_state, set_tokens and touch. Emits
 * "decoys-changed" when a client's decoy comes or goes, and
 * "tokens-changed" (BfyBinding *new) from set_tokens, and from set_state when a login is needed or
 * not needed any more: timers move, and whoever uses the binding goes on as before. */
#define BFY_TYPE_REGISTRY (bfy_registry_get_type ())
G_DECLARE_FINAL_TYPE (BfyRegistry, bfy_registry, BFY, REGISTRY, GObject)

BfyRegistry *bfy_registry_new (BfyStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Borrowed; NULL when there is none. Byte-wise. */
BfyBinding *bfy_registry_find (BfyRegistry *self, const char *name);
BfyBinding *bfy_registry_find_by_id (BfyRegistry *self, const char *id);
guint bfy_registry_n_bindings (BfyRegistry *self);
/* (transfer container) (element-type BfyBinding) by name */
GPtrArray *bfy_registry_bindings (BfyRegistry *self);

/* How many that are not paused there may be; 0, as in the beginning: any number. agent/room.h sees
 * to those that are there already. */
void bfy_registry_set_bindings_max (BfyRegistry *self, guint n_max);
guint bfy_registry_get_bindings_max (BfyRegistry *self);
guint bfy_registry_n_not_paused (BfyRegistry *self);
/* Whether one more may be added, or resumed. FALSE and BFY_ERROR_TOO_MANY. */
gboolean bfy_registry_check_room (BfyRegistry *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Add takes no reference to the caller's object: it stores a copy. */
gboolean bfy_registry_add (BfyRegistry *self,
                           const BfyBinding *binding,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Replaces the record with the same id. A copy that was made before the last use or the last
 * refresh of tokens does not take those back. */
gboolean bfy_registry_update (BfyRegistry *self,
                              const BfyBinding *binding,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
bfy_registry_remove (BfyRegistry *self, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The state that live requests find out (ok, needs_login, …); written through when it changes. A
 * binding that the person paused stays paused, whatever a request in flight finds, but whether it
 * needs a login is noted: pausing and resuming are bfy_registry_update(). */
void
bfy_registry_set_state (BfyRegistry *self, const char *id, BfyBindingState state, gint64 now_s);
/* What a refresh, a keep-alive or a sign-in left in the keyring: see the fields of BfyBinding.
 * Written through; when it cannot be written, the running agent still goes by it. */
void bfy_registry_set_tokens (BfyRegistry *self,
                              const char *id,
                              gint64 expires_at_s,
                              gint64 refreshed_at_s,
                              gboolean can_refresh);
void
bfy_registry_touch (BfyRegistry *self, const char *binding_id, const char *client_id, gint64 now_s);

/* Whether so many uses are left. FALSE and BFY_ERROR_DENIED. */
gboolean bfy_registry_check_uses (BfyRegistry *self, const char *id, guint n_uses, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* So many uses more of a binding whose uses are limited, written before they count. FALSE and
 * BFY_ERROR_DENIED when not so many are left, BFY_ERROR_STORAGE when it cannot be written: then
 * nothing is counted. Those of a binding without such a limit are not counted. */
gboolean bfy_registry_count_uses (BfyRegistry *self, const char *id, guint n_uses, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The client whose key this is, borrowed, or NULL. Hashes, looks up and compares all 32 bytes in
 * constant time; does the same work when @key is NULL (behaviour 3.3). */
BfyClient *bfy_registry_authenticate (BfyRegistry *self, const BfySecret *key);
GPtrArray *bfy_registry_clients (BfyRegistry *self);
/* Whether the client with this id is still there. */
gboolean bfy_registry_has_client (BfyRegistry *self, const char *id);
/* @decoy (nullable): a new one in the place of the old one, or none. */
gboolean bfy_registry_set_decoy (BfyRegistry *self,
                                 const char *client_id,
                                 BfySecret *decoy,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
typedef void (*BfyDecoyFunc) (const char *client_id, BfySecret *decoy, gpointer user_data);
void bfy_registry_foreach_decoy (BfyRegistry *self, BfyDecoyFunc func, gpointer user_data);
/* By id or by label; NULL and BFY_ERROR_NOT_FOUND, or BFY_ERROR_INVALID_ARGUMENT when a label is
 * not unique. */
BfyClient *bfy_registry_find_client (BfyRegistry *self, const char *id_or_label, GError **error);
/* Makes 64 random bytes, stores the hash, gives the key out once through @key. (transfer full) */
BfyClient *bfy_registry_add_client (BfyRegistry *self,
                                    const char *label,
                                    const char *const *bindings,
                                    BfySecret **key,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with an id (a UUID) and a key that were made before, because something had to be
 * encrypted for them first. */
BfyClient *bfy_registry_add_client_with_key (BfyRegistry *self,
                                             const char *id,
                                             const char *label,
                                             const char *const *bindings,
                                             const BfySecret *key,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_registry_remove_client (BfyRegistry *self,
                                     const char *id,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
