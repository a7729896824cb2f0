/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/refresh-plan.h"

#define SHARE_OF_LIFE 5
#define JITTER_SHARE 10
#define JITTER_STEPS 256
#define CLOCK_SKEW_S 60 /* a clock that far behind is not one that was set back */

gint64
bfy_refresh_window_s (gint64 issued_at_s, gint64 expires_at_s, guint jitter)
{
  gint64 life_s =
      issued_at_s > 0 && expires_at_s > issued_at_s ? expires_at_s - issued_at_s : G_MAXINT64;
  gint64 window_s = CLAMP (life_s / SHARE_OF_LIFE, 1, BFY_REFRESH_WINDOW_S);

  return window_s + window_s * (gint64) (jitter % JITTER_STEPS) / (JITTER_SHARE * JITTER_STEPS);
}

BfyFreshness
bfy_refresh_judge (gint64 issued_at_s, gint64 expires_at_s, gint64 now_s, guint jitter)
{
  if (expires_at_s <= 0)
    return BFY_FRESH;
  if (expires_at_s <= now_s)
    return BFY_EXPIRED;
  if (issued_at_s > 0 && issued_at_s - CLOCK_SKEW_S > now_s)
    return BFY_DUE;

  return expires_at_s - now_s <= bfy_refresh_window_s (issued_at_s, expires_at_s, jitter)
             ? BFY_DUE
             : BFY_FRESH;
}

gboolean
bfy_refresh_can_renew (const BfyCredential *credential)
{
  return credential != NULL && credential->type == BFY_CREDENTIAL_OAUTH_TOKEN &&
         credential->source != NULL &&
         (credential->refresh != NULL || credential->source->is_client_credentials);
}

gint64
bfy_refresh_cooldown_s (guint n_failures, gint64 retry_after_s)
{
  guint n_doublings = n_failures > 0 ? MIN (n_failures - 1, 10) : 0;

  if (retry_after_s > 0)
    return MIN (retry_after_s, BFY_REFRESH_RETRY_AFTER_MAX_S);

  return MIN ((gint64) BFY_REFRESH_COOLDOWN_S << n_doublings, BFY_REFRESH_COOLDOWN_MAX_S);
}

BfyRefreshStep
bfy_refresh_decide (BfyTokenOutcome outcome)
{
  switch (outcome)
    {
    case BFY_TOKEN_GRANTED:
      return BFY_REFRESH_TAKE;
    case BFY_TOKEN_REFUSED:
      return BFY_REFRESH_LOGIN;
    case BFY_TOKEN_TRANSIENT:
    case BFY_TOKEN_PENDING:
    case BFY_TOKEN_UNUSABLE:
      break;
    }

  return BFY_REFRESH_RETRY;
}

const char *
bfy_refresh_failure_category (BfyTokenOutcome outcome)
{
  switch (outcome)
    {
    case BFY_TOKEN_GRANTED:
      return NULL;
    case BFY_TOKEN_REFUSED:
      return "invalid_grant";
    case BFY_TOKEN_TRANSIENT:
    case BFY_TOKEN_PENDING:
      return "refresh_failed";
    case BFY_TOKEN_UNUSABLE:
      break;
    }

  return "unknown";
}
