/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* A configuration file that belongs to another program, as a tree of what stands where: enough to
 * find one entry and to change nothing but it. What a file says beside that, its comments, order
 * and layout, is never written anew.
 *
 * The forms are those of the programs that bindify connects: JSON, with comments and commas after
 * the last item as editors allow them; TOML 1.0; and of YAML 1.2 what people and programs write by
 * hand: block and flow collections, quoted, plain and block scalars. Anchors, tags, more than one
 * document and keys that are no scalars are refused, so that such a file stays as it is. */
typedef enum
{
  BFY_FORM_JSON,
  BFY_FORM_TOML,
  BFY_FORM_YAML,
} BfyForm;

#define BFY_FORM_BYTES_MAX (8 * 1024 * 1024)
#define BFY_FORM_DEPTH_MAX 48
#define BFY_FORM_PLACES_MAX 200000
#define BFY_FORM_NAMES_MAX 10000 /* in one map */

typedef enum
{
  BFY_PLACE_TEXT,  /* a string */
  BFY_PLACE_PLAIN, /* a number, a date, true, null … */
  BFY_PLACE_LIST,
  BFY_PLACE_MAP,
} BfyPlaceKind;

/* Offsets are bytes of the text that was parsed. */
typedef struct _BfyPlace BfyPlace;

struct _BfyPlace
{
  BfyPlaceKind kind;
  char *name;          /* (owned) (nullable) in a map, as it is meant: without quotes or escapes */
  char *text;          /* (owned) (nullable) of TEXT and PLAIN, likewise */
  gsize entry;         /* where the entry begins: its name, or the value itself */
  gsize begin, end;    /* of the value; of a TOML table: of its lines */
  gboolean is_flow;    /* between brackets, as JSON always is */
  gboolean is_table;   /* TOML: made by a [header] */
  GPtrArray *children; /* (owned) (nullable) (element-type BfyPlace) of LIST and MAP */
};

/* The whole of @text, which is always a map. BFY_ERROR_PARSE with the line, never with what stands
 * there; also for a name that stands twice in one map. A BOM is allowed. Free with
 * bfy_place_free(). */
BfyPlace *bfy_place_parse (BfyForm form, const char *text, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void bfy_place_free (BfyPlace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPlace, bfy_place_free)

/* (nullable) borrowed */
BfyPlace *bfy_place_find_member (const BfyPlace *self, const char *name);
/* A path of names; of lists, the numbers of their items. (nullable) borrowed */
BfyPlace *bfy_place_find (BfyPlace *self, const char *const *path);
/* The text of the member @name when it is a string. (nullable) borrowed */
const char *bfy_place_get_text (const BfyPlace *self, const char *name);
