/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/guide.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "client/guide-private.h"
#include "client/service-search.h"
#include "client/terminal.h"
#include "client/token-owner.h"
#include "protocol/error.h"
#include "protocol/name.h"
#include "protocol/upstream.h"

#define NAME_SHOWN_MAX 60

typedef void AnswerFunc (BfyGuide *self, const char *answer);

gboolean
bfy_guide_can_add (JsonObject *service)
{
  return *bfy_field_text (service, "mcp_url") != '\0';
}

static void
note (BfyGuide *self, const char *text)
{
  g_free (self->note);
  self->note = g_strdup (text);
}

/* Letters and digits of a label; the rest becomes "-". */
static char *
dup_slug (const char *label)
{
  g_autoptr (GString) slug = g_string_new (NULL);

  for (const char *p = label != NULL ? label : ""; *p != '\0'; p++)
    {
      if (g_ascii_isalnum (*p))
        g_string_append_c (slug, g_ascii_tolower (*p));
      else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
        g_string_append_c (slug, '-');
    }
  if (slug->len > 0 && slug->str[slug->len - 1] == '-')
    g_string_truncate (slug, slug->len - 1);

  return g_string_free (g_steal_pointer (&slug), FALSE);
}

/* Cut so that it stays a name. */
static char *
join_name (const char *base, const char *tail)
{
  gsize room = BFY_NAME_LENGTH_MAX - MIN (strlen (tail), BFY_NAME_LENGTH_MAX / 2) - 1;

  return g_strdup_printf ("%.*s-%.*s", (int) room, base, BFY_NAME_LENGTH_MAX / 2, tail);
}

char *
bfy_guide_suggest_name (const char *base, const char *label, const char *const *names)
{
  g_autofree char *slug = dup_slug (label);
  g_autofree char *name = g_strdup (base);

  if (g_strv_contains (names, name) && *slug != '\0')
    {
      g_free (name);
      name = join_name (base, slug);
    }
  for (guint i = 2; g_strv_contains (names, name); i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      g_free (name);
      name = join_name (base, number);
    }

  return g_steal_pointer (&name);
}

static gboolean
is_taken (const BfyGuide *self, const char *name)
{
  return g_strv_contains ((const char *const *) self->names, name);
}

static void
suggest (BfyGuide *self)
{
  g_free (self->name);
  self->name =
      bfy_guide_suggest_name (self->base, self->account, (const char *const *) self->names);
}

/* What it is called comes last. */
static void
ask_for_name (BfyGuide *self)
{
  if (self->is_name_given && !is_taken (self, self->name))
    self->step = BFY_GUIDE_DONE;
  else if (is_taken (self, self->base) && self->account == NULL)
    self->step = BFY_GUIDE_ACCOUNT;
  else
    {
      self->step = BFY_GUIDE_NAME;
      suggest (self);
    }
}

static void
ask_for_way (BfyGuide *self)
{
  gboolean has_key = bfy_field_boolean (self->service, "supports_api_key");
  gboolean has_oauth = bfy_field_boolean (self->service, "supports_oauth");

  if (has_key && has_oauth && !self->has_way)
    self->step = BFY_GUIDE_WAY;
  else
    ask_for_name (self);
}

static void
take_target (BfyGuide *self, const char *target, const char *base)
{
  g_free (self->target);
  self->target = g_strdup (target);
  if (self->is_name_given)
    base = self->name;
  g_free (self->base);
  self->base = g_strdup (base);
}

/* With a token in hand. */
static gboolean
takes_token (BfyGuide *self, JsonObject *service)
{
  g_autofree char *name = bfy_text_to_line (bfy_field_text (service, "name"), NAME_SHOWN_MAX);

  if (!self->has_token || bfy_field_boolean (service, "supports_api_key"))
    return TRUE;
  g_free (self->note);
  self->note = g_strdup_printf (_ ("%s takes no tokens, only a sign-in with the browser"), name);

  return FALSE;
}

