/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/access.h"
#include "protocol/error.h"

/* A named method of a REST service: member “methods” of a catalogue record. Programs that use it
 * give arguments and never a path or a URL, so that nothing can be asked for but what is listed.
 *
 *   {"name": "issues.create", "title": "Create an issue", "access": "write",
 *    "http": {"method": "POST", "path": "/repos/{owner}/{repo}/issues",
 *             "headers": {"Accept": "application/vnd.github+json"},
 *             "body": {"title": "{title}", "labels": "{labels}"}},
 *    "params": {"owner": {"type": "string"}, "repo": {"type": "string"},
 *               "title": {"type": "string"}, "labels": {"type": "array"}},
 *    "required": ["owner", "repo", "title"]}
 *
 * A text that is {name} and nothing else stands for that argument with its type, and for nothing
 * when it is not given; all else is sent as it is. {+name} in a path may be several segments. In
 * place of body, form has what is sent as application/x-www-form-urlencoded. */
typedef struct _BfyMethod
{
  char *name;        /* (owned) */
  char *title;       /* (owned) one line for people */
  char *description; /* (owned) (nullable) for models */
  BfyAccess access;
  char *verb;          /* (owned) GET, POST, PUT, PATCH, DELETE */
  char *path;          /* (owned) template */
  char *sample;        /* (owned) a path that it makes, for rules about paths */
  char *folded_verb;   /* (owned) both in small letters */
  char *folded_sample; /* (owned) */
  JsonObject *query;   /* (owned) (nullable) templates */
  JsonObject *headers; /* (owned) (nullable) */
  JsonObject *form;    /* (owned) (nullable) */
  JsonNode *body;      /* (owned) (nullable) */
  JsonObject *schema;  /* (owned) of all arguments, an object that knows no others */
} BfyMethod;

#define BFY_METHODS_MAX 256 /* of one record */
#define BFY_METHOD_NAME_LENGTH_MAX 64

/* Everything is checked: the form, that each argument is used, and that each placeholder has an
 * argument. BFY_ERROR_INVALID_ARGUMENT that names the method and the member. */
BfyMethod *bfy_method_read (JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_method_free (BfyMethod *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyMethod, bfy_method_free)

/* Of a record: (transfer full) (element-type BfyMethod), empty without the member. */
GPtrArray *bfy_methods_read (JsonObject *record, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL when there is none of that name, or @methods is NULL. */
const BfyMethod *bfy_methods_find (GPtrArray *methods, const char *name);

/* Letters, digits, “_” and “-”, in parts with a dot between them. */
gboolean bfy_method_name_is_good (const char *name);
