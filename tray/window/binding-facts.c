/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/binding-facts.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/binding-text.h"
#include "client/fields.h"
#include "client/policy-words.h"
#include "client/usage-text.h"
#include "protocol/json.h"
#include "protocol/policy.h"
#include "protocol/redact.h"
#include "protocol/timestamp.h"
#include "tray/window/binding-words.h"
#include "tray/window/moment.h"

#define AGE_DAYS_MAX 30 /* then the date says more */

static BfyFacts *
add_group (GtkBox *column, const char *title)
{
  GtkWidget *group = bfy_facts_new (title);

  gtk_box_append (column, group);

  return BFY_FACTS (group);
}

void
bfy_binding_facts_init (BfyBindingFacts *self, GtkBox *column)
{
  self->rules = add_group (column, _ ("What Programs May Do"));
  self->connect = add_group (column, _ ("Connect a Program"));
  self->use = add_group (column, _ ("Use"));
  self->callers = add_group (column, _ ("Who Used It"));
  self->grants = add_group (column, _ ("What You Have Answered"));
  self->details = add_group (column, _ ("Details"));
}

/* Rules of its own, line by line, as “bindify policy explain” has them. */
static void
add_rules (BfyFacts *facts, JsonObject *reply)
{
  JsonObject *policy = bfy_field_object (reply, "policy");
  gsize length = 0;
  g_autofree char *document = policy != NULL ? bfy_json_object_to_text (policy, &length) : NULL;
  g_autoptr (BfyPolicy) parsed =
      document != NULL ? bfy_policy_parse (document, length, NULL) : NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  /* What a newer agent has may not be understood here. */
  if (parsed == NULL || *bfy_field_text (reply, "profile") != '\0')
    return;
  text = bfy_policy_words_format (policy, bfy_field_array (reply, "capabilities"));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_strstrip (lines[i]);
      if (*lines[i] != '\0')
        bfy_facts_add (facts, lines[i], NULL);
    }
}

static void
update_rules (BfyFacts *facts, const BfyBindingParts *parts)
{
  g_auto (GStrv) conditions = bfy_binding_words_conditions (parts->binding, parts->now_s);

  bfy_facts_begin (facts);
  bfy_facts_add (facts, bfy_binding_words_policy (parts->binding), NULL);
  for (guint i = 0; conditions[i] != NULL; i++)
    bfy_facts_add (facts, conditions[i], NULL);
  if (parts->policy != NULL)
    add_rules (facts, parts->policy);
  bfy_facts_end (facts);
}

static gboolean
is_mcp (JsonObject *binding)
{
  const char *type = bfy_field_text (binding, "type");

  return strcmp (type, "mcp") == 0 || strcmp (type, "custom") == 0;
}

static void
update_connect (BfyFacts *facts, const BfyBindingParts *parts)
{
  const char *name = bfy_field_text (parts->binding, "name");
  gint64 port = parts->status != NULL ? bfy_field_int (parts->status, "port") : 0;
  g_autofree char *command = g_strdup_printf ("bindify-mcp %s", name);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%d/%s/%s", (int) port,
                                          is_mcp (parts->binding) ? "mcp" : "http", name);

  bfy_facts_begin (facts);
  if (is_mcp (parts->binding))
    bfy_facts_add_copied (facts, _ ("Programs that start MCP servers, like Claude Desktop"),
                          command);
  if (port > 0 && strcmp (bfy_field_text (parts->binding, "mode"), "sealed") != 0)
    bfy_facts_add_copied (facts, _ ("Programs that speak HTTP"), url);
  if (port > 0)
    bfy_facts_add_button (facts, _ ("A key for a program that speaks HTTP"),
                          _ ("Each has a key of its own, which you can revoke."), _ ("_Clients"),
                          "win.page", "clients");
  bfy_facts_end (facts);
}

static void
update_use (BfyFacts *facts, const BfyBindingParts *parts)
{
  JsonObject *usage = bfy_field_object (parts->binding, "usage");
  g_autofree char *counts = usage != NULL ? bfy_binding_words_usage (usage) : g_strdup ("");
  g_autofree char *left = usage != NULL ? bfy_usage_text_left (usage) : g_strdup ("");

  bfy_facts_begin (facts);
  bfy_facts_add (facts, _ ("Used"), counts);
  bfy_facts_add (facts, _ ("Left"), left);
  bfy_facts_end (facts);
}

