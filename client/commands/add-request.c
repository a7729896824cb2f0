/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/binding-text.h"
#include "client/commands/add.h"
#include "client/fields.h"
#include "client/secret-body.h"
#include "protocol/name.h"
#include "protocol/redact.h"

#define PROGRAMS_TEXT N_ ("Use it from programs that start MCP servers (Claude Desktop):")

JsonObject *
bfy_add_build_open_part (const BfyAdd *self)
{
  JsonObject *request = json_object_new ();
  JsonObject *injection = bfy_add_build_injection (self);

  if (self->program != NULL)
    json_object_set_object_member (request, "command", bfy_program_to_json (self->program));
  else
    json_object_set_string_member (request, self->is_url ? "url" : "service", self->target);
  if (self->type != NULL)
    json_object_set_string_member (request, "type", self->type);
  json_object_set_string_member (request, "name", self->name);
  json_object_set_boolean_member (request, "allow_local", self->allow_local);
  json_object_set_boolean_member (request, "check", !self->skips_check);
  /* Without --keyring the agent's own default decides. */
  if (self->keyring != NULL)
    json_object_set_string_member (request, "keyring", self->keyring);
  if (self->account != NULL)
    json_object_set_string_member (request, "account", self->account);
  if (self->is_sealed)
    json_object_set_string_member (request, "mode", "sealed");
  if (self->client != NULL)
    json_object_set_string_member (request, "client", self->client);
  if (injection != NULL)
    json_object_set_object_member (request, "injection", injection);
  bfy_add_put_ways (&self->place, request);
  bfy_add_put_policy (self, request);
  bfy_condition_options_put (&self->conditions, request);
  return request;
}

GBytes *
bfy_add_build_request (const BfyAdd *self)
{
  return bfy_add_join_credential (self, bfy_add_build_open_part (self));
}

static BfyTypedKind
kind_of (const BfyAdd *self)
{
  if (self->is_free_form)
    return BFY_TYPED_FREE_FORM;

  return self->username != NULL ? BFY_TYPED_PAIR : BFY_TYPED_KEY;
}

GBytes *
bfy_add_join_credential (const BfyAdd *self, JsonObject *open_part)
{
  const BfySignInFields sign_in = bfy_sign_in_options_fields (&self->sign_in);
  const BfyTypedCredential typed = { kind_of (self), self->username, self->credential };
  BfySecretPart part = { NULL, NULL, NULL };

  if (self->signs_in)
    part.sign_in = &sign_in;
  else if (self->credential != NULL)
    part.typed = &typed;
  if (self->signs_in || self->credential != NULL)
    part.client_key = self->client_key;

  return bfy_secret_body_new (open_part, &part);
}

/* What the server has said of itself, if it was asked. */
static void
print_server (JsonObject *check)
{
  g_autofree char *server = bfy_text_to_line (bfy_field_text (check, "server"), 100);
  g_autofree char *version = bfy_text_to_line (bfy_field_text (check, "version"), 100);
  gulong n_tools = (gulong) MAX (bfy_field_int (check, "n_tools"), 0);

  if (*server == '\0')
    bfy_cli_print (ngettext ("It works: the server has %lu tool.\n",
                             "It works: the server has %lu tools.\n", n_tools),
                   n_tools);
  else if (!json_object_has_member (check, "n_tools"))
    /* Translators: what the server calls itself, and its version. */
    bfy_cli_print (_ ("It works: %s %s.\n"), server, version);
  else
    bfy_cli_print (
        ngettext ("It works: %s %s, %lu tool.\n", "It works: %s %s, %lu tools.\n", n_tools), server,
        version, n_tools);
}

void
bfy_add_report_account (JsonObject *told)
{
  const char *account = told != NULL ? bfy_field_text (told, "account") : "";
  g_autofree char *shown = bfy_text_to_line (account, BFY_LABEL_LENGTH_MAX);

  if (*shown != '\0')
    /* Translators: a login, an e-mail address, or the name of a workspace. */
    bfy_cli_print (_ ("Signed in as %s.\n"), shown);
}