static void
take_service (BfyGuide *self, JsonObject *service)
{
  const char *id = bfy_field_text (service, "id");

  if (!takes_token (self, service))
    return;
  g_clear_pointer (&self->service, json_object_unref);
  self->service = json_object_ref (service);
  take_target (self, id, id);
  ask_for_way (self);
}

static void
take_url (BfyGuide *self, const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (url, &error);
  g_autofree char *base = upstream != NULL ? bfy_name_from_host (upstream->host) : NULL;

  if (upstream == NULL)
    {
      note (self, error->message);
      return;
    }
  take_target (self, url, base);
  ask_for_name (self);
}

static gboolean
is_called (JsonObject *service, const char *words)
{
  return g_ascii_strcasecmp (bfy_field_text (service, "id"), words) == 0 ||
         g_ascii_strcasecmp (bfy_field_text (service, "name"), words) == 0;
}

static void
search (BfyGuide *self, const char *words)
{
  g_autoptr (GPtrArray) found = bfy_service_search (self->services, words);

  g_ptr_array_set_size (self->found, 0);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (self->found, json_object_ref (g_ptr_array_index (found, i)));
  if (found->len > 0 && is_called (g_ptr_array_index (found, 0), words))
    take_service (self, g_ptr_array_index (found, 0));
  else if (found->len > 0)
    self->step = BFY_GUIDE_CHOICE;
  else
    {
      self->step = BFY_GUIDE_SEARCH;
      note (self, _ ("No service is found by that. The URL of an MCP server can be added, too."));
    }
}

/* Whose it is, when it was typed where everybody can read it. */
static gboolean
is_shown_token (BfyGuide *self, const char *answer)
{
  g_autoptr (GPtrArray) owners = bfy_token_owners (self->services, answer, strlen (answer));

  if (owners->len == 0)
    return FALSE;
  note (self, _ ("That looks like a token, and now it is on the screen: better make a new one.\n"
                 "“t” asks for one unseen."));

  return TRUE;
}

static void
answer_search (BfyGuide *self, const char *answer)
{
  if (g_ascii_strcasecmp (answer, "t") == 0)
    self->step = BFY_GUIDE_TOKEN;
  else if (strstr (answer, "://") != NULL)
    take_url (self, answer);
  else if (!is_shown_token (self, answer))
    search (self, answer);
}

static void
answer_choice (BfyGuide *self, const char *answer)
{
  guint64 number = 0;

  if (!g_ascii_string_to_unsigned (answer, 10, 1, G_MAXUINT, &number, NULL))
    answer_search (self, answer);
  else if (number <= MIN (self->found->len, BFY_GUIDE_LIST_MAX))
    take_service (self, g_ptr_array_index (self->found, number - 1));
  else
    note (self, _ ("There is no such number in the list."));
}

void
bfy_guide_take_token (BfyGuide *self, const char *token, gsize length)
{
  g_autoptr (GPtrArray) owners = bfy_token_owners (self->services, token, length);

  g_ptr_array_set_size (self->found, 0);
  for (guint i = 0; i < owners->len; i++)
    {
      JsonObject *owner = g_ptr_array_index (owners, i);

      if (bfy_field_boolean (owner, "supports_api_key"))
        g_ptr_array_add (self->found, json_object_ref (owner));
    }
  self->has_token = TRUE;
  self->has_way = TRUE;
  self->step = self->found->len == 1  ? BFY_GUIDE_OWNER
               : self->found->len > 1 ? BFY_GUIDE_CHOICE
                                      : BFY_GUIDE_SEARCH;
  if (self->found->len == 0)
    note (self, _ ("No service is known whose tokens look like that. For which one is it?"));
}

