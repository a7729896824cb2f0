/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/device-answer.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/oauth-members.h"
#include "protocol/oauth-url.h"
#include "protocol/token-answer.h"

#define USER_CODE_LENGTH_MAX 64
#define EXPIRES_IN_S_MAX (24 * 60 * 60)
#define INTERVAL_S_DEFAULT 5
#define INTERVAL_S_MAX 60

void
bfy_device_answer_free (BfyDeviceAnswer *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->device_code, bfy_secret_unref);
  g_free (self->user_code);
  g_free (self->verification_uri);
  g_free (self->verification_uri_complete);
  g_free (self);
}

static gboolean
refuse (GError **error, const char *problem)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
               "The authorization server did not begin a device sign-in: %s", problem);

  return FALSE;
}

/* A person opens it, and it is judged like every other URL of a sign-in. */
static gboolean
is_openable (const char *uri, gboolean allow_local)
{
  g_autoptr (BfyUpstream) page = bfy_oauth_url_judge (uri, allow_local, "the page", NULL);

  return page != NULL;
}

static gboolean
read_uris (BfyDeviceAnswer *self,
           const BfyOAuthMembers *members,
           gboolean allow_local,
           GError **error)
{
  g_autofree char *complete = NULL;

  /* The second name is that of the drafts, which Google still has. */
  if (bfy_oauth_members_get_text (members, "verification_uri", &self->verification_uri) ==
      BFY_MEMBER_ABSENT)
    (void) bfy_oauth_members_get_text (members, "verification_url", &self->verification_uri);
  if (self->verification_uri == NULL || !is_openable (self->verification_uri, allow_local))
    return refuse (error, "its answer names no page that could be opened");

  (void) bfy_oauth_members_get_text (members, "verification_uri_complete", &complete);
  if (complete != NULL && is_openable (complete, allow_local))
    self->verification_uri_complete = g_steal_pointer (&complete);

  return TRUE;
}

static gboolean
read_codes (BfyDeviceAnswer *self, const BfyOAuthMembers *members, GError **error)
{
  if (bfy_oauth_members_get_secret (members, "device_code", &self->device_code) !=
          BFY_MEMBER_PRESENT ||
      bfy_secret_length (self->device_code) == 0)
    return refuse (error, "its answer has no “device_code”");
  if (bfy_oauth_members_get_text (members, "user_code", &self->user_code) != BFY_MEMBER_PRESENT ||
      strlen (self->user_code) > USER_CODE_LENGTH_MAX)
    return refuse (error, "its answer has no “user_code” that could be shown");

  return TRUE;
}

static gboolean
read_times (BfyDeviceAnswer *self, const BfyOAuthMembers *members, GError **error)
{
  self->interval_s = INTERVAL_S_DEFAULT;
  if (bfy_oauth_members_get_seconds (members, "expires_in", &self->expires_in_s) !=
          BFY_MEMBER_PRESENT ||
      self->expires_in_s == 0)
    return refuse (error, "its answer does not say how long the code lives");
  if (bfy_oauth_members_get_seconds (members, "interval", &self->interval_s) == BFY_MEMBER_WRONG)
    return refuse (error, "its answer has an “interval” that is none");

  self->expires_in_s = MIN (self->expires_in_s, EXPIRES_IN_S_MAX);
  self->interval_s = CLAMP (self->interval_s, 1, INTERVAL_S_MAX);

  return TRUE;
}

/* The error codes are those of a token endpoint, and so is the way to read them, with status 200
 * among them. */
static gboolean
check_refusal (guint status, const char *content_type, const BfySecret *body, GError **error)
{
  g_autoptr (BfyTokenAnswer) answer = bfy_token_answer_parse (status, content_type, body, 0);
  g_autofree char *problem = NULL;

  if (status >= 200 && status < 300 && answer->error == NULL)
    return TRUE;

  problem = answer->error != NULL ? g_strdup_printf ("%s (HTTP %u)", answer->error, status)
                                  : g_strdup_printf ("it answered with HTTP status %u", status);

  return refuse (error, problem);
}

BfyDeviceAnswer *
bfy_device_answer_parse (guint status,
                         const char *content_type,
                         const BfySecret *body,
                         gboolean allow_local,
                         GError **error)
{
  g_autoptr (BfyDeviceAnswer) self = g_new0 (BfyDeviceAnswer, 1);
  BfyOAuthMembers members;

  if (!check_refusal (status, content_type, body, error))
    return NULL;
  if (!bfy_oauth_members_init (&members, content_type, body))
    {
      refuse (error, "its answer is neither JSON nor a form");
      return NULL;
    }
  if (!read_codes (self, &members, error) || !read_uris (self, &members, allow_local, error) ||
      !read_times (self, &members, error))
    return NULL;

  return g_steal_pointer (&self);
}
