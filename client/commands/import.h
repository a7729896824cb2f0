/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/import/places.h"
#include "client/undo.h"

/* What was typed behind `bindify import`. */
typedef struct
{
  gboolean is_dry;
  gboolean undoes;
  gboolean is_sure;
  gboolean allow_local;
  gboolean no_sandbox;
  gboolean forgets;
  gboolean from_stdin; /* the passphrase */
  gboolean skips_check;
} BfyImportOptions;

/* import-move.c: stores, then rewrites. */
gboolean
bfy_import_move (BfyCli *cli, const BfyImportOptions *options, BfyImportScan *scan, GError **error);
/* import-store.c: what the binding for @find is going to be called. @taken: (element-type utf8)
 * names that are in use. Free with g_free(). */
char *bfy_import_choose_name (const BfyFind *find, const GPtrArray *taken);
/* One binding for @find, checked and stored by the agent. */
gboolean bfy_import_store (BfyCli *cli,
                           const BfyImportOptions *options,
                           const BfyFind *find,
                           const char *name,
                           GError **error);
/* Whether there is a binding @name which leads where the secret of @find is sent. */
gboolean bfy_import_leads_there (BfyCli *cli,
                                 const BfyImportOptions *options,
                                 const BfyFind *find,
                                 const char *name);
/* The binding @name gets the secret of @find, checked and stored likewise: what an earlier import
 * has put there may be older than what is in the file. */
gboolean bfy_import_store_again (BfyCli *cli,
                                 const BfyImportOptions *options,
                                 const BfyFind *find,
                                 const char *name,
                                 GError **error);
/* (transfer full) (element-type utf8) */
GPtrArray *bfy_import_list_names (BfyCli *cli, GError **error);
/* import-undo.c: takes back the newest import. */
gboolean bfy_import_undo (BfyCli *cli, const BfyImportOptions *options, GError **error);
/* The same for one that the caller has found, while it holds the journal's lock. */
gboolean
bfy_import_undo_set (BfyCli *cli, const BfyImportOptions *options, BfyUndoSet *set, GError **error);
