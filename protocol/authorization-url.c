/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/authorization-url.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *value; /* NULL or empty: left out */
} Parameter;

static gboolean
is_ours (const char *pair, gsize length, const Parameter *parameters, gsize n_parameters)
{
  const char *equals = memchr (pair, '=', length);
  g_autofree char *name =
      g_uri_unescape_segment (pair, equals != NULL ? equals : pair + length, NULL);

  for (gsize i = 0; i < n_parameters; i++)
    {
      if (g_strcmp0 (name, parameters[i].name) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
append_pair (GString *url, const char *pair, gsize length)
{
  const char *query = strchr (url->str, '?');

  g_string_append_c (url, query == NULL ? '?' : '&');
  g_string_append_len (url, pair, (gssize) length);
}

/* As it is written there, escapes and all. */
static void
keep_query (
    GString *url, const char *query, gsize length, const Parameter *parameters, gsize n_parameters)
{
  const char *end = query + length;
  const char *next;

  for (const char *pair = query; pair < end; pair = next + 1)
    {
      gsize pair_length;

      next = memchr (pair, '&', (gsize) (end - pair));
      if (next == NULL)
        next = end;
      pair_length = (gsize) (next - pair);
      if (pair_length > 0 && !is_ours (pair, pair_length, parameters, n_parameters))
        append_pair (url, pair, pair_length);
    }
}

/* A space is %20 here and not "+", which some servers do not take for one in a URL. */
static void
append_parameter (GString *url, const Parameter *parameter)
{
  g_autofree char *value = NULL;
  g_autofree char *pair = NULL;

  if (parameter->value == NULL || *parameter->value == '\0')
    return;

  value = g_uri_escape_string (parameter->value, NULL, FALSE);
  pair = g_strconcat (parameter->name, "=", value, NULL);
  append_pair (url, pair, strlen (pair));
}

char *
bfy_authorization_to_url (const BfyAuthorization *self)
{
  const Parameter parameters[] = {
    { "response_type", "code" },
    { "client_id", self->client_id },
    { "redirect_uri", self->redirect_uri },
    { "state", self->state },
    { "code_challenge", self->challenge },
    { "code_challenge_method", self->challenge != NULL ? "S256" : NULL },
    { "scope", self->scope },
    { "resource", self->resource },
    { "prompt", self->wants_consent ? "consent" : NULL },
  };
  gsize length = strcspn (self->endpoint, "#");
  gsize base_length = strcspn (self->endpoint, "?#");
  GString *url = g_string_new_len (self->endpoint, (gssize) base_length);

  if (base_length < length)
    keep_query (url, self->endpoint + base_length + 1, length - base_length - 1, parameters,
                G_N_ELEMENTS (parameters));
  for (gsize i = 0; i < G_N_ELEMENTS (parameters); i++)
    append_parameter (url, &parameters[i]);

  return g_string_free (url, FALSE);
}
