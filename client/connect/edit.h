/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/connect/servers.h"
#include "client/undo.h"

/* What is to happen to one file of a client: it has been read, and the new text is known. */
typedef struct
{
  BfyConnectTarget *target; /* borrowed */
  BfyUserFile *file;        /* (owned) */
  GBytes *after;            /* (owned) (nullable) NULL: the file is taken away */
  GPtrArray *names;         /* (owned) (element-type utf8) whose entries change */
} BfyConnectEdit;

/* The file of @target is read, and so far stays as it is. Errors of bfy_user_file_read(). */
BfyConnectEdit *bfy_connect_edit_new (BfyConnectTarget *target,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_connect_edit_free (BfyConnectEdit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyConnectEdit, bfy_connect_edit_free)

/* The text as it is going to be. Borrowed. */
const char *bfy_connect_edit_peek (const BfyConnectEdit *self);
gboolean bfy_connect_edit_is_change (const BfyConnectEdit *self);
/* Puts @server in. An entry of that name that is not ours is only replaced if that is wanted:
 * BFY_ERROR_EXISTS. The errors of the text name the file. */
gboolean bfy_connect_edit_put (BfyConnectEdit *self,
                               const BfyConnectServer *server,
                               gboolean replaces,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes our entries out: those in @bindings, or all with NULL. What bindify last left the file with
 * becomes what it was before, byte for byte; @sets is the journal (element-type BfyUndoSet). */
gboolean bfy_connect_edit_take (BfyConnectEdit *self,
                                const char *const *bindings,
                                GPtrArray *sets,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is done to one file, as bfy_connect_edit_put() and _take() do. */
typedef gboolean (*BfyConnectChange) (BfyConnectEdit *edit, gpointer data, GError **error);

/* (transfer full) (element-type BfyConnectEdit) Has @change done to each of @targets; those that it
 * leaves as they are are not among the result. Nothing is written yet. */
GPtrArray *bfy_connect_edits_new (GPtrArray *targets,
                                  BfyConnectChange change,
                                  gpointer data,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes all of @edits (element-type BfyConnectEdit), or none, and what was there into the journal.
 * @set has been made for it. BFY_ERROR_IN_USE, BFY_ERROR_STORAGE. */
gboolean bfy_connect_edits_write (GPtrArray *edits,
                                  const BfyEnvironment *environment,
                                  BfyUndoSet *set,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
