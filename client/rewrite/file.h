/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* A file of another program, as it was when it was read, so that it is only ever written over while
 * it is still that. Links are followed as long as they stay below @root (the home directory, or the
 * project that the person named), and then what they lead to is written, not the link. */
typedef struct
{
  char *path;      /* (owned) as it is called */
  char *target;    /* (owned) where it really is */
  GBytes *content; /* (owned) (nullable) NULL: it is not there */
  guint mode;      /* permissions; 0600 when it is not there */
  gint64 changed_at_s;
} BfyUserFile;

#define BFY_USER_FILE_BYTES_MAX (8 * 1024 * 1024)

/* BFY_ERROR_UNSAFE_PATH for a link that leads out of @root, for what is no regular file, and for
 * what belongs to somebody else; BFY_ERROR_TOO_LARGE; BFY_ERROR_STORAGE. That it is not there is no
 * error. */
BfyUserFile *
bfy_user_file_read (const char *path, const char *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_user_file_free (BfyUserFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyUserFile, bfy_user_file_free)

/* The content, which NUL ends; "" when it is not there. Borrowed. */
const char *bfy_user_file_peek (const BfyUserFile *self);

/* Whether its permissions, and those of its directory, let us write it over. */
gboolean bfy_user_file_is_writable (const BfyUserFile *self);
/* Whether it could be written over now: for those who have to do something before, which would be
 * in vain otherwise. The same errors. */
gboolean bfy_user_file_check (const BfyUserFile *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Puts @content there in one step, with the permissions it had; it is on the disk when this
 * returns. NULL takes the file away. Missing directories are made, 0700. BFY_ERROR_IN_USE when the
 * file is no longer what was read: then it is left as it is, even if that was noticed last of all.
 * BFY_ERROR_STORAGE, also for a file or directory that may not be written. */
gboolean
bfy_user_file_write (BfyUserFile *self, GBytes *content, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes away what a bfy_user_file_write() of @path that was killed has left beside the file that
 * this leads to: what it was about to put there, or what had been there, secrets and all. @root: as
 * for bfy_user_file_read(). Only while no other one is at work. */
void bfy_user_file_sweep (const char *path, const char *root);
