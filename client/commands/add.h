/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/terminal.h"
#include "protocol/program.h"
#include "protocol/secret.h"

/* One run of bindify-add: what was typed, and what was found out on the way. */
typedef struct
{
  char *target;        /* (owned) service or URL */
  char *name;          /* (owned) --name, later the name it gets; NULL: the agent chooses */
  char *account;       /* (owned) (nullable) */
  char *keyring;       /* (owned) (nullable) */
  char *username;      /* (owned) (nullable) --basic, or asked for */
  char *header;        /* (owned) (nullable) */
  char *prefix;        /* (owned) (nullable) */
  char *query;         /* (owned) (nullable) */
  char *refused_token; /* (owned) (nullable) --token, which is refused */
  BfyProgram *program; /* (owned) (nullable) --command and what goes with it */
  gboolean is_token_on_stdin;
  gboolean allow_local;
  gboolean skips_check;
  gboolean is_quiet;

  gboolean is_url;
  JsonObject *service; /* (owned) (nullable) the catalogue record */
  gboolean needs_credential;
  gboolean is_free_form; /* the secret may be any text, several lines too */
  BfySecret *credential; /* (owned) (nullable) */
} BfyAdd;

/* --command as typed. */
typedef struct
{
  char *text;        /* (owned) (nullable) */
  char *env;         /* (owned) (nullable) */
  char *secret_file; /* (owned) (nullable) */
  char *secret_fd;   /* (owned) (nullable) */
  GStrv pass;        /* (owned) (nullable) */
  GStrv share;       /* (owned) (nullable) */
  gboolean no_sandbox;
  gboolean no_network;
} BfyAddCommand;

void bfy_add_clear (BfyAdd *self);

/* add-target.c: what is being added, whether its name is free, what credential it wants. */
gboolean bfy_add_resolve (BfyCli *cli, BfyAdd *self, GError **error);
/* Found out before the person has typed a secret for nothing. */
gboolean bfy_add_check_name_is_free (BfyCli *cli, BfyAdd *self, GError **error);
/* add-program.c: the local command, shown and confirmed unless @is_sure. */
gboolean bfy_add_resolve_program (
    BfyCli *cli, BfyAdd *self, const BfyAddCommand *command, gboolean is_sure, GError **error);
/* The catalogue record with this id, or NULL. Borrowed from @reply, of GET /v1/services. */
JsonObject *bfy_add_find_service (JsonObject *reply, const char *id);
/* add-credential.c: gets the credential from the person or from stdin. */
gboolean bfy_add_read_credential (BfyCli *cli, BfyAdd *self, GError **error);
/* add-request.c: the POST's body, in secret memory; and what to say about the reply. */
GBytes *bfy_add_build_request (const BfyAdd *self);
/* @open_part (taken) with the credential as a further member, in secret memory. */
GBytes *bfy_add_join_credential (const BfyAdd *self, JsonObject *open_part);
void bfy_add_report (const BfyAdd *self, JsonObject *reply);
/* A --prefix as it goes into the header: a word is followed by a space. Free with g_free(). */
char *bfy_add_complete_prefix (const char *prefix);