static void
answer_owner (BfyGuide *self, const char *answer)
{
  if (*answer == '\0' || bfy_terminal_is_yes (answer))
    {
      g_autoptr (JsonObject) owner = json_object_ref (g_ptr_array_index (self->found, 0));

      take_service (self, owner);
      return;
    }

  /* Still in hand: it is for another one. */
  self->step = BFY_GUIDE_SEARCH;
}

static void
answer_way (BfyGuide *self, const char *answer)
{
  gboolean is_first = g_str_equal (answer, "1") || *answer == '\0';

  if (!is_first && !g_str_equal (answer, "2"))
    {
      note (self, _ ("Type 1 or 2."));
      return;
    }
  self->is_sign_in = is_first == bfy_guide_prefers_sign_in (self);
  self->is_way_chosen = TRUE;
  ask_for_name (self);
}

static void
answer_account (BfyGuide *self, const char *answer)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *label = *answer != '\0' ? bfy_label_normalize (answer, &error) : NULL;

  if (error != NULL)
    {
      note (self, error->message);
      return;
    }
  g_free (self->account);
  self->account = g_steal_pointer (&label);
  self->step = BFY_GUIDE_NAME;
  suggest (self);
}

static void
answer_name (BfyGuide *self, const char *answer)
{
  g_autoptr (GError) error = NULL;

  if (*answer != '\0' && !bfy_name_check (answer, &error))
    note (self, error->message);
  else if (is_taken (self, answer))
    note (self, _ ("There is a binding of that name already."));
  else
    {
      if (*answer != '\0')
        {
          g_free (self->name);
          self->name = g_strdup (answer);
        }
      self->step = BFY_GUIDE_DONE;
    }
}

void
bfy_guide_answer (BfyGuide *self, const char *answer)
{
  static AnswerFunc *const funcs[] = {
    [BFY_GUIDE_SEARCH] = answer_search,
    [BFY_GUIDE_CHOICE] = answer_choice,
    [BFY_GUIDE_OWNER] = answer_owner,
    [BFY_GUIDE_WAY] = answer_way,
    [BFY_GUIDE_ACCOUNT] = answer_account,
    [BFY_GUIDE_NAME] = answer_name,
    [BFY_GUIDE_DONE] = NULL,
  };

  g_clear_pointer (&self->note, g_free);
  if (funcs[self->step] != NULL)
    funcs[self->step](self, answer);
}

BfyGuideStep
bfy_guide_get_step (const BfyGuide *self)
{
  return self->step;
}

BfyGuideChoice
bfy_guide_get_choice (const BfyGuide *self)
{
  return (BfyGuideChoice){
    .target = self->target,
    .name = self->name,
    .account = self->account,
    .wants_key = self->has_token || (self->is_way_chosen && !self->is_sign_in),
    .signs_in = self->is_way_chosen && self->is_sign_in && !self->has_token,
  };
}

BfyGuide *
bfy_guide_new (JsonArray *services, const char *const *names, const BfyGuideGiven *given)
{
  BfyGuide *self = g_new0 (BfyGuide, 1);

  self->services = json_array_new ();
  for (guint i = 0; i < json_array_get_length (services); i++)
    {
      JsonNode *node = json_array_get_element (services, i);

      if (JSON_NODE_HOLDS_OBJECT (node) && bfy_guide_can_add (json_node_get_object (node)))
        json_array_add_element (self->services, json_node_copy (node));
    }
  self->names = g_strdupv ((GStrv) names);
  self->found = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  self->name = g_strdup (given->name);
  self->account = g_strdup (given->account);
  self->is_name_given = given->name != NULL;
  self->has_way = given->has_way;

  return self;
}

void
bfy_guide_free (BfyGuide *self)
{
  json_array_unref (self->services);
  g_strfreev (self->names);
  g_ptr_array_unref (self->found);
  g_clear_pointer (&self->service, json_object_unref);
  g_free (self->note);
  g_free (self->target);
  g_free (self->base);
  g_free (self->name);
  g_free (self->account);
  g_free (self);
}
