/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/constraints.h"
#include "protocol/expiry.h"
#include "protocol/injection.h"
#include "protocol/policy.h"
#include "protocol/program.h"
#include "protocol/timestamp.h"
#include "protocol/upstream.h"

/* A named use of a service or URL: upstream + how the credential goes in + limits. What a client
 * sees; it never contains a secret. Treated as immutable once shared: copy, change, store. */
typedef enum
{
  BFY_BINDING_MCP,
  BFY_BINDING_CUSTOM,
  BFY_BINDING_HTTP,
  BFY_BINDING_SDK,
  BFY_BINDING_DATABASE,
  BFY_BINDING_LOCAL_NETWORK,
} BfyBindingType;

/* In the order of how urgent it is to tell (design, Words). */
typedef enum
{
  BFY_STATE_OK,
  BFY_STATE_EXPIRING,
  BFY_STATE_NEEDS_LOGIN,
  BFY_STATE_LOCKED,
  BFY_STATE_PAUSED,
  BFY_STATE_UNSAVED,
  BFY_STATE_ERROR,
} BfyBindingState;

/* 0 in any field means: the default of limits.h (behaviour 14.1). */
typedef struct
{
  gint64 request_bytes_max;
  gint64 response_bytes_max; /* of a body; of one event in a stream */
  gint64 connect_timeout_ms;
  gint64 response_timeout_ms; /* until the response headers, and for the whole of a JSON body */
} BfyLimits;

#define BFY_REQUEST_BYTES_DEFAULT (1024 * 1024)
#define BFY_RESPONSE_BYTES_DEFAULT (10 * 1024 * 1024)
#define BFY_CONNECT_TIMEOUT_MS_DEFAULT 10000
#define BFY_RESPONSE_TIMEOUT_MS_DEFAULT 30000
/* No binding may ask for more. */
#define BFY_REQUEST_BYTES_CEILING (64 * 1024 * 1024)
#define BFY_RESPONSE_BYTES_CEILING (1024 * 1024 * 1024)
#define BFY_TIMEOUT_MS_CEILING (60 * 60 * 1000)

typedef struct
{
  gatomicrefcount ref_count;
  char *id;   /* (owned) UUID: the only thing the keyring is told */
  char *name; /* (owned) bfy_name_check() */
  BfyBindingType type;
  char *service;           /* (owned) (nullable) catalogue id */
  char *url;               /* (owned) (nullable) upstream URL, canonical; NULL for custom */
  BfyProgram *program;     /* (owned) (nullable) for custom only */
  BfyInjection *injection; /* (owned) */
  BfyPolicy *policy;       /* (owned) (nullable) NULL: everything is allowed */
  char *auth_type;         /* (owned) "none", "api_key", "basic", "oauth", "custom" */
  char *account;           /* (owned) (nullable) label the person gave */
  char *mac; /* (owned) (nullable) bfy_mac_format(): what wakes it, of type local-network only */
  char *keyring;      /* (owned) backend name, chosen at creation (behaviour 12.10); "none" without
                         credential */
  gboolean is_sealed; /* else managed */
  gboolean allow_local;        /* the person accepted a loopback or private upstream */
  gboolean confirms;           /* a person is asked before each use that no grant covers */
  gboolean reveals;            /* its credential may be told to a program, each time by a yes */
  BfyConstraints *constraints; /* (owned) (nullable) NULL: none */
  gint64 n_uses;               /* of a binding whose uses are counted */
  BfyExpiry ends;              /* not set: it lasts until it is removed */
  BfyBindingState state;
  BfyLimits limits;
  gint64 created_at_s;     /* Unix time */
  gint64 last_used_at_s;   /* 0 = never */
  gint64 needs_login_at_s; /* 0 = not */
  gint64 expires_at_s;     /* of an OAuth access token; 0 = never, or not known */
  gint64 issued_at_s;      /* when that token came; 0 = not known. Not told to clients */
  gint64 refreshed_at_s;   /* when its tokens, or its session, were last renewed; 0 = never */
  gboolean can_refresh;    /* there is a refresh token, or a client that can ask anew */
  gint64 paused_at_s;      /* 0 = not */
  BfyExpiry resumes;       /* of a pause that ends by itself */
} BfyBinding;

/* Empty, with one reference; the caller fills it. */
BfyBinding *bfy_binding_new (void);
BfyBinding *bfy_binding_copy (const BfyBinding *self);
BfyBinding *bfy_binding_ref (BfyBinding *self);
void bfy_binding_unref (BfyBinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyBinding, bfy_binding_unref)

/* Of a token that cannot be refreshed: a fifth of its life, but no more than this, before its end
 * the binding is “expiring”. */
/* Whether it is a REST service: /http is its door. */
gboolean bfy_binding_is_rest (const BfyBinding *self);
/* Whether its URL is the base of REST requests, which for one with methods are made here. */
gboolean bfy_binding_has_rest_url (const BfyBinding *self);

#define BFY_BINDING_EXPIRING_S (24 * 60 * 60)

/* Its state, as far as the time alone tells: one that is “ok” is “expiring” towards the end of a
 * token that cannot be refreshed, and “needs_login” after it. */
BfyBindingState bfy_binding_state_at (const BfyBinding *self, gint64 now_s);

/* Limits with defaults filled in. */
BfyLimits bfy_limits_effective (const BfyLimits *self);
/* BFY_ERROR_INVALID_ARGUMENT for what is negative or beyond the ceiling. */
gboolean bfy_limits_check (const BfyLimits *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Each member as it is, 0 for a default. */
JsonObject *bfy_limits_to_json (const BfyLimits *self);
/* Checked. What @object does not name keeps the value it has in @limits; on an error nothing
 * changes. */
gboolean bfy_limits_from_json (JsonObject *object,
                               BfyLimits *limits,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The public form of behaviour 23: id, name, type, service, url, state, auth_type, mode
 * ("managed"/"sealed"), keyring, account, injection, command, has_policy, profile, mac, limits,
 * can_refresh, confirms, reveals, constraints, n_uses, created_at, last_used_at, needs_login_at,
 * expires_at, refreshed_at, paused_at, resumes_at, ends_at; times RFC 3339 UTC or null. The policy
 * itself is a document of its own. Unknown members are ignored on the way in, because a client may
 * be older than its agent. What is known has its type, a name that passes bfy_name_check() and, of
 * type, state and mode, a known value: BFY_ERROR_BAD_REQUEST or BFY_ERROR_INVALID_ARGUMENT. id,
 * name and type must be there. */
JsonObject *bfy_binding_to_json (const BfyBinding *self);
BfyBinding *bfy_binding_from_json (JsonObject *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;

const char *bfy_binding_type_to_wire (BfyBindingType type);
gboolean bfy_binding_type_from_wire (const char *wire, BfyBindingType *type);
const char *bfy_binding_state_to_wire (BfyBindingState state);
gboolean bfy_binding_state_from_wire (const char *wire, BfyBindingState *state);
