/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/secret.h"

/* How a credential is put into an upstream request (behaviour 5.6, 5.7). */
typedef enum
{
  BFY_INJECT_NONE,   /* the upstream needs no credential */
  BFY_INJECT_HEADER, /* NAME: PREFIX + key */
  BFY_INJECT_BASIC,  /* Authorization: Basic base64 (user:password) */
  BFY_INJECT_QUERY,  /* ?NAME=key on the upstream URL */
  BFY_INJECT_PATH,   /* as NAME, "/bot{token}", says, before the path of the upstream URL */
  BFY_INJECT_BODY,   /* field NAME of a form or a JSON object */
  BFY_INJECT_SIGV4,  /* a signature of AWS made with it; NAME is "REGION/SERVICE" (sigv4.h) */
} BfyInjectKind;

typedef struct
{
  BfyInjectKind kind;
  char *name;   /* (owned) (nullable) as the kind says */
  char *prefix; /* (owned) (nullable) "Bearer " and the like; header only */
} BfyInjection;

BfyInjection *bfy_injection_new (BfyInjectKind kind, const char *name, const char *prefix);
BfyInjection *bfy_injection_copy (const BfyInjection *self);
void bfy_injection_free (BfyInjection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyInjection, bfy_injection_free)

/* Header names are RFC 9110 tokens; framing, connection and MCP headers (Host, Content-Length,
 * Transfer-Encoding, Connection, Mcp-Session-Id, …) are refused, so are Cookie and what the proxy
 * itself decides; prefixes hold visible ASCII and spaces only. A prefix belongs to HEADER; NONE and
 * BASIC have no name, SIGV4 may be without until a host has told. BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_injection_check (const BfyInjection *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One or more token characters of RFC 9110. */
gboolean bfy_header_name_is_token (const char *name);
/* Whether it is on a list that ends with NULL, where a name that ends with a star stands for all
 * that begin so; in any case of letters. */
gboolean bfy_header_name_is_among (const char *name, const char *const *list);
/* Visible ASCII and spaces only, so that it fits into one header line. */
gboolean bfy_header_value_is_clean (const char *value);

/* The header value for HEADER and BASIC as a secret: prefix + key, or "Basic " + base64.
 * BFY_ERROR_CREDENTIAL_DAMAGED when the secret is empty, holds control characters or, in HEADER,
 * bytes over 0x7e (in BASIC the base64 covers them, RFC 7617). @user (nullable) is used by BASIC
 * only and holds no colon. */
BfySecret *bfy_injection_header_value (const BfyInjection *self,
                                       const char *user,
                                       const BfySecret *secret,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the body has to be there as a whole before the head can be sent: the credential goes into
 * it, or into a signature of it. */
gboolean bfy_injection_takes_body (const BfyInjection *self);
/* The header that carries the credential, or NULL for those that go elsewhere. Borrowed. */
const char *bfy_injection_header_name (const BfyInjection *self);
/* For QUERY, of a checked injection: the existing query (without "?", may be NULL) with a parameter
 * of that name removed and ours appended, percent-encoded. The result is a secret. */
BfySecret *
bfy_injection_query (const BfyInjection *self, const char *query, const BfySecret *secret);

/* {"kind":"header","name":"Authorization","prefix":"Bearer "} */
JsonObject *bfy_injection_to_json (const BfyInjection *self);
BfyInjection *bfy_injection_from_json (JsonObject *object,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
const char *bfy_inject_kind_to_wire (BfyInjectKind kind);
gboolean bfy_inject_kind_from_wire (const char *wire, BfyInjectKind *kind);
