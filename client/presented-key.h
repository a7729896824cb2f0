/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "protocol/secret.h"

/* A client key that a command presents to the agent, because a sealed binding opens only with one.
 * It comes from a file that nobody else can read, or from stdin, never from the command line. */
typedef struct
{
  char *file; /* (owned) (nullable) */
  gboolean on_stdin;
} BfyKeyOptions;

/* All of these take NULL for no key, but bfy_key_read(). */
void bfy_key_options_clear (BfyKeyOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyKeyOptions, bfy_key_options_clear)
gboolean bfy_key_options_is_set (const BfyKeyOptions *self);

/* The entries --key-file and --key-stdin of a command's options. */
#define BFY_KEY_FILE_ENTRY(options)                                                                \
  {                                                                                                \
    "key-file", 0, 0, G_OPTION_ARG_FILENAME, &(options)->file,                                     \
        N_ ("Present the client key in this file (mode 0600)"), "FILE"                             \
  }
#define BFY_KEY_STDIN_ENTRY(options)                                                               \
  {                                                                                                \
    "key-stdin", 0, 0, G_OPTION_ARG_NONE, &(options)->on_stdin,                                    \
        N_ ("Present the client key that comes on stdin"), NULL                                    \
  }

/* The key in its printed form, checked. NULL with an error; only to be called when one is set. */
BfySecret *
bfy_key_read (BfyCli *cli, const BfyKeyOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What a key file holds: one key, blanks and line ends around it. BFY_ERROR_UNSAFE_PATH when others
 * could read it, as ssh has it for its keys. */
BfySecret *bfy_key_read_file (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes every request for a binding present the key, if there is one. */
gboolean bfy_key_present (BfyCli *cli,
                          const BfyKeyOptions *options,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
