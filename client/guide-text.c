/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/fields.h"
#include "client/guide-private.h"
#include "protocol/name.h"

#define SHOWN_MAX 60

gboolean
bfy_guide_prefers_sign_in (const BfyGuide *self)
{
  return !g_str_equal (bfy_field_text (self->service, "oauth_client"), "own");
}

static void
append_list (GString *text, const BfyGuide *self)
{
  guint n = MIN (self->found->len, BFY_GUIDE_LIST_MAX);
  gulong n_more = self->found->len - n;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *service = g_ptr_array_index (self->found, i);
      g_autofree char *name = bfy_text_to_line (bfy_field_text (service, "name"), SHOWN_MAX);
      g_autofree char *id = bfy_text_to_line (bfy_field_text (service, "id"), SHOWN_MAX);

      g_string_append_printf (text, "  %2u  %s (%s)\n", i + 1, name, id);
    }
  if (n_more > 0)
    g_string_append_printf (text,
                            ngettext ("      and %lu more: other words find fewer\n",
                                      "      and %lu more: other words find fewer\n", n_more),
                            n_more);
}

static void
append_way (GString *text, const BfyGuide *self)
{
  const char *sign_in = bfy_guide_prefers_sign_in (self)
                            ? _ ("sign in with the browser")
                            : _ ("sign in with the browser, with an application that you register");
  const char *token = _ ("a token that you make at the service");
  gboolean is_first = bfy_guide_prefers_sign_in (self);

  g_string_append_printf (text, "   1  %s\n   2  %s\n", is_first ? sign_in : token,
                          is_first ? token : sign_in);
}

/* Asked in one line each. */
static const char *const prompts[] = {
  [BFY_GUIDE_SEARCH] = N_ ("What do you want to add? Words such as “mail”, the URL of an MCP "
                           "server, or “t” for a\ntoken of which bindify is to tell whose it is "
                           "(Enter: list all): "),
  [BFY_GUIDE_CHOICE] = N_ ("Number (or other words, a URL, “t”): "),
  [BFY_GUIDE_TOKEN] = N_ ("Token (not shown): "),
  [BFY_GUIDE_WAY] = N_ ("Number (Enter: 1): "),
  [BFY_GUIDE_DONE] = NULL,
};

static void
append_owner (GString *text, const BfyGuide *self)
{
  JsonObject *owner = g_ptr_array_index (self->found, 0);
  g_autofree char *name = bfy_text_to_line (bfy_field_text (owner, "name"), SHOWN_MAX);

  /* Translators: %s is a service. Enter is yes. */
  g_string_append_printf (text, _ ("This looks like a token of %s. Is it one? [Y/n] "), name);
}

static void
append_prompt (GString *text, const BfyGuide *self)
{
  if (self->step == BFY_GUIDE_OWNER)
    append_owner (text, self);
  else if (self->step == BFY_GUIDE_ACCOUNT)
    /* Translators: %s is a binding. */
    g_string_append_printf (text,
                            _ ("There is a binding called “%s” already. Whose account is the new "
                               "one?\nA word such as “work” (Enter: just a number): "),
                            self->base);
  else if (self->step == BFY_GUIDE_NAME)
    g_string_append_printf (text, _ ("Name of the binding (Enter: %s): "), self->name);
  else if (prompts[self->step] != NULL)
    g_string_append (text, _ (prompts[self->step]));
}

char *
bfy_guide_format_question (const BfyGuide *self)
{
  GString *text = g_string_new (NULL);

  if (self->note != NULL)
    g_string_append_printf (text, "%s\n", self->note);
  if (self->step == BFY_GUIDE_CHOICE)
    append_list (text, self);
  else if (self->step == BFY_GUIDE_WAY)
    append_way (text, self);
  append_prompt (text, self);

  return g_string_free (text, FALSE);
}
