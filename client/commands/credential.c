/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* `bindify credential`: for programs that insist on having a credential and have a way to ask
 * another program for it. The agent decides, and asks a person each time; here is only how those
 * programs say it. Nothing is ever stored or deleted for them. */

#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/binding-service.h"
#include "client/commands/commands.h"
#include "client/credential/aws.h"
#include "client/credential/docker.h"
#include "client/credential/git.h"
#include "client/credential/match.h"
#include "client/fields.h"
#include "protocol/name.h"

/* What goes with a token whose service wants some name and does not care which. */
#define ANY_USERNAME "token"

static gboolean credential_git (BfyCli *cli, GStrv words, GError **error);
static gboolean credential_docker (BfyCli *cli, GStrv words, GError **error);
static gboolean credential_aws (BfyCli *cli, GStrv words, GError **error);

const BfyCommand bfy_credential_commands[] = {
  { "git", "get|store|erase", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Be a credential helper of git: a person is asked each time"), credential_git },
  { "docker", "get|list|store|erase", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Be a credential helper of Docker: a person is asked each time"), credential_docker },
  { "aws", "NAME", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Be a credential_process of AWS: a person is asked each time"), credential_aws },
  BFY_COMMAND_END,
};

gboolean
bfy_command_credential (BfyCli *cli, GStrv words, GError **error)
{
  if (words[1] == NULL || strcmp (words[1], "--help") == 0 || strcmp (words[1], "-h") == 0)
    {
      cli->exit_status = words[1] == NULL ? 1 : 0;
      return bfy_help (cli, "credential", NULL, error);
    }

  return bfy_cli_run (cli, bfy_credential_commands, "bindify credential", words + 1, error);
}

/* What the agent has told. */
typedef struct
{
  char *username;    /* (owned) (nullable) */
  BfySecret *secret; /* (owned) */
  gint64 expires_at_s;
} Revealed;

static void
revealed_clear (Revealed *self)
{
  g_clear_pointer (&self->username, g_free);
  g_clear_pointer (&self->secret, bfy_secret_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Revealed, revealed_clear)

static gboolean
take_answer (JsonObject *reply, Revealed *revealed, GError **error)
{
  const char *username = bfy_field_text (reply, "username");
  char *secret = (char *) bfy_field_text (reply, "secret");

  if (*secret == '\0')
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           _ ("The agent’s answer has no credential in it"));
      return FALSE;
    }
  revealed->username = *username != '\0' ? g_strdup (username) : NULL;
  revealed->secret = bfy_secret_new_wipe (secret, strlen (secret));
  revealed->expires_at_s = bfy_field_int (reply, "expires_at_s");

  return TRUE;
}

/* Waits for the person. @host: (nullable) that of the binding. */
static gboolean
reveal (BfyCli *cli,
        const char *name,
        BfyRevealPurpose purpose,
        const char *host,
        Revealed *revealed,
        GError **error)
{
  g_autofree char *binding = bfy_cli_path ("bindings", name);
  g_autofree char *path = g_strconcat (binding, "/reveal", NULL);
  JsonObject *request = json_object_new ();
  g_autoptr (JsonObject) reply = NULL;

  json_object_set_string_member (request, "for", bfy_reveal_purpose_to_wire (purpose));
  if (host != NULL)
    json_object_set_string_member (request, "host", host);
  reply = bfy_cli_call_json (cli, "POST", path, request, error);

  return reply != NULL && take_answer (reply, revealed, error);
}

static gboolean
check_pipe (BfyCli *cli, GError **error)
{
  if (!isatty (STDOUT_FILENO))
    return TRUE;
  bfy_cli_set_hint (cli, "man bindify-credential");
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       _ ("A credential goes to the program that asked for it through a pipe, and "
                          "never to a terminal"));

  return FALSE;
}

static void
print_secret (const BfySecret *text)
{
  (void) fwrite (bfy_secret_peek_text (text), 1, bfy_secret_length (text), stdout);
  (void) fflush (stdout);
}

/* What git and Docker hand over may be a password, which is to be stored; it is read all the same,
 * since they may not expect that nobody does. */
static BfySecret *
read_request (BfyCli *cli, GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (BfySecret) buffer = NULL;
  guint8 *data = NULL;
  gsize length = 0;

  buffer = bfy_secret_new_blank (BFY_GIT_REQUEST_BYTES_MAX, &data);
  g_input_stream_read_all_async (stream, data, BFY_GIT_REQUEST_BYTES_MAX, G_PRIORITY_DEFAULT,
                                 cli->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  if (!g_input_stream_read_all_finish (stream, result, &length, error))
    return NULL;

  return bfy_secret_new (data, length);
}

static void
candidate_free (gpointer data)
{
  BfyCredentialCandidate *candidate = data;

  json_object_unref (candidate->binding);
  json_object_unref (candidate->service);
  g_free (candidate);
}

/* (element-type BfyCredentialCandidate) Those that may be revealed. NULL with an error, also while
 * nobody is told which bindings there are. */
static GPtrArray *
load_candidates (BfyCli *cli, GError **error)
{
  g_autoptr (GPtrArray) candidates = g_ptr_array_new_with_free_func (candidate_free);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);

  if (reply == NULL)
    return NULL;
  if (bfy_field_boolean (reply, "hidden"))
    {
      bfy_cli_set_hint (cli, "bindify unlock");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_LOCKED,
                           _ ("The agent is locked with a passphrase"));
      return NULL;
    }
  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);
      BfyCredentialCandidate *candidate;

      if (!bfy_field_boolean (binding, "reveals"))
        continue;
      candidate = g_new0 (BfyCredentialCandidate, 1);
      candidate->binding = json_object_ref (binding);
      candidate->service = bfy_binding_service_load (cli, binding);
      g_ptr_array_add (candidates, candidate);
    }

  return g_steal_pointer (&candidates);
}

