/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What bindings of REST services may have beside the rest: a signature's scope, and the members of
 * "network" in their policy that can be said when they are added. */

#include "agent/enrol/enrolment.h"
#include "protocol/policy-edit.h"
#include "protocol/sigv4.h"

gboolean
bfy_enrolment_fill_scope (const BfyEnrolment *self,
                          BfyBinding *binding,
                          const BfyUpstream *upstream,
                          GError **error)
{
  if (binding->injection->kind != BFY_INJECT_SIGV4)
    return TRUE;
  if (self->credential == NULL || self->credential->type != BFY_CREDENTIAL_BASIC_AUTH)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "A signature of AWS needs an access key id and a secret key");
      return FALSE;
    }
  if (binding->injection->name == NULL && upstream != NULL)
    binding->injection->name = bfy_sigv4_scope_from_host (upstream->host);
  if (binding->injection->name != NULL)
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "The host does not tell the region and the service to sign for, such as "
                       "eu-central-1/s3");

  return FALSE;
}

static gboolean
add_flag (BfyBinding *binding, gboolean is_wanted, const char *flag, GError **error)
{
  BfyPolicy *with;

  if (!is_wanted)
    return TRUE;
  with = bfy_policy_with_network_flag (binding->policy, flag, error);
  if (with == NULL)
    return FALSE;
  bfy_policy_unref (binding->policy);
  binding->policy = with;

  return TRUE;
}

gboolean
bfy_enrolment_fill_ways (const BfyEnrolment *self, BfyBinding *binding, GError **error)
{
  return add_flag (binding, self->rewrites_links, "rewrite_links", error) &&
         add_flag (binding, self->keeps_cookies, "keep_cookies", error);
}
