/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/connect/edit.h"

/* What `bindify connect` was asked for. */
typedef struct
{
  const BfyConnectClient *client;
  char *project;    /* (owned) (nullable) */
  char *key_file;   /* (owned) (nullable) absolute */
  char *program;    /* (owned) the bridge */
  GPtrArray *names; /* (owned) (element-type utf8) of bindings */
  gboolean prints;
  gboolean is_dry;
  gboolean replaces;
  gboolean is_sure;
  gboolean asks; /* nobody has said which: what would be written is shown, and asked for */
  gboolean lists;
  JsonObject *keys; /* (owned) of clients that were made on the way: their ids, by binding */
} BfyConnectRun;

/* Which clients there are and what they use. */
gboolean bfy_connect_list (BfyCli *cli, GError **error);
/* Shows what would stand in the client’s file. */
gboolean bfy_connect_print (BfyConnectRun *self, BfyCli *cli, GError **error);
/* Writes it. */
gboolean bfy_connect_write (BfyConnectRun *self, BfyCli *cli, GError **error);

/* Shows @edits (element-type BfyConnectEdit), and asks whether they are to be made.
 * BFY_ERROR_CANCELLED; BFY_ERROR_INVALID_ARGUMENT without a terminal. */
gboolean bfy_connect_ask (const BfyConnectRun *self, BfyCli *cli, GPtrArray *edits, GError **error);
/* The files of @edits, and what changes in them, for a person. Free with g_free(). */
char *bfy_connect_describe (GPtrArray *edits);

/* (element-type utf8) @names as a sentence lists them; "" for none. Free with g_free(). */
char *bfy_connect_join (GPtrArray *names);

/* Revokes the keys whose ids are the members of @keys; what cannot be revoked is said. */
void bfy_connect_revoke (BfyCli *cli, JsonObject *keys);
/* After a disconnect was undone: what is there again may have a key that was revoked. Says so, and
 * which command makes a new one. */
void bfy_connect_tell_revoked (const BfyUndoSet *set);
