/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/secret-body.h"
#include "protocol/secret.h"

/* How a person signs in: the options that `bindify-add` and `bindify login` have in common. */
typedef struct
{
  gboolean is_asked;   /* --oauth */
  gboolean is_device;  /* --device */
  gboolean is_machine; /* --client-credentials */
  gboolean no_browser;
  gboolean allow_no_pkce;
  gboolean is_secret_on_stdin;
  char *client_id;          /* (owned) (nullable) */
  char *scope;              /* (owned) (nullable) */
  BfySecret *client_secret; /* (owned) (nullable) */
} BfySignInOptions;

void bfy_sign_in_options_clear (BfySignInOptions *self);

/* @entries with ours behind them. The strings stay where they are; free with g_free(). */
GOptionEntry *bfy_sign_in_options_join (BfySignInOptions *self, const GOptionEntry *entries);
/* Whether one of them was typed: then a sign-in is meant. */
gboolean bfy_sign_in_options_is_set (const BfySignInOptions *self);
/* BFY_ERROR_INVALID_ARGUMENT for what does not go together. */
gboolean bfy_sign_in_options_check (const BfySignInOptions *self,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* --client-secret-stdin. */
gboolean bfy_sign_in_options_read_secret (BfyCli *cli,
                                          BfySignInOptions *self,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As the member "oauth" of a control request; borrowed. */
BfySignInFields bfy_sign_in_options_fields (const BfySignInOptions *self);
