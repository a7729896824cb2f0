/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "tray/state.h"

/* The menu of the icon as a tree of rows, whatever shows it. Pure. Labels are plain text in which
 * nothing marks a mnemonic. */
typedef struct
{
  char *key;    /* (owned) (nullable) the same for the same row in every menu; NULL: a line */
  char *label;  /* (owned) */
  char *action; /* (owned) (nullable) of the application; NULL: it says something only */
  char *target; /* (owned) (nullable) text parameter of the action */
  GPtrArray *children; /* (owned) (nullable) (element-type BfyMenuRow) a menu of its own */
} BfyMenuRow;

void bfy_menu_row_free (BfyMenuRow *self);

/* So many of each kind are listed; the window shows all. */
#define BFY_MENU_QUESTIONS_MAX 6
#define BFY_MENU_BINDINGS_MAX 20

typedef struct
{
  const BfyTrayFacts *facts;
  JsonObject *bindings; /* (nullable) GET /v1/bindings */
  GPtrArray *questions; /* (element-type BfyQuestion) */
  gint64 now_s;
} BfyMenuMatter;

/* (transfer full) (element-type BfyMenuRow) */
GPtrArray *bfy_menu_build (const BfyMenuMatter *matter);
