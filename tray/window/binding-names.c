/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/binding-names.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/name.h"

#define TRIES_MAX 1000

JsonObject *
bfy_binding_names_find (BfyAgentLink *link, const char *name)
{
  JsonObject *reply = bfy_agent_link_get_bindings (link);

  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);

      if (g_str_equal (bfy_field_text (binding, "name"), name))
        return binding;
    }

  return NULL;
}

char *
bfy_binding_names_refuse (BfyAgentLink *link, const char *name)
{
  if (*name == '\0')
    return g_strdup (_ ("It needs a name."));
  if (!bfy_name_check (name, NULL))
    return g_strdup (_ ("A name has small letters a to z, digits, “-” and “_”, and begins with a "
                        "letter or a digit."));
  if (bfy_binding_names_find (link, name) != NULL)
    return g_strdup (_ ("There is a binding of that name already. Choose another name."));

  return NULL;
}

char *
bfy_binding_names_propose (BfyAgentLink *link, const char *wanted)
{
  /* Room for the number. */
  g_autofree char *base = g_strndup (wanted, BFY_NAME_LENGTH_MAX - 5);

  if (bfy_binding_names_find (link, wanted) == NULL)
    return g_strdup (wanted);
  for (guint i = 2; i < TRIES_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s-%u", base, i);

      if (bfy_binding_names_find (link, name) == NULL)
        return g_steal_pointer (&name);
    }

  return g_strdup (wanted);
}
