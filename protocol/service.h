/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/capability.h"
#include "protocol/injection.h"
#include "protocol/method.h"
#include "protocol/service-host.h"

/* A catalogue record: how some provider is reached and authenticated (behaviour 16). Records are
 * data (the files of data/services and the user's services.d) and are validated when loaded. */
typedef struct
{
  char *method;            /* (owned) "GET" or "POST" */
  char *url;               /* (owned) */
  char *body;              /* (owned) (nullable) JSON text */
  GHashTable *headers;     /* (owned) (element-type utf8 utf8) */
  GStrv accounts;          /* (owned) (nullable) JSON pointers to what names the account in the
                              answer; the first that leads to a text that is not empty counts */
  guint expect_status;     /* valid if and only if equal; 200 when the record says nothing */
  BfyInjection *injection; /* (owned) (nullable) NULL = as for requests */
} BfyServiceProbe;

/* How a person signs in where discovery finds nothing (behaviour 17.1). Each URL is https, or http
 * on loopback. */
typedef struct
{
  char *authorize_url;    /* (owned) */
  char *token_url;        /* (owned) */
  char *registration_url; /* (owned) (nullable) RFC 7591 */
  char *device_url;       /* (owned) (nullable) RFC 8628 */
  char *revoke_url;       /* (owned) (nullable) RFC 7009 */
  char *app_url;          /* (owned) (nullable) where the person registers an application */
  GStrv scopes;           /* (owned) (nullable) never empty */
  gboolean uses_pkce;     /* FALSE: the server does not do it, which is known and accepted */
  gboolean is_own_client; /* the person registers an application and gives its id */
} BfyServiceOAuth;

#define BFY_SERVICE_CAPABILITIES_MAX 128
#define BFY_KEEPALIVE_INTERVAL_MIN_DEFAULT 1440 /* behaviour 8.1 */

typedef struct
{
  gatomicrefcount ref_count;
  char *id;                /* (owned) bfy_name_check() */
  char *name;              /* (owned) for people: "GitHub" */
  char *mcp_url;           /* (owned) (nullable) */
  char *rest_url;          /* (owned) (nullable) the base of its REST interface; without it that of
                              the first of its hosts */
  BfyInjection *injection; /* (owned) (nullable) for API keys */
  gboolean has_api_key;
  gboolean has_oauth;
  char *username_field;      /* (owned) (nullable) set when the key is a pair, e.g. "email" */
  char *token_url;           /* (owned) (nullable) where a person makes the token */
  char *docs_url;            /* (owned) (nullable) */
  char *icon;                /* (owned) (nullable) name of the freedesktop icon naming spec. */
  GStrv keywords;            /* (owned) (nullable) what it is about, in English */
  GPtrArray *hosts;          /* (owned) (nullable) (element-type BfyServiceHost) where its
                                credential is right, besides its MCP server */
  GStrv token_variables;     /* (owned) (nullable) in which its tokens usually lie */
  GStrv base_url_variables;  /* (owned) (nullable) by which its SDK takes another base URL */
  char *base_path;           /* (owned) (nullable) what such a URL has behind the first host’s */
  char *git_host;            /* (owned) (nullable) of git over HTTPS, */
  char *git_username;        /* (owned) (nullable) and the name that goes with the token */
  GStrv instructions;        /* (owned) (nullable) steps, one sentence each */
  BfyServiceProbe *probe;    /* (owned) (nullable) "who am I" */
  BfyServiceOAuth *oauth;    /* (owned) (nullable) as has_oauth says */
  gboolean requires_refresh; /* its tokens are kept alive by refreshing; else, or when there is no
                                refresh token, by use (behaviour 8.3) */
  gint64 keepalive_interval_min;
  gboolean has_no_session_id; /* quirk: expected where a session is looked for (behaviour 16.3) */
  gboolean answers_get_405;   /* quirk: has no stream of its own */
  GPtrArray *capabilities;    /* (owned) (nullable) (element-type BfyCapability) */
  GPtrArray *methods;         /*< private >*/
  GPtrArray *token_patterns;  /* (owned) (nullable) (element-type BfyTokenPattern) until taken */
  char *text; /*< private >*/ /* (owned) the whole record, as short as it gets */
} BfyService;

/* Unknown members are an error that names them; so is a wrong type. BFY_ERROR_INVALID_ARGUMENT. */
BfyService *
bfy_service_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
BfyService *bfy_service_ref (BfyService *self);
void bfy_service_unref (BfyService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyService, bfy_service_unref)

/* id, name, mcp_url, supports_api_key, supports_oauth, oauth_client ("own", "dcr"), app_url,
 * requires_refresh, username_field, token_url, docs_url, icon, keywords, injection, names_account,
 * hosts (host, path), env (token, base_url), git (host, username), instructions, auth_modes,
 * applications, capabilities, token_patterns, sources; null where absent (behaviour 16.2). */
JsonObject *bfy_service_to_json (const BfyService *self);
/* The same for a list: null stands for instructions and for what to_json() has as the record has
 * it.
 */
JsonObject *bfy_service_to_brief_json (const BfyService *self);
/* (element-type BfyMethod) Of its REST interface, perhaps none. Most services are never asked, so
 * they are made when they are. Borrowed. */
GPtrArray *bfy_service_get_methods (BfyService *self);
/* (transfer full) The whole record, for readers of other members. It is kept as text: as a tree,
 * sixty of them take a megabyte. */
JsonObject *bfy_service_read_record (const BfyService *self) G_GNUC_WARN_UNUSED_RESULT;
