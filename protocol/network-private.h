/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/network-policy.h"

/* Shared by the document (network-policy.c), one pattern of it (network-pattern.c) and its use
 * (network-decide.c). */

typedef enum
{
  BFY_PATTERN_ANY,
  BFY_PATTERN_HOST,  /* exactly this name */
  BFY_PATTERN_BELOW, /* this name and what is below it */
  BFY_PATTERN_RANGE, /* of addresses; a single one is a small range */
} BfyPatternKind;

typedef enum
{
  BFY_PATTERN_BOTH,
  BFY_PATTERN_HTTPS,
  BFY_PATTERN_HTTP,
} BfyPatternScheme;

typedef struct
{
  BfyPatternKind kind;
  BfyPatternScheme scheme;
  guint16 port;      /* 0: every port */
  char *text;        /* (owned) as it was written */
  char *host;        /* (owned) (nullable) canonical */
  guint8 prefix[16]; /* of a range */
  guint8 length;     /* 4 or 16 */
  guint8 n_bits;
} BfyPattern;

typedef struct
{
  guint16 first, last;
  gboolean is_text; /* as it was written */
} BfyPortRange;

struct _BfyNetworkPolicy
{
  gatomicrefcount ref_count;
  GArray *allow;     /* (owned) (element-type BfyPattern) */
  GArray *block;     /* (owned) (element-type BfyPattern) */
  GArray *ports;     /* (owned) (element-type BfyPortRange) */
  gboolean flags[5]; /* in the order of the enum below */
  gint64 numbers[3]; /* request_bytes_max, response_bytes_max, timeout_ms */
  char *certificate; /* (owned) (nullable) */
};

enum
{
  BFY_NETWORK_FLAG_LOOPBACK,
  BFY_NETWORK_FLAG_PRIVATE,
  BFY_NETWORK_FLAG_PLAIN_HTTP,
  BFY_NETWORK_FLAG_REWRITE_LINKS,
  BFY_NETWORK_FLAG_KEEP_COOKIES,
};

enum
{
  BFY_NETWORK_REQUEST_BYTES_MAX,
  BFY_NETWORK_RESPONSE_BYTES_MAX,
  BFY_NETWORK_TIMEOUT_MS,
};

/* NULL, or what is wrong with @text: to stand behind "line 3: ". Fills @self, which was zeroed, in
 * either case. Free with g_free(). */
char *bfy_pattern_read (BfyPattern *self, const char *text);
void bfy_pattern_clear (gpointer self);
/* Of the host as the URL names it, be that a name or an address. */
gboolean bfy_pattern_fits_url (const BfyPattern *self, const BfyUpstream *url);
/* Of an address that @url leads to, and of one inside it. */
gboolean bfy_pattern_fits_address (const BfyPattern *self,
                                   const BfyUpstream *url,
                                   const guint8 *bytes,
                                   gsize length);
