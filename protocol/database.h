/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/upstream.h"

/* Where a database is, as the person gave it, taken apart and judged without asking the network:
 *   postgres://USER@HOST[:PORT]/NAME[?sslmode=verify-full|disable][&sslrootcert=/FILE][&relay=on]
 *   sqlite:/FILE
 * The password is a credential and never part of it. TLS is verified, unless the person says
 * disable, which goes to loopback only. */
typedef enum
{
  BFY_DATABASE_POSTGRES,
  BFY_DATABASE_SQLITE,
} BfyDatabaseKind;

typedef struct
{
  BfyDatabaseKind kind;
  char *uri;  /* (owned) canonical */
  char *host; /* (owned) (nullable) as in BfyUpstream; like what follows of postgres only */
  guint16 port;
  char *user; /* (owned) (nullable) */
  char *name; /* (owned) (nullable) of the database */
  char
      *certificates; /* (owned) (nullable) file with the authorities to trust; NULL: the system’s */
  gboolean is_plain; /* without TLS */
  gboolean relays;   /* programs may speak to the server themselves, on a socket of the agent */
  BfyReach reach;    /* of the literal */
  char *path;        /* (owned) (nullable) of sqlite only: absolute */
} BfyDatabase;

/* BFY_ERROR_INVALID_ARGUMENT; the message never repeats a password. */
BfyDatabase *bfy_database_parse (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_database_free (BfyDatabase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyDatabase, bfy_database_free)
