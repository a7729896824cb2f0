/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The command line of bindify-agent. */
typedef struct
{
  char *socket;        /* (owned) (nullable) */
  char *state_dir;     /* (owned) (nullable) */
  char *config;        /* (owned) (nullable) */
  char *keyring;       /* (owned) (nullable) */
  char *services_dir;  /* (owned) (nullable) installed records, for running from a build tree */
  gint64 lifetime_s;   /* of new bindings; 0: none, -1: not given */
  int port;            /* -1: not given */
  int ready_fd;        /* -1: not given */
  gboolean in_session; /* started by a desktop session, and to end with it */
  gboolean wants_version;
} BfyOptions;

/* --help is answered and exits. BFY_ERROR_INVALID_ARGUMENT. */
BfyOptions *bfy_options_parse (int *argc, char ***argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_options_free (BfyOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyOptions, bfy_options_free)
