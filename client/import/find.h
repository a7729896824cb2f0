/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/rewrite/place.h"
#include "protocol/secret.h"

/* A credential that lies about in a file of another program: where it is, whose it is, and what
 * has to be known to use it by way of bindify instead. */
typedef struct
{
  gsize begin, end; /* of the value in the text, with its quotes */
  guint line;
  const char *kind;  /* for people, to be translated: "token", "password" */
  char *service;     /* (owned) (nullable) id of a catalogue record */
  char *label;       /* (owned) what it stands under: a variable, a header, a member */
  char *host;        /* (owned) (nullable) */
  BfySecret *secret; /* (owned) */
  char tail[5];      /* its last characters; empty when that would be too much of it */

  /* Of an MCP server’s entry only. */
  char *server;   /* (owned) (nullable) the entry’s name */
  GStrv path;     /* (owned) (nullable) where the entry is, for bfy_rewrite_set() */
  char *url;      /* (owned) (nullable) of a server that is reached by HTTP … */
  char *header;   /* (owned) (nullable) … which gets the secret in this header, */
  char *prefix;   /* (owned) (nullable) behind this text, */
  char *query;    /* (owned) (nullable) or in this parameter of the URL, which lacks it here */
  GStrv argv;     /* (owned) (nullable) of one that runs here … */
  char *variable; /* (owned) (nullable) … and gets it in this variable */

  const char *problem; /* (nullable) for people, to be translated: why it cannot be moved */
} BfyFind;

/* The @problem of what stands in a file that its owner may not change. */
#define BFY_FIND_READ_ONLY N_ ("the file or its folder is read-only")

/* Whether it can become a binding, and the place lead to that. */
gboolean bfy_find_is_movable (const BfyFind *self);
void bfy_find_free (BfyFind *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyFind, bfy_find_free)

/* How a file is read. Each of them is pure. */
typedef enum
{
  BFY_SCAN_JSON, /* trees: configurations of MCP clients, and of others */
  BFY_SCAN_TOML,
  BFY_SCAN_YAML,
  BFY_SCAN_LINES, /* NAME=value: variables of shells and .env files, npm, AWS */
  BFY_SCAN_NETRC,
  BFY_SCAN_URLS, /* one URL with its password per line */
} BfyScanFormat;

#define BFY_FINDS_MAX 500 /* of one file */

/* (transfer full) (element-type BfyFind) in the order of the text. BFY_ERROR_PARSE with the line;
 * what has bytes that are no text has none of it either. */
GPtrArray *bfy_scan (BfyScanFormat format, const char *text, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
