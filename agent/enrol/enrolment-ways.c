/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What bindings of REST services may have beside the rest: a signature's scope, what wakes a
 * device, and the members of "network" in their policy that can be said when they are added. */

#include "agent/enrol/enrolment.h"
#include "agent/wakeable.h"
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

/* Takes @value; NULL: that is not wished for. */
static gboolean
add_way (BfyBinding *binding, const char *name, JsonNode *value, GError **error)
{
  BfyPolicy *with;

  if (value == NULL)
    return TRUE;
  with = bfy_policy_with_network (binding->policy, name, value, error);
  if (with == NULL)
    return FALSE;
  bfy_policy_unref (binding->policy);
  binding->policy = with;

  return TRUE;
}

static JsonNode *
new_flag (gboolean is_wanted)
{
  return is_wanted ? json_node_init_boolean (json_node_alloc (), TRUE) : NULL;
}

static JsonNode *
new_text (const char *text)
{
  return text != NULL ? json_node_init_string (json_node_alloc (), text) : NULL;
}

/* Whoever is reached over the internet has an authority to vouch for it. */
static gboolean
check_certificate (const BfyEnrolment *self, GError **error)
{
  if (self->certificate == NULL || g_strcmp0 (self->type, "local-network") == 0)
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "A certificate of its own goes with the type local-network only");

  return FALSE;
}

gboolean
bfy_enrolment_fill_ways (const BfyEnrolment *self, BfyBinding *binding, GError **error)
{
  return check_certificate (self, error) &&
         (self->mac == NULL || bfy_wakeable_set (binding, self->mac, error)) &&
         add_way (binding, "certificate", new_text (self->certificate), error) &&
         add_way (binding, "rewrite_links", new_flag (self->rewrites_links), error) &&
         add_way (binding, "keep_cookies", new_flag (self->keeps_cookies), error);
}
