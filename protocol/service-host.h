/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/injection.h"

/* A place at which a service's credential is right: what a program that calls the service's API
 * reaches, and how the credential goes there. */
typedef struct
{
  char *name;              /* (owned) in small letters; "*.example.com" is any host below it */
  char *path;              /* (owned) how paths begin that are meant, "/" is all */
  BfyInjection *injection; /* (owned) (nullable) NULL = that of the service's API keys */
} BfyServiceHost;

/* (transfer full) (element-type BfyServiceHost) of a record that its schema has passed; NULL
 * without an error when there are none. */
GPtrArray *bfy_service_hosts_read (JsonObject *record, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_service_host_free (BfyServiceHost *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyServiceHost, bfy_service_host_free)

/* Whether a request to @path of @host, in small letters, is to this place. A path of this host
 * covers whole segments: "/v1" is not the beginning of "/v10". */
gboolean bfy_service_host_covers (const BfyServiceHost *self, const char *host, const char *path);
/* Whether some request is to both. */
gboolean bfy_service_host_overlaps (const BfyServiceHost *self, const BfyServiceHost *other);