/* The name of the one that is meant, or NULL: without an error when there is none, and the program
 * may look elsewhere. Free with g_free(). */
static char *
find_binding (BfyCli *cli, const BfyCredentialWish *wish, GError **error)
{
  g_autoptr (GPtrArray) candidates = load_candidates (cli, error);
  const BfyCredentialCandidate *found;
  gboolean is_unclear;

  if (candidates == NULL)
    return NULL;
  found = bfy_credential_match (candidates, wish, &is_unclear);
  if (found != NULL)
    return g_strdup (bfy_field_text (found->binding, "name"));
  if (is_unclear)
    {
      bfy_cli_set_hint (cli, "git config credential.https://%s.username NAME", wish->host);
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("Several bindings are for %s, and it is not said which of them is meant"),
                   wish->host);
    }

  return NULL;
}

static gboolean
answer_git (BfyCli *cli, const BfyGitRequest *request, GError **error)
{
  const BfyCredentialWish wish = { BFY_REVEAL_GIT, request->host, request->path,
                                   request->username };
  g_autoptr (GError) local_error = NULL;
  g_autofree char *name = find_binding (cli, &wish, &local_error);
  g_autoptr (BfySecret) text = NULL;
  g_auto (Revealed) revealed = { 0 };

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (name == NULL)
    return TRUE;
  if (!reveal (cli, name, wish.purpose, wish.host, &revealed, error))
    return FALSE;
  text = bfy_git_format_answer (revealed.username != NULL ? revealed.username : ANY_USERNAME,
                                revealed.secret, revealed.expires_at_s, error);
  if (text != NULL)
    print_secret (text);

  return text != NULL;
}

