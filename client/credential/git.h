/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* What git says to its credential helpers, and takes from them (gitcredentials(7),
 * git-credential(1)): lines of KEY=VALUE. Pure. */
#define BFY_GIT_REQUEST_BYTES_MAX (64 * 1024)

typedef struct
{
  char *host;     /* (owned) normalized (protocol/reveal.h); https only */
  char *path;     /* (owned) (nullable) without the slash in front */
  char *username; /* (owned) (nullable) the one that is wanted */
} BfyGitRequest;

/* NULL with BFY_ERROR_BAD_REQUEST for what git does not say: a line without “=”, NUL or CR. NULL
 * without an error for what is no matter of ours: another protocol than https, or no host. Lines
 * with other keys, a password among them, are skipped and not kept. */
BfyGitRequest *
bfy_git_request_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_git_request_free (BfyGitRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyGitRequest, bfy_git_request_free)

/* The lines of the answer. @expires_at_s: 0 for no end. BFY_ERROR_UNSUPPORTED for a secret or name
 * of several lines, which could say more than it is. */
BfySecret *bfy_git_format_answer (const char *username,
                                  const BfySecret *secret,
                                  gint64 expires_at_s,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
