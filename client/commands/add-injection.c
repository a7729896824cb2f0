/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Where the token goes in a request, as the options of bindify-add say it. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/add.h"
#include "protocol/certificate-print.h"
#include "protocol/mac.h"

GOptionEntry *
bfy_add_join_injection_options (BfyAddPlace *place, const GOptionEntry *entries)
{
  const GOptionEntry ours[] = {
    { "in-path", 0, 0, G_OPTION_ARG_FILENAME, &place->path,
      N_ ("Send the token in the path of the URL, which begins with TEMPLATE: /bot{token}"),
      "TEMPLATE" },
    { "in-body", 0, 0, G_OPTION_ARG_FILENAME, &place->field,
      N_ ("Send the token as this field of a JSON object or a form"), "FIELD" },
    { "sigv4", 0, 0, G_OPTION_ARG_FILENAME, &place->access_key_id,
      N_ ("Sign requests for AWS with this access key; the secret key is asked for"), "KEY-ID" },
    { "sign-for", 0, 0, G_OPTION_ARG_FILENAME, &place->scope,
      N_ ("With --sigv4: region and service, where the host does not tell them"),
      "REGION/SERVICE" },
    { "rewrite-links", 0, 0, G_OPTION_ARG_NONE, &place->rewrites_links,
      N_ ("Links in headers of a REST service’s answers lead through bindify"), NULL },
    { "keep-cookies", 0, 0, G_OPTION_ARG_NONE, &place->keeps_cookies,
      N_ ("Cookies of a REST service are kept by the agent and sent again"), NULL },
    { "certificate", 0, 0, G_OPTION_ARG_STRING, &place->certificate,
      N_ ("Trust this certificate of a device in the local network, and no other of its making"),
      "sha256:…" },
    { "mac", 0, 0, G_OPTION_ARG_FILENAME, &place->mac,
      N_ ("The MAC address of a device in the local network, which its method “wake” turns on"),
      "ADDRESS" },
    G_OPTION_ENTRY_NULL,
  };

  return bfy_cli_join_entries (entries, ours);
}

void
bfy_add_place_clear (BfyAddPlace *self)
{
  g_free (self->path);
  g_free (self->field);
  g_free (self->access_key_id);
  g_free (self->scope);
  g_free (self->certificate);
  g_free (self->mac);
}

gboolean
bfy_add_place_is_set (const BfyAddPlace *self)
{
  return self->path != NULL || self->field != NULL || self->access_key_id != NULL;
}

static const char *
find_problem (const BfyAdd *self)
{
  const BfyAddPlace *place = &self->place;
  gboolean is_in_header = self->header != NULL || self->prefix != NULL;
  guint n_places = (guint) (self->username != NULL) + (guint) is_in_header +
                   (guint) (self->query != NULL) + (guint) (place->path != NULL) +
                   (guint) (place->field != NULL) + (guint) (place->access_key_id != NULL);

  if (self->username != NULL && (self->header != NULL || self->query != NULL))
    return _ ("--basic goes with neither --header nor --query");
  if (self->query != NULL && is_in_header)
    return _ ("--query goes with neither --header nor --prefix");
  if (place->certificate != NULL && g_strcmp0 (self->type, "local-network") != 0)
    return _ ("--certificate goes with --type local-network");
  if (place->certificate != NULL && !bfy_certificate_print_is_one (place->certificate))
    return _ ("A certificate is “sha256:” and the 64 hexadecimal digits of its digest");
  if (place->mac != NULL && g_strcmp0 (self->type, "local-network") != 0)
    return _ ("--mac goes with --type local-network");
  if (place->scope != NULL && place->access_key_id == NULL)
    return _ ("--sign-for goes with --sigv4");
  if (bfy_add_place_is_set (place) && n_places > 1)
    return _ ("A token goes to one place: only one of --basic, --header, --query, --in-path, "
              "--in-body and --sigv4");

  return NULL;
}

gboolean
bfy_add_check_place (const BfyAdd *self, GError **error)
{
  const char *problem = find_problem (self);
  BfyMac mac;

  if (problem == NULL)
    return self->place.mac == NULL || bfy_mac_parse (self->place.mac, &mac, error);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

char *
bfy_add_complete_prefix (const char *prefix)
{
  gsize length = strlen (prefix);

  return length > 0 && g_ascii_isalnum (prefix[length - 1]) ? g_strconcat (prefix, " ", NULL)
                                                            : g_strdup (prefix);
}

void
bfy_add_put_ways (const BfyAddPlace *self, JsonObject *request)
{
  if (self->rewrites_links)
    json_object_set_boolean_member (request, "rewrite_links", TRUE);
  if (self->certificate != NULL)
    json_object_set_string_member (request, "certificate", self->certificate);
  if (self->mac != NULL)
    json_object_set_string_member (request, "mac", self->mac);
  if (self->keeps_cookies)
    json_object_set_boolean_member (request, "keep_cookies", TRUE);
}

static JsonObject *
new_injection (const char *kind, const char *name)
{
  JsonObject *injection = json_object_new ();

  json_object_set_string_member (injection, "kind", kind);
  if (name != NULL)
    json_object_set_string_member (injection, "name", name);

  return injection;
}

static JsonObject *
build_header (const BfyAdd *self)
{
  const char *header = self->header != NULL ? self->header : "Authorization";
  JsonObject *injection = new_injection ("header", header);
  g_autofree char *prefix = NULL;

  if (self->prefix != NULL)
    prefix = bfy_add_complete_prefix (self->prefix);
  else
    prefix = g_strdup (g_ascii_strcasecmp (header, "Authorization") == 0 ? "Bearer " : "");
  json_object_set_string_member (injection, "prefix", prefix);

  return injection;
}

JsonObject *
bfy_add_build_injection (const BfyAdd *self)
{
  const BfyAddPlace *place = &self->place;

  if (g_strcmp0 (self->type, "database") == 0)
    return NULL;
  if (place->access_key_id != NULL)
    return new_injection ("aws-sigv4", place->scope);
  if (place->path != NULL)
    return new_injection ("path", place->path);
  if (place->field != NULL)
    return new_injection ("body", place->field);
  if (self->query != NULL)
    return new_injection ("query", self->query);
  /* A service that wants a pair describes itself how it goes in. */
  if (self->username != NULL)
    return self->service == NULL || self->header != NULL || self->prefix != NULL
               ? new_injection ("basic", NULL)
               : NULL;

  return self->header != NULL || self->prefix != NULL ? build_header (self) : NULL;
}
