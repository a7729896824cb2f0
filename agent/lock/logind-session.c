/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/lock/logind-session.h"

#define LOCKED_HINT "LockedHint"

static gboolean
is_among (const char *const *names, const char *name)
{
  return name != NULL && g_strv_contains (names, name);
}

gboolean
bfy_logind_session_read (GVariant *properties, BfyLogindSession *session)
{
  static const char *const graphical[] = { "x11", "wayland", "mir", NULL };
  static const char *const people[] = { "user", "user-early", NULL };
  g_autoptr (GVariant) members = NULL;
  const char *type = NULL, *class = NULL;

  *session = (BfyLogindSession){ 0 };
  if (!g_variant_is_of_type (properties, G_VARIANT_TYPE ("(a{sv})")))
    return FALSE;
  members = g_variant_get_child_value (properties, 0);
  if (!g_variant_lookup (members, "User", "(uo)", &session->uid, NULL))
    return FALSE;

  (void) g_variant_lookup (members, "Type", "&s", &type);
  (void) g_variant_lookup (members, "Class", "&s", &class);
  (void) g_variant_lookup (members, LOCKED_HINT, "b", &session->is_locked);
  session->is_graphical = is_among (graphical, type) && is_among (people, class);

  return TRUE;
}

BfyLogindSessionNews
bfy_logind_session_note (BfyLogindSession *session, GVariant *changed)
{
  g_autoptr (GVariant) values = NULL;
  g_autofree const char **invalidated = NULL;

  if (!g_variant_is_of_type (changed, G_VARIANT_TYPE ("(sa{sv}as)")))
    return BFY_LOGIND_SESSION_NOTED;
  g_variant_get (changed, "(&s@a{sv}^a&s)", NULL, &values, &invalidated);
  (void) g_variant_lookup (values, LOCKED_HINT, "b", &session->is_locked);

  return g_strv_contains (invalidated, LOCKED_HINT) ? BFY_LOGIND_SESSION_ASK
                                                    : BFY_LOGIND_SESSION_NOTED;
}