/* Of what a later git may ask, as of storing and erasing, nothing is done (gitcredentials(7)). */
static gboolean
credential_git (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (BfySecret) said = NULL;
  g_autoptr (BfyGitRequest) request = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean is_get;

  if (others == NULL)
    return FALSE;
  is_get = strcmp (others[0], "get") == 0;
  if (is_get && !check_pipe (cli, error))
    return FALSE;
  said = read_request (cli, error);
  if (said == NULL || !is_get)
    return said != NULL;

  request =
      bfy_git_request_parse (bfy_secret_peek_text (said), bfy_secret_length (said), &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  return request == NULL || answer_git (cli, request, error);
}

/* Docker shows what its helper prints when that fails. */
static gboolean
say_to_docker (BfyCli *cli, const char *text)
{
  bfy_cli_print ("%s\n", text);
  cli->exit_status = 1;

  return TRUE;
}

static gboolean
answer_docker (BfyCli *cli, const char *server, const char *host, GError **error)
{
  const BfyCredentialWish wish = { .purpose = BFY_REVEAL_DOCKER, .host = host };
  g_autoptr (GError) local_error = NULL;
  g_autofree char *name = find_binding (cli, &wish, &local_error);
  g_autoptr (BfySecret) text = NULL;
  g_auto (Revealed) revealed = { 0 };

  if (name == NULL && local_error == NULL)
    return say_to_docker (cli, BFY_DOCKER_NOT_FOUND_TEXT);
  if (local_error != NULL || !reveal (cli, name, wish.purpose, wish.host, &revealed, &local_error))
    {
      (void) say_to_docker (cli, local_error->message);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  text = bfy_docker_format_answer (
      server, revealed.username != NULL ? revealed.username : ANY_USERNAME, revealed.secret);
  print_secret (text);

  return TRUE;
}

static gboolean
docker_get (BfyCli *cli, GError **error)
{
  g_autoptr (BfySecret) said = NULL;
  g_autofree char *server = NULL;
  g_autofree char *host = NULL;

  if (!check_pipe (cli, error))
    return FALSE;
  said = read_request (cli, error);
  if (said == NULL)
    return FALSE;
  host = bfy_docker_parse_server (bfy_secret_peek_text (said), bfy_secret_length (said));
  if (host == NULL)
    return say_to_docker (cli, BFY_DOCKER_NOT_FOUND_TEXT);
  server = g_strstrip (g_strdup (bfy_secret_peek_text (said)));

  return answer_docker (cli, server, host, error);
}

/* Where something might be given, and the label of the account; no secret, so nobody is asked. */
static gboolean
docker_list (BfyCli *cli, GError **error)
{
  g_autoptr (GPtrArray) candidates = load_candidates (cli, error);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (node, object);
  for (guint i = 0; candidates != NULL && i < candidates->len; i++)
    {
      const BfyCredentialCandidate *candidate = candidates->pdata[i];
      g_autofree char *host = bfy_reveal_host_of_url (bfy_field_text (candidate->binding, "url"));
      g_autofree char *server = host != NULL ? g_strdup_printf ("https://%s", host) : NULL;

      if (server != NULL)
        json_object_set_string_member (object, server,
                                       bfy_field_text (candidate->binding, "account"));
    }
  if (candidates != NULL)
    bfy_cli_print_json (node);

  return candidates != NULL;
}

static gboolean
credential_docker (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (BfySecret) said = NULL;

  if (others == NULL)
    return FALSE;
  if (strcmp (others[0], "get") == 0)
    return docker_get (cli, error);
  if (strcmp (others[0], "list") == 0)
    return docker_list (cli, error);
  said = read_request (cli, error);

  return said != NULL && say_to_docker (cli, BFY_DOCKER_NOT_IMPLEMENTED_TEXT);
}

static gboolean
credential_aws (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (BfySecret) text = NULL;
  g_auto (Revealed) revealed = { 0 };

  if (others == NULL || !bfy_name_check (others[0], error) || !check_pipe (cli, error) ||
      !reveal (cli, others[0], BFY_REVEAL_AWS, NULL, &revealed, error))
    return FALSE;
  text = bfy_aws_format_answer (revealed.username != NULL ? revealed.username : "", revealed.secret,
                                revealed.expires_at_s);
  print_secret (text);

  return TRUE;
}
