/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/retention.h"
#include "protocol/binding.h"

struct _BfyPromptTimes;

/* bindify.conf, a key file. A key that is empty, misspelt, of the wrong type or out of range counts
 * as not written, and only that key (behaviour 1.4); each such case is kept as one line for the
 * log. Reading therefore never fails. Immutable.
 *
 *   [agent]
 *   port=7391
 *   tcp=true
 *   keyring=auto
 *   vault-key-file=/media/stick/bindify.key
 *   collection=default
 *   lifetime=0
 *   bindings_max=0
 *
 *   [network]
 *   proxy=system
 *   proxy_resolves=false
 *
 *   [oauth]
 *   client-metadata-url=https://example.com/bindify.json
 *
 *   [log]
 *   format=text
 *   events_per_binding=200
 *   events=20000
 *   days=0
 *
 *   [policy]
 *   profile=reads-flow
 *
 *   [lock]
 *   on=screen,suspend,session
 *
 *   [prompts]
 *   wait_ms=35000
 *   hold_ms=110000
 *   life_ms=120000
 *   quiet_ms=300000
 *   silent_ms=2000
 *   beat_ms=10000
 *   askpass=/usr/bin/ssh-askpass
 *
 *   [limits]
 *   request_bytes_max=1048576
 *   response_bytes_max=10485760
 *   connect_timeout_ms=10000
 *   response_timeout_ms=30000
 *
 * A port of 0 picks a free one; without tcp there is no port, only the UNIX door; keyring is auto,
 * secret-service, vault or memory; vault-key-file is an absolute path, instead of vault.key beside
 * the vault; collection is where the Secret Service puts new credentials, an object path, an alias
 * or a label; lifetime is how long new bindings last for which nothing else is said, such as 8h,
 * and 0 until they are removed; bindings_max is how many bindings that are not paused there may be,
 * and 0 any number; proxy is none, system (what the environment says) or http://HOST:PORT, and with
 * proxy_resolves names are looked up by it, unchecked; client-metadata-url is where authorization
 * servers that want it find a document about us; profile is the policy that new bindings start
 * with; on is what locks the agent by itself, none for nothing: screen while all screens of the
 * person are locked, suspend while the machine sleeps, session once the last session before a
 * screen has ended; format is text or json, and counts where the log does not go to the journal;
 * events are how many are kept, and days for how long, 0 for as long as there is room; prompts are
 * how long a request waits for a person, how long one that is kept alive does, when a question is
 * over, and how long a client is left alone after too many, 1000 at least, and 0 is the built-in
 * value; askpass is an absolute path, see agent/prompt/askpass.h; limits are those of bindings that
 * have none of their own, and 0 is the built-in value.
 */
typedef struct
{
  guint16 port;
  gboolean listens_tcp;
  char *keyring;        /* (owned) BFY_SETTINGS_KEYRING_AUTO or the name of a backend */
  char *vault_key_file; /* (owned) (nullable) absolute */
  char *collection;     /* (owned) (nullable) NULL is the desktop's default */
  gint64 lifetime_s;    /* of new bindings; 0: without end */
  guint bindings_max;   /* that are not paused; 0: any number */
  char *proxy;          /* (owned) (nullable) bfy_proxies_new(), also of what is wrong */
  gboolean proxy_resolves;
  char *client_metadata_url; /* (owned) (nullable) bfy_oauth_url_check_document() */
  gboolean logs_json;        /* one object per line, instead of GLib's text */
  char *profile;             /* (owned) one of bfy_policy_profile_names() */
  guint lock_on;             /* set of BfyHeld */
  BfyLimits limits;          /* none is 0 */
  BfyRetention retention;
  guint prompt_wait_ms;
  guint prompt_hold_ms;
  guint prompt_life_ms;
  guint prompt_quiet_ms;
  guint prompt_silent_ms;
  guint prompt_beat_ms;
  char *askpass;  /* (owned) (nullable) absolute */
  GStrv problems; /* (owned) one line each: "FILE: what, and what is used instead" */
} BfySettings;

#define BFY_SETTINGS_PORT_DEFAULT 7391
#define BFY_SETTINGS_KEYRING_AUTO "auto"
#define BFY_SETTINGS_PROFILE_DEFAULT "reads-flow"
#define BFY_SETTINGS_PROMPT_MS_MIN 200
#define BFY_SETTINGS_PROMPT_MS_MAX (60 * 60 * 1000)
#define BFY_SETTINGS_BYTES_MAX (64 * 1024)

/* A file that is missing means defaults, without a problem. */
BfySettings *bfy_settings_load (const char *path);
/* @name is how the problems call the text. */
BfySettings *bfy_settings_parse (const char *text, gsize length, const char *name);
/* Of the prompts; 0 where nothing is written. */
void bfy_settings_prompt_times (const BfySettings *self, struct _BfyPromptTimes *times);
void bfy_settings_free (BfySettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySettings, bfy_settings_free)
