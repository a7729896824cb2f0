/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/program.h"
#include "protocol/secret.h"

/* A binding as it takes shape in the window where one is added, or the new credential of one that
 * is there; and the request that comes of it. Pure. */
typedef enum
{
  BFY_DRAFT_SERVICE, /* of the catalogue */
  BFY_DRAFT_ADDRESS, /* of an MCP server */
  BFY_DRAFT_PROGRAM, /* of this machine */
  BFY_DRAFT_LOGIN,   /* another credential */
} BfyDraftKind;

/* How it gets its credential. */
typedef enum
{
  BFY_WAY_NOTHING, /* there is none */
  BFY_WAY_KEY,     /* typed, one word */
  BFY_WAY_PAIR,    /* typed, with a user name */
  BFY_WAY_SECRET,  /* typed, any text */
  BFY_WAY_BROWSER,
  BFY_WAY_CODE,
} BfyDraftWay;

#define BFY_N_WAYS (BFY_WAY_CODE + 1)

/* All texts (owned) (nullable). */
typedef struct
{
  BfyDraftKind kind;
  guint ways; /* bits (1 << BfyDraftWay): what can be chosen */
  BfyDraftWay way;
  JsonObject *service; /* (owned) (nullable) its record */
  JsonObject *binding; /* (owned) (nullable) that is given another credential */
  BfyProgram *program; /* (owned) (nullable) */
  char *url;
  char *name;
  char *account;
  char *username;
  char *client_id;
  char *profile;            /* NULL: as the agent’s settings say */
  BfySecret *secret;        /* (owned) (nullable) */
  BfySecret *client_secret; /* (owned) (nullable) */
  gboolean allow_local;
  gboolean confirms;
  gint64 lifetime_s; /* 0: as the agent’s settings say */
} BfyAddDraft;

BfyAddDraft *bfy_add_draft_new_service (JsonObject *service);
/* @auth: what POST /v1/probe has found out: "none", "bearer", "basic", "oauth", "unknown". */
BfyAddDraft *bfy_add_draft_new_address (const char *url, const char *auth, gboolean allow_local);
/* Takes @program. */
BfyAddDraft *bfy_add_draft_new_program (BfyProgram *program);
/* @service: (nullable) the record of its service. */
BfyAddDraft *bfy_add_draft_new_login (JsonObject *binding, JsonObject *service);
/* NULL is allowed. */
void bfy_add_draft_free (BfyAddDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyAddDraft, bfy_add_draft_free)

gboolean bfy_add_draft_can (const BfyAddDraft *self, BfyDraftWay way);
gboolean bfy_add_draft_signs_in (const BfyAddDraft *self);
gboolean bfy_add_draft_is_typed (const BfyAddDraft *self);
/* What it is called before anybody has named it. Free with g_free(). */
char *bfy_add_draft_guess_name (const BfyAddDraft *self);
/* What is wrong with it as it is; the name is somebody else’s business.
 * BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_add_draft_check (const BfyAddDraft *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The POST. Free with g_free() and g_bytes_unref(); the body lies in memory for secrets. */
char *bfy_add_draft_path (const BfyAddDraft *self);
GBytes *bfy_add_draft_body (const BfyAddDraft *self);
/* Forgets what is secret in it. */
void bfy_add_draft_forget (BfyAddDraft *self);
