/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/policy-refusal.h"

#include "protocol/error.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 40

gboolean
bfy_policy_refuse (const char *document,
                   const BfyJsonSlice *where,
                   GError **error,
                   const char *problem)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "Not a policy: line %u: %s",
               bfy_json_line (document, where->start), problem);

  return FALSE;
}

gboolean
bfy_policy_refuse_unknown (const char *document, const BfyJsonSlice *key, GError **error)
{
  g_autofree char *name = bfy_json_slice_dup_string (key);
  g_autofree char *shown = bfy_text_to_line (name, SHOWN_CHARACTERS_MAX);
  g_autofree char *problem = g_strdup_printf ("“%s” is not known here", shown);

  return bfy_policy_refuse (document, key, error, problem);
}
