/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/base-urls.h"

#include <string.h>

#include "client/fields.h"
#include "protocol/client-key.h"

#define NO_KEY "bindify"

const char *
bfy_base_urls_bare_key (const char *key)
{
  return g_str_has_prefix (key, BFY_CLIENT_KEY_PREFIX) ? key + strlen (BFY_CLIENT_KEY_PREFIX) : key;
}

static gboolean
is_variable (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '_')
      return FALSE;

  return *name != '\0' && !g_ascii_isdigit (*name);
}

/* Shells and programs take no other names. */
static void
append (GStrvBuilder *list, const char *name, const char *value)
{
  g_autofree char *entry = g_strconcat (name, "=", value, NULL);

  if (is_variable (name))
    g_strv_builder_add (list, entry);
}

static void
append_all (GStrvBuilder *list, JsonObject *facts, const char *member, const char *value)
{
  JsonArray *names = bfy_field_array (facts, member);

  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    append (list, json_array_get_string_element (names, i), value);
}

static char *
name_variable (const char *name)
{
  g_autofree char *upper = g_ascii_strup (name, -1);

  for (char *c = upper; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c))
      *c = '_';

  return g_strdup_printf ("BINDIFY_%s_URL", upper);
}

GStrv
bfy_base_urls_list (const char *name, const char *url, JsonObject *facts, const char *token)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  g_autofree char *variable = name_variable (name);
  g_autofree char *base = g_strconcat (url, bfy_field_text (facts, "base_path"), NULL);

  append (list, variable, url);
  append_all (list, facts, "base_url", base);
  if (token != NULL || bfy_field_count (facts, "base_url") > 0)
    append_all (list, facts, "token", token != NULL ? token : NO_KEY);

  return g_strv_builder_end (list);
}

GStrv
bfy_base_urls_list_git (const char *base, const char *url, guint index)
{
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  g_autofree char *count = g_strdup_printf ("%u", index + 1);
  g_autofree char *key_name = g_strdup_printf ("GIT_CONFIG_KEY_%u", index);
  g_autofree char *value_name = g_strdup_printf ("GIT_CONFIG_VALUE_%u", index);
  g_autofree char *key = g_strdup_printf ("url.%s/.insteadOf", url);

  append (list, "GIT_CONFIG_COUNT", count);
  append (list, key_name, key);
  append (list, value_name, base);

  return g_strv_builder_end (list);
}

static char *
format (GStrv list)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; list[i] != NULL; i++)
    {
      const char *value = strchr (list[i], '=') + 1;
      g_autofree char *quoted = g_shell_quote (value);

      g_string_append_printf (text, "export %.*s%s\n", (int) (value - list[i]), list[i], quoted);
    }

  return g_string_free (text, FALSE);
}

char *
bfy_base_urls_format (const char *name, const char *url, JsonObject *facts)
{
  g_auto (GStrv) list = bfy_base_urls_list (name, url, facts, NULL);

  return format (list);
}

char *
bfy_base_urls_format_git (const char *base, const char *url)
{
  g_auto (GStrv) list = bfy_base_urls_list_git (base, url, 0);

  return format (list);
}
