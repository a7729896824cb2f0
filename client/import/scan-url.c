/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* URLs that carry a credential among the parameters of their query, as some services tell their
 * users to write them. What is no secret stays in the URL, byte for byte. */

#include <string.h>

#include "client/import/scan-private.h"
#include "client/plaintext.h"

#define SURE_NAME "api_key" /* under which any value that looks like a secret is one */

/* Names that say nothing elsewhere, but do in a URL. */
static const char *const own_names[] = { "key", "code", "auth", NULL };

/* (nullable) */
static BfyFind *
judge (const char *name, const char *value)
{
  BfyFind *find = bfy_find_new (name, value);
  const char *service = NULL;
  const char *kind;

  if (find != NULL || !g_strv_contains (own_names, name))
    return find;
  kind = bfy_plaintext_judge (SURE_NAME, value, &service);

  return kind != NULL ? bfy_find_new_sure (name, kind, value) : NULL;
}

/* NAME=VALUE; NULL when that is no secret. */
static BfyFind *
take_parameter (const char *parameter)
{
  const char *equals = strchr (parameter, '=');
  g_autofree char *name = equals != NULL ? g_uri_unescape_segment (parameter, equals, NULL) : NULL;
  g_auto (BfyWipedText) value = name != NULL ? g_uri_unescape_string (equals + 1, NULL) : NULL;
  BfyFind *find = value != NULL && g_utf8_validate (value, -1, NULL) ? judge (name, value) : NULL;

  if (find != NULL)
    find->query = g_steal_pointer (&name);

  return find;
}

static void
wipe_all (char **words)
{
  for (guint i = 0; words[i] != NULL; i++)
    bfy_wipe_free (words[i]);
  g_free (words);
}

char *
bfy_scan_url (const char *url, GPtrArray *finds)
{
  gsize length = strcspn (url, "?#");
  gsize end = strcspn (url, "#");
  g_auto (BfyWipedText) query =
      url[length] == '?' ? g_strndup (url + length + 1, end - length - 1) : g_strdup ("");
  char **parameters = g_strsplit (query, "&", -1);
  GString *rest = g_string_new_len (url, (gssize) length);
  char joint = '?';

  for (guint i = 0; parameters[i] != NULL; i++)
    {
      BfyFind *find = take_parameter (parameters[i]);

      if (find != NULL)
        {
          g_ptr_array_add (finds, find);
          continue;
        }
      g_string_append_c (rest, joint);
      g_string_append (rest, parameters[i]);
      joint = '&';
    }
  g_string_append (rest, url + end);
  wipe_all (parameters);

  return g_string_free (rest, FALSE);
}
