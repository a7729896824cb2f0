/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/connect.h"
#include "client/fields.h"
#include "client/join.h"
#include "protocol/client-key.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400
#define DRY_KEY BFY_CLIENT_KEY_PREFIX "…"

/* What the bridge is started with. (transfer container) */
static GPtrArray *
build_words (const BfyConnectRun *self, BfyCli *cli, const char *name)
{
  GPtrArray *words = g_ptr_array_new ();

  g_ptr_array_add (words, self->program);
  g_ptr_array_add (words, (gpointer) name);
  if (self->key_file != NULL)
    {
      g_ptr_array_add (words, (gpointer) "--key-file");
      g_ptr_array_add (words, self->key_file);
    }
  if (cli->socket_option != NULL && self->project == NULL)
    {
      g_ptr_array_add (words, (gpointer) "--socket");
      g_ptr_array_add (words, cli->socket_option);
    }
  g_ptr_array_add (words, NULL);

  return words;
}

gboolean
bfy_connect_print (BfyConnectRun *self, BfyCli *cli, GError **error)
{
  BfyConnectStyle style = self->client->style;

  if (self->project != NULL && self->client->project_style != NULL)
    style = *self->client->project_style;
  for (guint i = 0; i < self->names->len; i++)
    {
      const char *name = g_ptr_array_index (self->names, i);
      g_autoptr (GPtrArray) words = build_words (self, cli, name);
      const BfyConnectServer server = { name, (const char *const *) words->pdata, NULL, NULL };
      g_autofree char *text = bfy_connect_snippet (&style, &server, error);

      if (text == NULL)
        return FALSE;
      bfy_cli_print ("%s", text);
    }

  return TRUE;
}

/* Keys */

static JsonObject *
make_key (BfyConnectRun *self, BfyCli *cli, const char *name, GError **error)
{
  JsonObject *request = json_object_new ();
  JsonArray *bindings = json_array_new ();
  g_autofree char *label = g_strdup_printf ("%s (%s)", self->client->id, name);
  JsonObject *reply;

  json_array_add_string_element (bindings, name);
  json_object_set_string_member (request, "label", label);
  json_object_set_array_member (request, "bindings", bindings);
  reply = bfy_cli_call_json (cli, "POST", "/v1/clients", request, error);
  if (reply != NULL)
    json_object_set_string_member (self->keys, bfy_field_text (reply, "id"), name);

  return reply;
}

/* Edits */

/* Who puts the entries in. */
typedef struct
{
  BfyConnectRun *run; /* borrowed */
  BfyCli *cli;        /* borrowed */
  gboolean is_dry;    /* no keys are made: theirs is not the real one */
} Work;

/* What the agent’s HTTP door will be to a client with a key; "" when it is closed. NULL with
 * @error. */
static char *
find_address (BfyCli *cli, const char *name, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/status", NULL, error);
  gint64 port = reply != NULL ? bfy_field_int (reply, "port") : 0;

  if (reply == NULL)
    return NULL;

  return port > 0 ? g_strdup_printf ("http://127.0.0.1:%" G_GINT64_FORMAT "/mcp/%s", port, name)
                  : g_strdup ("");
}

static gboolean
put_server (const Work *work, BfyConnectEdit *edit, const BfyConnectServer *server, GError **error)
{
  if (*server->url != '\0')
    return bfy_connect_edit_put (edit, server, work->run->replaces, error);
  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
               _ ("%s runs in a sandbox and needs the agent’s HTTP door, which is closed"),
               work->run->client->name);

  return FALSE;
}

static gboolean
put_address (const Work *work, BfyConnectEdit *edit, const char *name, GError **error)
{
  BfyConnectServer server = { name, NULL, NULL, DRY_KEY };
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *url = NULL;

  if (work->run->key_file != NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   _ ("%s runs in a sandbox, where it cannot present the key in a file"),
                   work->run->client->name);
      return FALSE;
    }
  if (work->is_dry)
    {
      server.url = url = find_address (work->cli, name, error);
      return url != NULL && put_server (work, edit, &server, error);
    }
  reply = make_key (work->run, work->cli, name, error);
  if (reply == NULL)
    return FALSE;
  server.url = bfy_field_text (reply, "url_example");
  server.key = bfy_field_text (reply, "key");

  return put_server (work, edit, &server, error);
}

static gboolean
put_all (BfyConnectEdit *edit, gpointer data, GError **error)
{
  const Work *work = data;
  const BfyConnectRun *run = work->run;

  for (guint i = 0; i < run->names->len; i++)
    {
      const char *name = g_ptr_array_index (run->names, i);
      g_autoptr (GPtrArray) words = build_words (run, work->cli, name);
      const BfyConnectServer server = { name, (const char *const *) words->pdata, NULL, NULL };

      if (edit->target->is_sandboxed ? !put_address (work, edit, name, error)
                                     : !bfy_connect_edit_put (edit, &server, run->replaces, error))
        return FALSE;
    }

  return TRUE;
}

/* What is said of it */

char *
bfy_connect_join (GPtrArray *names)
{
  char *text = NULL;

  for (guint i = 0; i < names->len; i++)
    bfy_join_comma (&text, g_ptr_array_index (names, i));

  return text != NULL ? text : g_strdup ("");
}