static void
update_callers (BfyFacts *facts, const BfyBindingParts *parts)
{
  JsonObject *usage = bfy_field_object (parts->binding, "usage");

  bfy_facts_begin (facts);
  for (guint i = 0; usage != NULL && i < bfy_field_count (usage, "clients"); i++)
    {
      JsonObject *client = bfy_field_nth (usage, "clients", i);
      g_autofree char *counts = bfy_binding_words_usage (client);

      bfy_facts_add (facts, bfy_field_text (client, "label"), counts);
    }
  bfy_facts_end (facts);
}

/* "Yes to create_issue, until it is taken back". */
static char *
describe_grant (JsonObject *grant, gint64 now_s)
{
  const char *what = bfy_field_text (grant, "tool");
  gint64 expires_at_s = bfy_time_from_text (bfy_field_text (grant, "expires_at"));
  gboolean is_yes = strcmp (bfy_field_text (grant, "effect"), "allow") == 0;
  g_autofree char *span = bfy_moment_format_span (expires_at_s - now_s);

  if (*what == '\0')
    what = bfy_field_text (grant, "method");
  if (expires_at_s == 0)
    return g_strdup_printf (is_yes ? _ ("May use %s, until you take it back")
                                   : _ ("May not use %s, until you take it back"),
                            what);

  /* TRANSLATORS: what is used, and a span of time. */
  return g_strdup_printf (
      is_yes ? _ ("May use %s, for another %s") : _ ("May not use %s, for another %s"), what, span);
}

static void
update_grants (BfyFacts *facts, const BfyBindingParts *parts)
{
  const char *name = bfy_field_text (parts->binding, "name");

  bfy_facts_begin (facts);
  for (guint i = 0; parts->grants != NULL && i < bfy_field_count (parts->grants, "grants"); i++)
    {
      JsonObject *grant = bfy_field_nth (parts->grants, "grants", i);
      g_autofree char *text = NULL;

      if (!g_str_equal (bfy_field_text (grant, "binding"), name))
        continue;
      text = describe_grant (grant, parts->now_s);
      bfy_facts_add_button (facts, bfy_field_text (grant, "client"), text, _ ("Take _Back"),
                            "view.revoke", bfy_field_text (grant, "id"));
    }
  bfy_facts_end (facts);
}

static void
add_time (BfyFacts *facts, const char *label, const BfyBindingParts *parts, const char *member)
{
  gint64 time_s = bfy_time_from_text (bfy_field_text (parts->binding, member));
  g_autofree char *ago = bfy_moment_format_age (time_s, parts->now_s, AGE_DAYS_MAX);

  bfy_facts_add (facts, label, time_s > 0 ? ago : "");
}

static const char *
name_keyring (const char *keyring)
{
  static const struct
  {
    const char *wire, *words;
  } rows[] = {
    { "secret-service", N_ ("The keyring of your desktop") },
    { "vault", N_ ("bindify’s own vault") },
    { "memory", N_ ("The memory of the agent: gone when it ends") },
    { "etcd", N_ ("A vault that is shared through etcd") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (strcmp (rows[i].wire, keyring) == 0)
        return gettext (rows[i].words);
    }

  return keyring;
}

static void
update_details (BfyFacts *facts, const BfyBindingParts *parts)
{
  JsonObject *binding = parts->binding;
  g_autoptr (BfyProgram) program = bfy_binding_text_read_program (binding);
  g_autofree char *command = program != NULL ? bfy_program_format_command (program) : NULL;
  g_autofree char *url = bfy_redact (bfy_field_text (binding, "url"));
  gboolean is_sealed = strcmp (bfy_field_text (binding, "mode"), "sealed") == 0;

  bfy_facts_begin (facts);
  bfy_facts_add (facts, _ ("Address"), url);
  bfy_facts_add (facts, _ ("Program"), command != NULL ? command : "");
  if (program != NULL)
    bfy_facts_add (facts, _ ("Sandbox"),
                   program->has_sandbox ? _ ("It sees neither your files nor your session.")
                                        : _ ("None: it can do whatever you can."));
  bfy_facts_add (facts, _ ("Credential"), bfy_binding_words_credential (binding));
  bfy_facts_add (facts, _ ("Kept in"), name_keyring (bfy_field_text (binding, "keyring")));
  bfy_facts_add (facts, _ ("Sealed"),
                 is_sealed ? _ ("The agent can use it only together with the key of a client.")
                           : "");
  add_time (facts, _ ("Renewed"), parts, "refreshed_at");
  add_time (facts, _ ("Added"), parts, "created_at");
  bfy_facts_end (facts);
}

void
bfy_binding_facts_update (BfyBindingFacts *self, const BfyBindingParts *parts)
{
  update_rules (self->rules, parts);
  update_connect (self->connect, parts);
  update_use (self->use, parts);
  update_callers (self->callers, parts);
  update_grants (self->grants, parts);
  update_details (self->details, parts);
}
