/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/rewrite/file.h"
#include "protocol/paths.h"

/* What bindify has changed in files of other programs, so that it can be taken back byte for byte.
 * One change of several files is a folder in `undo` of the state directory (0700):
 *
 *   ID/manifest.json   what was done, when, to which files, and what they were left with
 *   ID/N               what the file number N was before
 *
 * It is on the disk before the first file is changed. */
typedef struct
{
  char *path; /* (owned) */
  char *root; /* (owned) as for bfy_user_file_read() */
  guint mode; /* permissions it had */
  gboolean is_new;
  char *after;    /* (owned) SHA-256 of what it was left with, in hex; "" when it was taken away */
  GBytes *before; /* (owned) (nullable) what is kept: the content, or for "import" sealed bytes */
} BfyUndoFile;

typedef struct
{
  char *id;   /* (owned) sorts by age */
  char *kind; /* (owned) "connect", "disconnect", "import" */
  char *what; /* (owned) one line for a person */
  gint64 at_s;
  GPtrArray *files;  /* (owned) (element-type BfyUndoFile) */
  JsonObject *notes; /* (owned) what else the kind needs to know; never a secret */
} BfyUndoSet;

typedef enum
{
  BFY_UNDO_DONE,
  BFY_UNDO_ALREADY, /* it is what it was before */
  BFY_UNDO_CHANGED, /* it is neither: left as it is */
  BFY_UNDO_FAILED,
} BfyUndoResult;

BfyUndoSet *bfy_undo_set_new (const char *kind, const char *what);
void bfy_undo_set_free (BfyUndoSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyUndoSet, bfy_undo_set_free)

/* @file is going to be @after (NULL: taken away). @kept: what is stored instead of its content, or
 * NULL for that. */
void bfy_undo_set_add (
    BfyUndoSet *self, const BfyUserFile *file, const char *root, GBytes *after, GBytes *kept);

/* One process at a time changes files and the journal: holds `undo/lock`, which is made. Whoever
 * gets it clears away what one that was killed has left beside the files that the journal knows
 * (bfy_user_file_sweep()). -1 with BFY_ERROR_IN_USE, BFY_ERROR_STORAGE. Close it. */
int bfy_undo_lock (const BfyEnvironment *environment, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* BFY_ERROR_STORAGE. @self gets its id. */
gboolean bfy_undo_set_save (BfyUndoSet *self,
                            const BfyEnvironment *environment,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full) (element-type BfyUndoSet) the newest first; folders that cannot be read are left
 * out. BFY_ERROR_STORAGE. */
GPtrArray *bfy_undo_list (const BfyEnvironment *environment,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Puts one file back; @before is its content then (for "import": opened again). @is_forced: also
 * when it is neither what we left nor what it was. The error is set for BFY_UNDO_FAILED. */
BfyUndoResult bfy_undo_restore (const BfyUndoFile *file,
                                GBytes *before,
                                gboolean is_forced,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* It has been undone, or never happened. */
void bfy_undo_set_forget (BfyUndoSet *self, const BfyEnvironment *environment);