static void
report_json (const BfyConnectRun *self, GPtrArray *edits)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *out = json_object_new ();
  JsonArray *files = json_array_new ();
  JsonArray *names = json_array_new ();

  for (guint i = 0; i < edits->len; i++)
    {
      const BfyConnectEdit *edit = g_ptr_array_index (edits, i);

      json_array_add_string_element (files, edit->target->path);
    }
  for (guint i = 0; i < self->names->len; i++)
    json_array_add_string_element (names, g_ptr_array_index (self->names, i));
  json_object_set_string_member (out, "client", self->client->id);
  json_object_set_array_member (out, "bindings", names);
  json_object_set_array_member (out, "files", files);
  json_object_set_boolean_member (out, "is_written", !self->is_dry);
  json_node_take_object (node, out);
  bfy_cli_print_json (node);
}

static void
report (const BfyConnectRun *self, GPtrArray *edits)
{
  g_autofree char *names = bfy_connect_join (self->names);

  if (edits->len == 0)
    {
      /* Translators: a program, and bindings. */
      bfy_cli_print (_ ("%s uses %s already.\n"), self->client->name, names);
      return;
    }
  /* Translators: a program, and bindings. */
  bfy_cli_print (self->is_dry ? _ ("%s would use %s, as is written in:\n")
                              : _ ("%s uses %s now, as is written in:\n"),
                 self->client->name, names);
  if (self->is_dry)
    {
      g_autofree char *text = bfy_connect_describe (edits);

      bfy_cli_print ("%s", text);
      return;
    }
  for (guint i = 0; i < edits->len; i++)
    {
      const BfyConnectEdit *edit = g_ptr_array_index (edits, i);
      g_autofree char *path = bfy_text_to_line (edit->target->path, SHOWN_CHARACTERS_MAX);

      bfy_cli_print ("  %s\n", path);
    }
  bfy_cli_print (_ ("Start it anew if it runs. “bindify undo” takes this back.\n"));
}

static BfyUndoSet *
build_set (const BfyConnectRun *self)
{
  g_autofree char *joined = bfy_connect_join (self->names);
  g_autofree char *what = g_strdup_printf ("connect %s %s", self->client->id, joined);
  BfyUndoSet *set = bfy_undo_set_new ("connect", what);
  JsonArray *names = json_array_new ();

  for (guint i = 0; i < self->names->len; i++)
    json_array_add_string_element (names, g_ptr_array_index (self->names, i));
  json_object_set_string_member (set->notes, "client", self->client->id);
  json_object_set_array_member (set->notes, "names", names);
  json_object_set_object_member (set->notes, "keys", json_object_ref (self->keys));

  return set;
}

static gboolean
write_edits (BfyConnectRun *self, BfyCli *cli, GPtrArray *edits, GError **error)
{
  g_autoptr (BfyUndoSet) set = NULL;

  if (self->is_dry || edits->len == 0)
    return TRUE;
  set = build_set (self);

  return bfy_connect_edits_write (edits, cli->environment, set, error);
}

/* Whether the files still are what they were when somebody looked at what would be written. */
static gboolean
check_shown (GPtrArray *shown, GPtrArray *edits, GError **error)
{
  gboolean is_same = shown->len == edits->len;

  for (guint i = 0; is_same && i < shown->len; i++)
    {
      const BfyConnectEdit *a = g_ptr_array_index (shown, i);
      const BfyConnectEdit *b = g_ptr_array_index (edits, i);

      is_same = a->target == b->target &&
                g_str_equal (bfy_user_file_peek (a->file), bfy_user_file_peek (b->file));
    }
  if (!is_same)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_IN_USE,
                         _ ("The file has been changed since it was shown; nothing was written"));

  return is_same;
}

/* (transfer full) (nullable) What is to be written: shown and agreed to, where that is wanted. */
static GPtrArray *
settle (BfyConnectRun *self, BfyCli *cli, GPtrArray *targets, GError **error)
{
  Work work = { self, cli, TRUE };
  g_autoptr (GPtrArray) shown = NULL;
  g_autoptr (GPtrArray) edits = NULL;

  if (self->is_dry || self->asks)
    {
      shown = bfy_connect_edits_new (targets, put_all, &work, error);
      if (shown == NULL || self->is_dry || shown->len == 0)
        return g_steal_pointer (&shown);
      if (!bfy_connect_ask (self, cli, shown, error))
        return NULL;
    }
  work.is_dry = FALSE;
  edits = bfy_connect_edits_new (targets, put_all, &work, error);
  if (edits == NULL || (shown != NULL && !check_shown (shown, edits, error)))
    return NULL;

  return g_steal_pointer (&edits);
}

gboolean
bfy_connect_write (BfyConnectRun *self, BfyCli *cli, GError **error)
{
  g_autoptr (GPtrArray) targets =
      bfy_connect_targets (self->client, cli->environment, self->project, error);
  g_autoptr (GPtrArray) edits = NULL;

  if (targets == NULL)
    return FALSE;
  edits = settle (self, cli, targets, error);
  if (edits == NULL || !write_edits (self, cli, edits, error))
    {
      bfy_connect_revoke (cli, self->keys);
      return FALSE;
    }
  if (cli->is_json)
    report_json (self, edits);
  else
    report (self, edits);

  return TRUE;
}
