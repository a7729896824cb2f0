/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/local-findings.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bfy-config.h"
#include "client/plaintext.h"
#include "protocol/name.h"

#define PATH_SHOWN_MAX 512
#define UNIT_BYTES_MAX (64 * 1024)
#define CLOCK_SLACK_S (24 * 3600) /* machines that build and that run are in different zones */
#define UNIT_NAME "bindify.service"
#define PORT_DEFAULT 7391 /* as the agent has it */
#define CONNECT_S 1

void
bfy_local_findings_add (JsonArray *findings, const char *code, char *message, char *next)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "code", code);
  json_object_set_string_member (object, "message", message);
  json_object_set_string_member (object, "next", next);
  json_object_set_null_member (object, "binding");
  json_object_set_boolean_member (object, "fixable", FALSE);
  json_array_add_object_element (findings, object);
  g_free (message);
  g_free (next);
}

static void
check_socket (JsonArray *findings, const char *path)
{
  g_autofree char *shown = bfy_text_to_line (path, PATH_SHOWN_MAX);
  g_autofree char *quoted = g_shell_quote (shown);
  struct stat status;

  if (lstat (path, &status) != 0)
    bfy_local_findings_add (
        findings, "socket_missing",
        g_strdup_printf (_ ("There is no socket %s: no agent runs, or it listens "
                            "elsewhere"),
                         shown),
        g_strdup ("systemctl --user start bindify.socket"));
  else if (!S_ISSOCK (status.st_mode))
    bfy_local_findings_add (findings, "socket_is_other",
                            g_strdup_printf (_ ("%s is no socket"), shown),
                            g_strdup_printf (_ ("ls -ld %s, and move it away"), quoted));
  else if (status.st_uid != geteuid ())
    bfy_local_findings_add (findings, "socket_owner",
                            g_strdup_printf (_ ("The socket %s belongs to another user"), shown),
                            g_strdup_printf (_ ("ls -ld %s, and move it away"), quoted));
}

static guint16
find_port (const char *settings)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  int port;

  if (settings == NULL ||
      !g_key_file_load_from_data (file, settings, G_MAXSIZE, G_KEY_FILE_NONE, NULL))
    return PORT_DEFAULT;
  port = g_key_file_get_integer (file, "agent", "port", NULL);

  return port > 0 && port <= G_MAXUINT16 ? (guint16) port : PORT_DEFAULT;
}

static gboolean
has_listener (guint16 port)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  if (socket == NULL)
    return FALSE;
  g_socket_set_timeout (socket, CONNECT_S);

  return g_socket_connect (socket, address, NULL, NULL);
}

void
bfy_local_findings_check_port (JsonArray *findings, const char *settings)
{
  guint16 port = find_port (settings);

  if (!has_listener (port))
    return;

  bfy_local_findings_add (
      findings, "port_taken",
      g_strdup_printf (_ ("Another program listens on 127.0.0.1:%u, where the "
                          "agent has to; its clients may send their keys there"),
                       port),
      g_strdup_printf (_ ("ss -ltnp 'sport = :%u', and end that program"), port));
}

/* Our own program cannot be from the future. */
static void
check_clock (JsonArray *findings, gint64 now_s)
{
  struct stat status;

  if (stat ("/proc/self/exe", &status) != 0 || now_s >= status.st_mtime - CLOCK_SLACK_S)
    return;

  bfy_local_findings_add (findings, "clock_behind",
                          g_strdup (_ ("The clock is behind: bindify was installed later than now. "
                                       "Tokens are renewed too late, and certificates are not yet "
                                       "valid")),
                          g_strdup ("timedatectl set-ntp true"));
}

