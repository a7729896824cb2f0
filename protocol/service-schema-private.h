/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* A row of the schema of catalogue records: what one member may be. All checks fail with
 * BFY_ERROR_INVALID_ARGUMENT and the path of the member, never with its value.
 * data/service.schema.json says the same for editors; a test compares the two. */
typedef struct _BfyServiceMember BfyServiceMember;

typedef gboolean
BfyServiceCheck (const BfyServiceMember *self, JsonNode *node, const char *path, GError **error);

struct _BfyServiceMember
{
  const char *name;
  BfyServiceCheck *check;
  gboolean is_required;
  const BfyServiceMember *members; /* (nullable) of an object, or of each of a list, up to one
                                      without name */
};

/* Always FALSE. */
gboolean bfy_service_refuse (GError **error, const char *path, const char *problem);
/* Keeps the reason of another check, which is freed, and says where it happened. */
gboolean bfy_service_refuse_because (GError **error, const char *path, GError *cause);

/* A borrowed text, or NULL for a node of another kind. */
const char *bfy_service_text_of (JsonNode *node);

/* What one value is. */
BfyServiceCheck bfy_service_check_any_object; /* read and checked where it is needed */
BfyServiceCheck bfy_service_check_any_objects;
BfyServiceCheck bfy_service_check_boolean;
BfyServiceCheck bfy_service_check_client;
BfyServiceCheck bfy_service_check_date;
BfyServiceCheck bfy_service_check_endpoint; /* where tokens are asked for */
BfyServiceCheck bfy_service_check_headers;
BfyServiceCheck bfy_service_check_id;
BfyServiceCheck bfy_service_check_method;
BfyServiceCheck bfy_service_check_minutes;
BfyServiceCheck bfy_service_check_scopes;
BfyServiceCheck bfy_service_check_status;
BfyServiceCheck bfy_service_check_text;
BfyServiceCheck bfy_service_check_texts;
BfyServiceCheck bfy_service_check_url;

/* Texts of one form each (service-form.c). */
BfyServiceCheck bfy_service_check_facts;
BfyServiceCheck bfy_service_check_git_host;
BfyServiceCheck bfy_service_check_git_user;
BfyServiceCheck bfy_service_check_host;
BfyServiceCheck bfy_service_check_icon;
BfyServiceCheck bfy_service_check_keywords;
BfyServiceCheck bfy_service_check_path;
BfyServiceCheck
    bfy_service_check_pointers; /* one, or a list of which the first that leads counts */
BfyServiceCheck bfy_service_check_variables;
