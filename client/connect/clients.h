/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/rewrite/place.h"
#include "protocol/paths.h"

/* The programs that speak MCP and whose configuration bindify can change: where they keep the list
 * of their servers, and how an entry of it is written. */
typedef enum
{
  BFY_SHAPE_PLAIN,    /* command, args */
  BFY_SHAPE_TYPED,    /* the same with type: stdio or http */
  BFY_SHAPE_CLINE,    /* the same with disabled */
  BFY_SHAPE_OPENCODE, /* type: local or remote; the command is a list */
  BFY_SHAPE_GOOSE,    /* cmd, args, and whether it is enabled */
  BFY_SHAPE_ITEM,     /* an item of a list, which says its name */
} BfyConnectShape;

/* How a file is written that holds servers. */
typedef struct
{
  BfyForm form;
  const char *servers; /* the member that holds them */
  BfyConnectShape shape;
  const char *seed; /* what a new file holds before */
} BfyConnectStyle;

typedef struct
{
  const char *path;      /* below the home directory, or "~config/…", "~codex/…", "~claude/…";
                          * behind "|" the name it may have instead */
  gboolean is_sandboxed; /* no program of the host can be started from there */
} BfyConnectPlace;

#define BFY_CONNECT_PLACES_MAX 5

typedef struct
{
  const char *id;
  const char *name;
  const char *program; /* that is in PATH when it is installed */
  BfyConnectStyle style;
  BfyConnectPlace places[BFY_CONNECT_PLACES_MAX];
  const char *project;                  /* (nullable) below a project's folder */
  const BfyConnectStyle *project_style; /* (nullable) when it is another */
} BfyConnectClient;

/* One file of one client. */
typedef struct
{
  const BfyConnectClient *client;
  BfyConnectStyle style;
  char *path; /* (owned) */
  char *root; /* (owned) links must not lead out of it */
  gboolean is_sandboxed;
  gboolean is_project;
} BfyConnectTarget;

/* All of them; ends with one without id. */
const BfyConnectClient *bfy_connect_clients (void);
/* BFY_ERROR_NOT_FOUND. */
const BfyConnectClient *bfy_connect_client_find (const char *id,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (element-type BfyConnectTarget) Every place whose folder is there; the first one
 * when there is none. With @project only that folder's file. BFY_ERROR_INVALID_ARGUMENT without a
 * home directory; BFY_ERROR_UNSUPPORTED for a client without files in projects. */
GPtrArray *bfy_connect_targets (const BfyConnectClient *client,
                                const BfyEnvironment *environment,
                                const char *project,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_connect_target_free (BfyConnectTarget *self);
