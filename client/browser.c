/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/browser.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/error.h"
#include "protocol/upstream.h"

#define PORTAL_TIMEOUT_MS 5000

/* RFC 3986, section 2, but for what may be written differently: letters and digits. */
#define URL_MARKS "-._~:/?#[]@!$&'()*+,;=%"
/* Of those, what a shell expands: xdg-open is a shell script, and so are many a BROWSER. */
#define SHELL_MARKS "$'()*[]!;"

BfyUrlVerdict
bfy_browser_judge (const char *url, gboolean allow_local)
{
  g_autoptr (BfyUpstream) upstream = NULL;
  BfyUrlVerdict verdict = BFY_URL_OPEN;

  if (strnlen (url, BFY_BROWSER_URL_BYTES_MAX + 1) > BFY_BROWSER_URL_BYTES_MAX)
    return BFY_URL_REFUSE;

  for (const char *p = url; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr (URL_MARKS, *p) == NULL)
        return BFY_URL_REFUSE;
      if (strchr (SHELL_MARKS, *p) != NULL)
        verdict = BFY_URL_SHOW;
    }

  upstream = bfy_upstream_parse (url, NULL);
  if (upstream == NULL ||
      (!upstream->is_tls && (upstream->reach != BFY_REACH_LOOPBACK || !allow_local)))
    return BFY_URL_REFUSE;

  return verdict;
}

BfyBrowserPlace
bfy_browser_find (const BfyDesktop *desktop, gboolean is_unwanted)
{
  if (desktop->is_remote)
    return BFY_BROWSER_REMOTE;
  if (!desktop->has_display && !desktop->has_browser)
    return BFY_BROWSER_NONE;

  return is_unwanted ? BFY_BROWSER_UNWANTED : BFY_BROWSER_HERE;
}

typedef struct
{
  char *url;          /* (owned) */
  char *bus;          /* (owned) (nullable) */
  gboolean by_portal; /* that comes first, xdg-open when there is none */
} OpenClosure;

static void run_opener (GTask *task);

static void
open_closure_free (OpenClosure *closure)
{
  g_free (closure->url);
  g_free (closure->bus);
  g_free (closure);
}

static void
return_failure (GTask *task, const GError *cause)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_error_copy (cause));
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_FAILED, _ ("No browser could be opened"));
}

/* Takes @task. */
static void
fail_portal (GTask *task, const GError *cause)
{
  g_autoptr (GTask) owned = task;
  OpenClosure *closure = g_task_get_task_data (task);

  if (closure->by_portal && !g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    run_opener (g_steal_pointer (&owned));
  else
    return_failure (task, cause);
}

static void
on_portal (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    fail_portal (g_steal_pointer (&task), error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, &error);
  OpenClosure *closure = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (bus == NULL)
    {
      fail_portal (g_steal_pointer (&task), error);
      return;
    }

  g_dbus_connection_call (bus, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                          "org.freedesktop.portal.OpenURI", "OpenURI",
                          g_variant_new ("(ssa{sv})", "", closure->url, &options),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, PORTAL_TIMEOUT_MS,
                          cancellable, on_portal, g_steal_pointer (&task));
}

/* Takes @task. Only a bus that is there already: none is started for this. */
static void
ask_portal (GTask *task)
{
  g_autoptr (GTask) owned = task;
  OpenClosure *closure = g_task_get_task_data (task);

  if (closure->bus == NULL)
    {
      fail_portal (g_steal_pointer (&owned), NULL);
      return;
    }

  g_dbus_connection_new_for_address (closure->bus,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, g_task_get_cancellable (task), on_bus,
                                     g_steal_pointer (&owned));
}

/* Takes @task. */
static void
fail_opener (GTask *task, const GError *cause)
{
  g_autoptr (GTask) owned = task;
  OpenClosure *closure = g_task_get_task_data (task);

  if (closure->by_portal || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return_failure (task, cause);
  else
    ask_portal (g_steal_pointer (&owned));
}

static void
on_opener (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    fail_opener (g_steal_pointer (&task), error);
}

/* A session of its own, so that Ctrl-C in our terminal does not end the person's browser. */
static void
leave_terminal (gpointer data)
{
  setsid ();
}

/* Of our descriptors the child gets none: GSubprocess closes them, and puts /dev/null in the place
 * of the first three. */
static GSubprocess *
start_opener (const char *url)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);

  g_subprocess_launcher_set_child_setup (launcher, leave_terminal, NULL, NULL);
  return g_subprocess_launcher_spawn (launcher, NULL, "xdg-open", url, NULL);
}

/* Takes @task. */
static void
run_opener (GTask *task)
{
  OpenClosure *closure = g_task_get_task_data (task);
  g_autoptr (GSubprocess) opener = start_opener (closure->url);

  if (opener != NULL)
    g_subprocess_wait_check_async (opener, g_task_get_cancellable (task), on_opener, task);
  else
    fail_opener (task, NULL);
}

void
bfy_browser_open_async (const BfyDesktop *desktop,
                        const char *url,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  OpenClosure *closure = g_new0 (OpenClosure, 1);

  closure->url = g_strdup (url);
  closure->bus = g_strdup (desktop->bus);
  closure->by_portal = desktop->by_portal;
  g_task_set_source_tag (task, bfy_browser_open_async);
  g_task_set_task_data (task, closure, (GDestroyNotify) open_closure_free);

  if (closure->by_portal)
    ask_portal (task);
  else
    run_opener (task);
}

gboolean
bfy_browser_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
