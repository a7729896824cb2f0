/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* AWS Signature Version 4: the credential itself never goes out, only a keyed hash over the request
 * that it vouches for. What is signed is the request in a canonical form, which the service makes
 * again from what it has received; so path and query must be sent as they are signed. Pure. */

/* Words that S3 takes in place of the hash of a body. */
#define BFY_SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
#define BFY_SIGV4_UNSIGNED_CHUNKS "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

#define BFY_SIGV4_HASH_BYTES 64 /* in hexadecimal digits */

typedef struct
{
  const char *name;
  const char *value;
} BfySigv4Header;

typedef struct
{
  const char *method;
  const char *path;              /* as it is sent, percent-encoded */
  const char *query;             /* (nullable) without "?" */
  const BfySigv4Header *headers; /* those that are signed, in any order and case */
  gsize n_headers;
  const char *payload; /* bfy_sigv4_hash() of the body, or a word of S3 */
} BfySigv4Request;

typedef struct
{
  const char *access_key_id;
  const BfySecret *secret_key;
  const char *scope; /* bfy_sigv4_scope_check() */
  const char *date;  /* bfy_sigv4_date() */
} BfySigv4Key;

/* What a signature is good for: "REGION/SERVICE". */
gboolean bfy_sigv4_scope_check (const char *scope);
/* That of a host of amazonaws.com, amazonaws.com.cn or on.aws; NULL when it does not tell. Free
 * with g_free(). */
char *bfy_sigv4_scope_from_host (const char *host);
/* S3 encodes a path once, normalizes none, and wants the hash of the body in a header. */
gboolean bfy_sigv4_scope_is_s3 (const char *scope);

/* 20150830T123600Z */
char *bfy_sigv4_date (gint64 time_s);
/* SHA-256 in hexadecimal digits. */
char *bfy_sigv4_hash (gconstpointer bytes, gsize length);
/* The path as it should be sent: every octet but the unreserved ones and slashes is escaped, once.
 */
char *bfy_sigv4_path (const char *path);
/* The query as it is signed, and should be sent: parameters sorted, a plus sign as the space that
 * it stands for, those of a presigned URL (X-Amz-Signature and its companions) left out. "" for
 * none. */
char *bfy_sigv4_query (const char *query);

char *bfy_sigv4_canonical_request (const BfySigv4Request *request, const char *scope);
/* The value of the Authorization header. */
BfySecret *bfy_sigv4_authorization (const BfySigv4Request *request, const BfySigv4Key *key);

/* What is stored as one secret: "SECRETKEY", or "SECRETKEY:SESSIONTOKEN". @token: NULL without one.
 */
void bfy_sigv4_split_secret (const BfySecret *secret, BfySecret **key, BfySecret **token);
