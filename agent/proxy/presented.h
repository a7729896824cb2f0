/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "protocol/credential.h"
#include "protocol/injection.h"

/* A request as it is about to go out, without its credential. */
typedef struct
{
  const char *method;
  GUri *uri;
  SoupMessageHeaders *headers;
  GBytes *body; /* (nullable) */
} BfyOutgoing;

#define BFY_PRESENTED_FIELDS_MAX 2

typedef struct
{
  const char *name; /* borrowed from the injection, or static */
  BfySecret *value; /* (owned) */
} BfyPresentedField;

/* What the credential makes of a request: parts of it that stand in secret memory until its head is
 * written. One for both kinds of legs (leg.h), so that each way to present a credential exists
 * once. */
typedef struct
{
  BfyPresentedField fields[BFY_PRESENTED_FIELDS_MAX]; /* headers */
  guint n_fields;
  BfySecret *path;  /* (owned) (nullable) when set, it and @query are in place of the URL's */
  BfySecret *query; /* (owned) (nullable) */
} BfyPresented;

/* @credential may be NULL for NONE. What is in BODY has been put there before
 * (bfy_presented_body()). BFY_ERROR_CREDENTIAL_MISSING, and what the injection says. */
gboolean bfy_presented_make (BfyPresented *self,
                             const BfyOutgoing *request,
                             const BfyInjection *injection,
                             const BfyCredential *credential,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The body to send: @body itself (nullable) but for an injection of kind BODY. (transfer full) */
gboolean bfy_presented_body (const BfyInjection *injection,
                             const BfyCredential *credential,
                             const char *content_type,
                             GBytes *body,
                             GBytes **sent,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* How long it is at most, as a part of a head. */
gsize bfy_presented_length (const BfyPresented *self);
void bfy_presented_clear (BfyPresented *self);
void bfy_presented_add (BfyPresented *self, const char *name, BfySecret *value);
