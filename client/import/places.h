/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/import/find.h"
#include "client/rewrite/file.h"
#include "protocol/paths.h"

/* Where programs and people like to put credentials: these files and no others are read, so that it
 * makes no difference how much a home holds. */
typedef struct
{
  BfyUserFile *file; /* (owned) */
  char *root;        /* (owned) links must not lead out of it */
  const char *owner; /* whose file it is, for people; not translated */
  BfyScanFormat format;
  gboolean is_shared; /* others may read it */
  char *exposed;      /* (owned) (nullable) the folder that is copied elsewhere, with it in it */
  GPtrArray *finds;   /* (owned) (element-type BfyFind) */
} BfyImportFile;

typedef struct
{
  GPtrArray *files;     /* (owned) (element-type BfyImportFile) with something found in them */
  GPtrArray *unchecked; /* (owned) (element-type utf8) sentences: what could not be read, and why */
} BfyImportScan;

/* The files that are known, or with @names (nullable) only those. */
void bfy_import_scan_init (BfyImportScan *self,
                           const BfyEnvironment *environment,
                           const char *const *names);
void bfy_import_scan_clear (BfyImportScan *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyImportScan, bfy_import_scan_clear)

/* How a file of this name is read; FALSE when none is known. Pure. */
gboolean bfy_import_guess_format (const char *path, BfyScanFormat *format);
