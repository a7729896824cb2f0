/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Policies to start from. Each is a document like any other, so that what is in force can be shown,
 * edited and set again. */

#include <string.h>

#include "protocol/name.h"
#include "protocol/policy.h"

static const char *const names[] = { "reads-flow", "read-only", "open", NULL };

static const char *const texts[] = {
  "{\"version\":1,\"default\":\"ask\",\"rules\":[{\"access\":\"read\",\"effect\":\"allow\"}]}",
  "{\"version\":1,\"default\":\"deny\",\"rules\":[{\"access\":\"read\",\"effect\":\"allow\"}]}",
  "{\"version\":1,\"default\":\"allow\",\"rules\":[]}",
};

G_STATIC_ASSERT (G_N_ELEMENTS (names) == G_N_ELEMENTS (texts) + 1);

BfyPolicy *
bfy_policy_new_profile (const char *name)
{
  g_autoptr (GError) error = NULL;
  BfyPolicy *policy;
  guint index;

  if (!bfy_name_find (names, G_N_ELEMENTS (texts), name, &index))
    return NULL;
  policy = bfy_policy_parse (texts[index], strlen (texts[index]), &error);
  g_assert_no_error (error);

  return policy;
}

const char *const *
bfy_policy_profile_names (void)
{
  return names;
}
