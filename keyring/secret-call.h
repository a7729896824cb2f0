/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/secret-connection.h"
#include "protocol/secret.h"

/* One call of the backend on its way through several D-Bus calls. It ends exactly once, whatever
 * the service does: with its result, with the first error that a second try does not cure, after
 * BFY_SECRET_SERVICE_TIMEOUT_MS, or when its caller cancels. Answers that come later find it over
 * and are dropped. Private to the Secret Service backend. */
typedef struct _BfySecretCall BfySecretCall;

/* Starts over from the beginning: a call may run twice. */
typedef void (*BfySecretCallRun) (BfySecretCall *call);

struct _BfySecretCall
{
  GTask *task;               /* (owned) */
  char *id;                  /* (owned) (nullable) */
  BfySecret *secret;         /* (owned) (nullable) */
  SecretService *service;    /* (owned) connected, when running */
  GCancellable *cancellable; /* (owned) of this try; for every call to @service */
  GList *items;              /* (owned) (element-type SecretItem) still to be written or removed */
  gboolean is_lookup;        /* it matters why nothing was found */

  BfySecretConnection *connection; /* (owned) */
  BfySecretCallRun run;
  GSource *deadline;  /* (owned) (nullable) */
  GSource *cancelled; /* (owned) (nullable) the caller's wish */
  gboolean has_retried;
  gboolean is_over;
};

/* Takes @task; connects, then runs. @id and @secret may be NULL. */
void bfy_secret_call_begin (BfySecretConnection *connection,
                            GTask *task,
                            const char *id,
                            BfySecret *secret,
                            BfySecretCallRun run);
BfySecretCall *bfy_secret_call_ref (BfySecretCall *self);
void bfy_secret_call_unref (BfySecretCall *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySecretCall, bfy_secret_call_unref)

/* TRUE: return the result on ->task now. FALSE: too late, somebody else has. */
gboolean bfy_secret_call_end (BfySecretCall *self) G_GNUC_WARN_UNUSED_RESULT;
/* Takes @error, of any domain. One that a restarted daemon explains starts the call over, once. */
void bfy_secret_call_fail (BfySecretCall *self, GError *error);

/* Takes @error, of any domain, and gives one of ours. */
GError *bfy_secret_call_map_error (GError *error);

/* The service contradicts itself as it does to a session that it has forgotten; worth one retry. */
GError *bfy_secret_call_new_stale_error (void);
