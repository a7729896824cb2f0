/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/secret.h"

/* Where credentials rest. One item per binding, named by the binding's random id and by nothing
 * else. The outcomes stay distinct up to the exit status (craft 1.1): found is a secret, absent is
 * BFY_ERROR_CREDENTIAL_MISSING, then BFY_ERROR_LOCKED, BFY_ERROR_KEYRING_UNAVAILABLE,
 * BFY_ERROR_CREDENTIAL_DAMAGED (one item) and BFY_ERROR_VAULT_DAMAGED (the whole file);
 * BFY_ERROR_STORAGE when the disk refuses, BFY_ERROR_UNSAFE_PATH for wrong owners and modes.
 *
 * Every call is asynchronous on the thread-default context, can be cancelled, and finishes exactly
 * once. A store that returned TRUE is durable. */
#define BFY_TYPE_KEYRING (bfy_keyring_get_type ())
G_DECLARE_INTERFACE (BfyKeyring, bfy_keyring, BFY, KEYRING, GObject)

#define BFY_KEYRING_SECRET_SERVICE "secret-service"
#define BFY_KEYRING_VAULT "vault"
#define BFY_KEYRING_MEMORY "memory"

/* An id is 1 to this many visible ASCII characters; a secret leaves room for the longest one with
 * its refresh token and JSON around them. Checked before any backend is asked:
 * BFY_ERROR_INVALID_ARGUMENT, BFY_ERROR_TOO_LARGE. */
#define BFY_KEYRING_ID_BYTES_MAX 64
#define BFY_KEYRING_SECRET_BYTES_MAX (4 * BFY_SECRET_BYTES_MAX)

/* What `status` and `doctor` say of a backend. */
typedef enum
{
  BFY_KEYRING_READY,
  BFY_KEYRING_LOCKED,
  BFY_KEYRING_ABSENT, /* not there; storing may create it */
  BFY_KEYRING_DAMAGED,
} BfyKeyringState;

struct _BfyKeyringInterface
{
  GTypeInterface parent_interface;

  const char *(*get_name) (BfyKeyring *self);

  void (*store_async) (BfyKeyring *self,
                       const char *id,
                       BfySecret *secret,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*store_finish) (BfyKeyring *self, GAsyncResult *result, GError **error);

  void (*lookup_async) (BfyKeyring *self,
                        const char *id,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
  BfySecret *(*lookup_finish) (BfyKeyring *self, GAsyncResult *result, GError **error);

  void (*remove_async) (BfyKeyring *self,
                        const char *id,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
  gboolean (*remove_finish) (BfyKeyring *self, GAsyncResult *result, GError **error);

  void (*list_async) (BfyKeyring *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
  GStrv (*list_finish) (BfyKeyring *self, GAsyncResult *result, GError **error);

  void (*check_async) (BfyKeyring *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*check_finish) (BfyKeyring *self,
                            GAsyncResult *result,
                            BfyKeyringState *state,
                            GError **error);

  /* Optional: a backend that can ask the person. */
  void (*unlock_async) (BfyKeyring *self,
                        const char *id,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
  gboolean (*unlock_finish) (BfyKeyring *self, GAsyncResult *result, GError **error);

  void (*forget) (BfyKeyring *self); /* (nullable) */

  char *(*dup_place) (BfyKeyring *self); /* (nullable) */
};

/* The name recorded on bindings, BFY_KEYRING_…. Static. */
const char *bfy_keyring_get_name (BfyKeyring *self);

/* Replaces what is there. */
void bfy_keyring_store_async (BfyKeyring *self,
                              const char *id,
                              BfySecret *secret,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean bfy_keyring_store_finish (BfyKeyring *self,
                                   GAsyncResult *result,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) */
void bfy_keyring_lookup_async (BfyKeyring *self,
                               const char *id,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
BfySecret *bfy_keyring_lookup_finish (BfyKeyring *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removing what is not there fails with BFY_ERROR_CREDENTIAL_MISSING (behaviour 12.5). */
void bfy_keyring_remove_async (BfyKeyring *self,
                               const char *id,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean bfy_keyring_remove_finish (BfyKeyring *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The ids of all our items, for `doctor`. (transfer full) */
void bfy_keyring_list_async (BfyKeyring *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
GStrv bfy_keyring_list_finish (BfyKeyring *self,
                               GAsyncResult *result,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Never prompts and never creates anything. TRUE with any state but BFY_KEYRING_DAMAGED; FALSE with
 * that one and an error that says why it cannot be used as it is. */
void bfy_keyring_check_async (BfyKeyring *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean bfy_keyring_check_finish (BfyKeyring *self,
                                   GAsyncResult *result,
                                   BfyKeyringState *state,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The only operation that prompts. Opens what a look-up or a store of @id (nullable: of a new
 * credential) would find locked, and is TRUE at once if nothing is. Waits as long as the person
 * does; many calls share one prompt, and it is withdrawn when all of them were cancelled.
 * BFY_ERROR_LOCKED when it stays locked: refused, or nobody can be asked. A backend that cannot ask
 * answers at once. */
void bfy_keyring_unlock_async (BfyKeyring *self,
                               const char *id,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean bfy_keyring_unlock_finish (BfyKeyring *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the above may prompt. */
gboolean bfy_keyring_can_prompt (BfyKeyring *self);

/* Drops keys and secrets that are in memory only to be quick; what is read again with the next use.
 * The memory keyring has no other copy and keeps its own. */
void bfy_keyring_forget (BfyKeyring *self);

/* Where it lies, for people: a path or a name. Free with g_free(). */
char *bfy_keyring_dup_place (BfyKeyring *self);

const char *bfy_keyring_state_to_wire (BfyKeyringState state);
