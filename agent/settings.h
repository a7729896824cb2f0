/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/retention.h"
#include "protocol/binding.h"

/* bindify.conf, a key file. A key that is empty, misspelt, of the wrong type or out of range counts
 * as not written, and only that key (behaviour 1.4); each such case is kept as one line for the
 * log. Reading therefore never fails. Immutable.
 *
 *   [agent]
 *   port=7391
 *   keyring=auto
 *   vault-key-file=/media/stick/bindify.key
 *   collection=default
 *
 *   [oauth]
 *   client-metadata-url=https://example.com/bindify.json
 *
 *   [limits]
 *   request_bytes_max=1048576
 *   response_bytes_max=10485760
 *   connect_timeout_ms=10000
 *   response_timeout_ms=30000
 *
 *   [log]
 *   events_per_binding=200
 *   events=20000
 *   days=0
 *
 * A port of 0 picks a free one; keyring is auto, secret-service, vault or memory; vault-key-file is
 * an absolute path, instead of vault.key beside the vault; collection is where the Secret Service
 * puts new credentials, an object path, an alias or a label; client-metadata-url is where
 * authorization servers that want it find a document about us; limits are those of bindings that
 * have none of their own, and 0 is the built-in value; log is how many events are kept, and for how
 * many days, 0 for as long as there is room.
 */
typedef struct
{
  guint16 port;
  char *keyring;             /* (owned) BFY_SETTINGS_KEYRING_AUTO or the name of a backend */
  char *vault_key_file;      /* (owned) (nullable) absolute */
  char *collection;          /* (owned) (nullable) NULL is the desktop's default */
  char *client_metadata_url; /* (owned) (nullable) bfy_oauth_url_check_document() */
  BfyLimits limits;          /* none is 0 */
  BfyRetention retention;
  GStrv problems; /* (owned) one line each: "FILE: what, and what is used instead" */
} BfySettings;

#define BFY_SETTINGS_PORT_DEFAULT 7391
#define BFY_SETTINGS_KEYRING_AUTO "auto"
#define BFY_SETTINGS_BYTES_MAX (64 * 1024)

/* A file that is missing means defaults, without a problem. */
BfySettings *bfy_settings_load (const char *path);
/* @name is how the problems call the text. */
BfySettings *bfy_settings_parse (const char *text, gsize length, const char *name);
void bfy_settings_free (BfySettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySettings, bfy_settings_free)