/* What stands behind ExecStart=, without the marks of systemd in front of it. */
static char *
find_program (const char *unit)
{
  g_auto (GStrv) lines = g_strsplit (unit, "\n", -1);
  char *program = NULL;

  for (guint i = 0; lines[i] != NULL && program == NULL; i++)
    {
      const char *value = g_strstrip (lines[i]);

      if (!g_str_has_prefix (value, "ExecStart="))
        continue;
      value += strlen ("ExecStart=");
      value += strspn (value, "-+!:@ \t");
      if (*value == '/')
        program = g_strndup (value, strcspn (value, " \t"));
    }

  return program;
}

static void
check_unit (JsonArray *findings, const char *directory)
{
  g_autofree char *path = g_build_filename (directory, UNIT_NAME, NULL);
  g_autofree char *text = NULL;
  g_autofree char *program = NULL;
  g_autofree char *shown = NULL;
  struct stat status;

  if (stat (path, &status) != 0 || !S_ISREG (status.st_mode) || status.st_size > UNIT_BYTES_MAX ||
      !g_file_get_contents (path, &text, NULL, NULL))
    return;
  program = find_program (text);
  if (program == NULL || access (program, X_OK) == 0)
    return;

  shown = bfy_text_to_line (program, PATH_SHOWN_MAX);
  bfy_local_findings_add (
      findings, "unit_program_missing",
      g_strdup_printf (_ ("The unit %s starts %s, which is not there"), path, shown),
      g_strdup ("systemctl --user edit --full bindify.service"));
}

/* The first that systemd would take. */
static void
check_units (JsonArray *findings, const BfyEnvironment *environment)
{
  const char *home = environment->home != NULL ? environment->home : "/";
  g_autofree char *config = environment->config_home != NULL
                                ? g_build_filename (environment->config_home, "systemd/user", NULL)
                                : g_build_filename (home, ".config/systemd/user", NULL);
  g_autofree char *data = g_build_filename (home, ".local/share/systemd/user", NULL);
  const char *const directories[] = { config, data, BFY_USER_UNIT_DIR };

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (directories[i], UNIT_NAME, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      check_unit (findings, directories[i]);
      return;
    }
}

static void
add_plaintext (JsonArray *findings, const BfyPlaintext *found)
{
  g_autofree char *shown = bfy_text_to_line (found->path, PATH_SHOWN_MAX);
  const char *kind = _ (found->kind);
  char *message =
      /* Translators: a file, a line of it, and what is there: a token, a password. */
      *found->tail != '\0'
          ? g_strdup_printf (_ ("%s, line %u, holds a %s that ends in “%s”, which every program of "
                                "yours can read"),
                             shown, found->line, kind, found->tail)
          : g_strdup_printf (_ ("%s, line %u, holds a %s, which every program of yours can read"),
                             shown, found->line, kind);

  bfy_local_findings_add (
      findings, "plaintext_token", message,
      g_strdup_printf (_ ("bindify-add %s, then take it out of that line"),
                       found->service != NULL ? found->service : "URL --name NAME"));
}

static void
look_for_plaintext (BfyLocalFindings *self, const BfyEnvironment *environment)
{
  g_auto (BfyPlaintextScan) scan = { 0 };

  bfy_plaintext_scan_init (&scan);
  bfy_plaintext_scan_home (&scan, environment);
  for (guint i = 0; i < scan.found->len; i++)
    add_plaintext (self->findings, g_ptr_array_index (scan.found, i));
  for (guint i = 0; i < scan.unchecked->len; i++)
    {
      g_autofree char *shown =
          bfy_text_to_line (g_ptr_array_index (scan.unchecked, i), PATH_SHOWN_MAX);

      json_array_add_string_element (self->unchecked, shown);
    }
}

BfyLocalFindings
bfy_local_findings_look (const BfyEnvironment *environment, const char *socket_path, gint64 now_s)
{
  BfyLocalFindings self = { json_array_new (), json_array_new () };

  if (socket_path != NULL)
    check_socket (self.findings, socket_path);
  check_units (self.findings, environment);
  check_clock (self.findings, now_s);
  look_for_plaintext (&self, environment);

  return self;
}