static void
print_check (JsonObject *check)
{
  if (check == NULL || !bfy_field_boolean (check, "performed"))
    bfy_cli_print (_ ("It was not tried out.\n"));
  else if (json_object_has_member (check, "server") || json_object_has_member (check, "n_tools"))
    print_server (check);
  else
    bfy_cli_print (_ ("It works.\n"));
}

static void
print_conditions (JsonObject *binding)
{
  g_autofree char *conditions =
      bfy_binding_text_conditions (binding, g_get_real_time () / G_USEC_PER_SEC);
  g_autofree char *shown = bfy_text_to_line (conditions, 1000);

  if (*shown != '\0')
    /* Translators: %s is such as "ends in 8 h, asks each time". */
    bfy_cli_print (_ ("Its use: %s.\n"), shown);
}

static void
report_rest (const char *name, const char *endpoint, const char *mac)
{
  bfy_cli_print (_ ("\nUse it:\n  bindify http %s get /\n"), name);
  if (*endpoint != '\0')
    bfy_cli_print (_ ("or from programs, each with a key of its own, where the service’s address "
                      "would stand:\n  eval \"$(bindify env %s)\"\n  %s\n"),
                   name, endpoint);
  if (*mac != '\0')
    bfy_cli_print (_ ("Turn it on:\n  bindify do %s wake\n"), name);
}

void
bfy_add_report (const BfyAdd *self, JsonObject *reply)
{
  JsonObject *binding = bfy_field_object (reply, "binding");
  g_autofree char *endpoint = bfy_text_to_line (bfy_field_text (reply, "endpoint"), 200);
  g_autofree char *redacted = NULL;
  g_autofree char *url = NULL;
  g_autofree char *name = NULL;
  g_autofree char *keyring = NULL;

  if (binding == NULL)
    return;

  name = bfy_text_to_line (bfy_field_text (binding, "name"), 100);
  redacted = self->program != NULL ? bfy_program_format_command (self->program)
                                   : bfy_redact (bfy_field_text (binding, "url"));
  url = bfy_text_to_line (redacted, 200);
  keyring = bfy_text_to_line (bfy_field_text (binding, "keyring"), 40);
  /* Translators: a binding, and where it leads. */
  bfy_cli_print (_ ("Added %s: %s\n"), name, url);
  if (self->credential != NULL || self->signs_in)
    bfy_cli_print (_ ("The credential is in the keyring “%s”.\n"), keyring);
  print_check (bfy_field_object (reply, "check"));
  bfy_add_report_account (bfy_field_object (reply, "check"));
  bfy_add_report_expiry (binding);
  print_conditions (binding);
  if (self->is_sealed)
    {
      bfy_add_report_sealed (reply, name);
      bfy_cli_print ("\n%s\n", _ (PROGRAMS_TEXT));
      bfy_cli_print ("  \"%s\": { \"command\": \"bindify-mcp\", \"args\": [\"%s\", "
                     "\"--key-file\", \"FILE\"] }\n",
                     name, name);
      if (*endpoint != '\0')
        bfy_cli_print (
            _ ("or, with the same key, from programs that speak HTTP (Claude Code):\n  %s\n"),
            endpoint);
      return;
    }

  if (g_str_equal (bfy_field_text (binding, "type"), "http") ||
      g_str_equal (bfy_field_text (binding, "type"), "local-network"))
    {
      report_rest (name, endpoint, bfy_field_text (binding, "mac"));
      return;
    }
  bfy_cli_print ("\n%s\n", _ (PROGRAMS_TEXT));
  bfy_cli_print ("  \"%s\": { \"command\": \"bindify-mcp\", \"args\": [\"%s\"] }\n", name, name);
  if (*endpoint != '\0')
    bfy_cli_print (
        _ ("or from programs that speak HTTP (Claude Code), each with a key of its own:\n"
           "  bindify client add claude-code\n  %s\n"),
        endpoint);
}
