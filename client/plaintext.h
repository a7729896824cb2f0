/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/paths.h"

/* Looks for tokens that lie about in files of the home directory where programs and people like to
 * put them. Read only and bounded: so many files of such a size; what is no regular file of this
 * home is not opened. Of a token nothing is kept but where it is and its last four characters. */
#define BFY_PLAINTEXT_FILE_BYTES_MAX (4 * 1024 * 1024)
#define BFY_PLAINTEXT_FOUND_MAX 100

typedef struct
{
  char *path; /* (owned) */
  guint line;
  const char *kind;    /* for people: "token", "password" */
  const char *service; /* (nullable) id of a catalogue record */
  char tail[5];        /* empty when that would be too much of it */
} BfyPlaintext;

typedef struct
{
  GPtrArray *found;     /* (owned) (element-type BfyPlaintext) */
  GPtrArray *unchecked; /* (owned) (element-type utf8) "PATH: why" */
} BfyPlaintextScan;

void bfy_plaintext_scan_init (BfyPlaintextScan *self);
void bfy_plaintext_scan_clear (BfyPlaintextScan *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyPlaintextScan, bfy_plaintext_scan_clear)

/* All files that are known. */
void bfy_plaintext_scan_home (BfyPlaintextScan *self, const BfyEnvironment *environment);
/* What a file says; NUL ends it. */
void bfy_plaintext_scan_text (BfyPlaintextScan *self, const char *path, const char *text);
/* (nullable) The kind of secret that @value is under this name, for people; @service as above. */
const char *bfy_plaintext_judge (const char *name, const char *value, const char **service);
