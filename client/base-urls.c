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

static void
append (GString *text, const char *name, const char *value)
{
  g_autofree char *quoted = g_shell_quote (value);

  if (is_variable (name))
    g_string_append_printf (text, "export %s=%s\n", name, quoted);
}

static void
append_all (GString *text, JsonObject *facts, const char *member, const char *value)
{
  JsonArray *names = bfy_field_array (facts, member);

  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    append (text, json_array_get_string_element (names, i), value);
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

char *
bfy_base_urls_format (const char *name, const char *url, JsonObject *facts)
{
  GString *text = g_string_new (NULL);
  g_autofree char *variable = name_variable (name);
  g_autofree char *base = g_strconcat (url, bfy_field_text (facts, "base_path"), NULL);

  append (text, variable, url);
  append_all (text, facts, "base_url", base);
  if (bfy_field_count (facts, "base_url") > 0)
    append_all (text, facts, "token", NO_KEY);

  return g_string_free (text, FALSE);
}

char *
bfy_base_urls_format_git (const char *base, const char *url)
{
  GString *text = g_string_new (NULL);
  g_autofree char *key = g_strdup_printf ("url.%s/.insteadOf", url);

  append (text, "GIT_CONFIG_COUNT", "1");
  append (text, "GIT_CONFIG_KEY_0", key);
  append (text, "GIT_CONFIG_VALUE_0", base);

  return g_string_free (text, FALSE);
}
