/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/token-answer.h"

/* When a token is to be renewed, how long to wait after a failure, and what an answer of the token
 * endpoint means for the credential (behaviour 7, craft 1.9). Pure: the clock is handed in. */

#define BFY_REFRESH_WINDOW_S 300           /* ahead of expiry; behaviour 7.1 */
#define BFY_REFRESH_COOLDOWN_S 60          /* after the first failure; behaviour 7.5 */
#define BFY_REFRESH_COOLDOWN_MAX_S 900     /* after many */
#define BFY_REFRESH_RETRY_AFTER_MAX_S 3600 /* a server may ask for a longer pause, up to this */

typedef enum
{
  BFY_FRESH,   /* send it */
  BFY_DUE,     /* send it; a refresh is begun beside */
  BFY_EXPIRED, /* it must not be sent any more */
} BfyFreshness;

/* How long before its end a token is renewed: 5 minutes, a fifth of a shorter life, never less than
 * a second. @issued_at_s may be 0, not known. Up to a tenth of it is added by @jitter, any number,
 * so that tokens of one minute are not all renewed in one moment. */
gint64 bfy_refresh_window_s (gint64 issued_at_s, gint64 expires_at_s, guint jitter);

/* Of an access token; @expires_at_s 0: never. One that comes from the future is due: the clock was
 * set back, and its end cannot be told. */
BfyFreshness
bfy_refresh_judge (gint64 issued_at_s, gint64 expires_at_s, gint64 now_s, guint jitter);

/* Whether there is a way to new tokens. @credential: (nullable) */
gboolean bfy_refresh_can_renew (const BfyCredential *credential);

/* After the failure number @n_failures (1 is the first) without a success. @retry_after_s: what the
 * server asked for, 0 if nothing. */
gint64 bfy_refresh_cooldown_s (guint n_failures, gint64 retry_after_s);

/* In every case but the first the old set is kept as it is. */
typedef enum
{
  BFY_REFRESH_TAKE,  /* store what came, then use it */
  BFY_REFRESH_RETRY, /* cool down, then try again */
  BFY_REFRESH_LOGIN, /* only a person can help: no further attempt with this refresh token */
} BfyRefreshStep;

BfyRefreshStep bfy_refresh_decide (BfyTokenOutcome outcome);

/* For the event (behaviour 21.3): "refresh_failed", "invalid_grant", "unknown"; NULL when it is not
 * a failure. Static. */
const char *bfy_refresh_failure_category (BfyTokenOutcome outcome);
