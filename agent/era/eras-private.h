/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/eras.h"
#include "agent/era/inquiry.h"
#include "protocol/era-bridge.h"

/* What the parts of the bridge have in common. Two kinds of sessions meet here: those that the
 * agent has with legacy servers on behalf of modern clients (server sessions), and those that
 * legacy clients have with the agent in front of modern servers (client sessions). */

#define BFY_ERAS_SESSIONS_MAX 256          /* of each kind */
#define BFY_ERAS_SESSIONS_OF_CLIENT_MAX 32 /* and of one client */
#define BFY_ERAS_ASKING_MAX 256            /* calls that wait for input, of all clients */
#define BFY_ERAS_ASKING_OF_CLIENT_MAX 32   /* and of one */
#define BFY_ERAS_ID_BYTES 16               /* of session ids and request states */

struct _BfyEras
{
  BfyAgent *agent;             /* borrowed */
  guint asking_ms;             /* how long a call waits for the input it asked for */
  guint idle_ms;               /* after which an unused session ends */
  GHashTable *facts;           /* (owned) binding id → Facts */
  GHashTable *server_sessions; /* (owned) key → BfyServerSession */
  GHashTable *client_sessions; /* (owned) id → BfyClientSession */
  GHashTable *asking;          /* (owned) requestState → borrowed BfyModernCall */
  gulong changed_id, removed_id;
  GPtrArray *errands; /* (owned) (element-type BfyInquiry) whose answers do not matter */
};

/* NULL for a local process without a key. */
const char *bfy_eras_owner (BfyRequest *request);
/* Random, in hexadecimal digits. */
char *bfy_eras_make_id (void);

/* A member of params, unescaped if it is a string, or raw if it is an object; else NULL. */
char *bfy_eras_dup_param (BfyRequest *request, const char *name);
char *bfy_eras_dup_raw_param (BfyRequest *request, const char *name);

/* What has been found out about a server. */
void bfy_eras_learn (BfyEras *self, const BfyEraTarget *target, BfyEra era, gboolean speaks);
void bfy_eras_unlearn (BfyEras *self, const char *binding_id);

/* A request whose answer does not matter. @session_id, @version: (nullable) headers. */
void bfy_eras_send (BfyEras *self,
                    BfyRequest *caller,
                    const BfyInquirySetup *setup,
                    const char *session_id,
                    const char *version);

/* The answer to give when the other era does not work out either, or NULL. */
typedef struct
{
  guint status;
  gboolean is_own;
  char *content_type; /* (owned) (nullable) */
  GBytes *body;       /* (owned) */
} BfyOriginal;

void bfy_original_free (BfyOriginal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyOriginal, bfy_original_free)

/* A target that is kept. */
typedef struct
{
  BfyEraTarget here; /* borrows from what follows */
  char *id;          /* (owned) */
  char *name;        /* (owned) */
  char *address;     /* (owned) */
} BfyEraPlace;

BfyEraPlace *bfy_era_place_new (const BfyEraTarget *target);
void bfy_era_place_free (BfyEraPlace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyEraPlace, bfy_era_place_free)

/* A JSON-RPC error to @request. @id: (nullable) raw. @versions: (nullable) raw array. */
void bfy_eras_refuse (BfyRequest *request,
                      guint status,
                      const char *id,
                      int code,
                      const char *message,
                      const char *versions);
/* The first message failed: the server's own answer to what the client said, if there is one, else
 * @failure (nullable), the answer to what was said instead, else a sentence. */
void bfy_eras_fail (BfyRequest *request,
                    const char *id,
                    const BfyOriginal *original,
                    BfyInquiry *failure,
                    const char *message);

/* A request of unknown outcome: sent as it is, and its answer looked at (trial.c). */
void bfy_trial_begin (BfyEras *eras,
                      BfyRequest *request,
                      const BfyEraTarget *target,
                      const BfyRpcMessage *message,
                      BfyEra era);

/* A modern request to a legacy server (modern.c). @original: (nullable) (transfer full). */
void bfy_modern_serve (BfyEras *eras,
                       BfyRequest *request,
                       const BfyEraTarget *target,
                       const BfyRpcMessage *message,
                       BfyOriginal *original);
/* The session with the legacy server works; or it does not, and the client is told. */
void bfy_modern_note_ready (BfyEras *eras, const BfyEraTarget *target);
void bfy_modern_fail (BfyEras *eras,
                      BfyRequest *request,
                      const BfyEraTarget *target,
                      const char *id,
                      const BfyOriginal *original,
                      BfyInquiry *failure);
/* initialize to a modern server (client-session.c). @original: as above. */
void bfy_client_session_begin (BfyEras *eras,
                               BfyRequest *request,
                               const BfyEraTarget *target,
                               const BfyRpcMessage *message,
                               BfyOriginal *original);
