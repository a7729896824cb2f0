/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/injection.h"

/* A catalogue record: how some provider is reached and authenticated (behaviour 16). Records are
 * data (the files of data/services and the user's services.d) and are validated when loaded. */
typedef struct
{
  char *method;            /* (owned) "GET" or "POST" */
  char *url;               /* (owned) */
  char *body;              /* (owned) (nullable) JSON text */
  GHashTable *headers;     /* (owned) (element-type utf8 utf8) */
  guint expect_status;     /* valid if and only if equal; 200 when the record says nothing */
  BfyInjection *injection; /* (owned) (nullable) NULL = as for requests */
} BfyServiceProbe;

typedef struct
{
  gatomicrefcount ref_count;
  char *id;                /* (owned) bfy_name_check() */
  char *name;              /* (owned) for people: "GitHub" */
  char *mcp_url;           /* (owned) (nullable) */
  BfyInjection *injection; /* (owned) (nullable) for API keys */
  gboolean has_api_key;
  gboolean has_oauth;
  char *username_field;   /* (owned) (nullable) set when the key is a pair, e.g. "email" */
  char *token_url;        /* (owned) (nullable) where a person makes the token */
  GStrv instructions;     /* (owned) (nullable) steps, one sentence each */
  BfyServiceProbe *probe; /* (owned) (nullable) "who am I" */
  JsonObject *record;     /* (owned) the whole record, for later readers of other members */
} BfyService;

/* Unknown members are an error that names them; so is a wrong type. BFY_ERROR_INVALID_ARGUMENT. */
BfyService *
bfy_service_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
BfyService *bfy_service_ref (BfyService *self);
void bfy_service_unref (BfyService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyService, bfy_service_unref)

/* id, name, mcp_url, supports_api_key, supports_oauth, oauth_client ("own": the person registers an
 * application, at app_url; "dcr": the agent does), app_url, username_field, token_url,
 * instructions; null where absent (behaviour 16.2). */
JsonObject *bfy_service_to_json (const BfyService *self);
