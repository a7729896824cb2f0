/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/database.h"

#include <string.h>

#include "protocol/error.h"

#define PORT_DEFAULT 5432
#define SQLITE_PREFIX "sqlite:"
/* What PostgreSQL takes for a name, with room to spare. */
#define NAME_BYTES_MAX 255
#define TEXT_BYTES_MAX 4096

static BfyDatabase *
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, text);

  return NULL;
}

void
bfy_database_free (BfyDatabase *self)
{
  if (self == NULL)
    return;
  g_free (self->uri);
  g_free (self->host);
  g_free (self->user);
  g_free (self->name);
  g_free (self->certificates);
  g_free (self->path);
  g_free (self);
}

static gboolean
is_clean (const char *text, gsize n_bytes_max)
{
  gsize length = text != NULL ? strlen (text) : 0;

  if (length == 0 || length > n_bytes_max || !g_utf8_validate (text, (gssize) length, NULL))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (g_ascii_iscntrl (text[i]))
      return FALSE;

  return TRUE;
}

/* Absolute, and the same however it is read. */
static gboolean
is_clean_path (const char *path)
{
  g_autofree char *canonical = NULL;

  if (!is_clean (path, TEXT_BYTES_MAX) || *path != '/' || path[1] == '\0' || path[1] == '/')
    return FALSE;
  canonical = g_canonicalize_filename (path, "/");

  return g_str_equal (canonical, path);
}

static BfyDatabase *
parse_sqlite (const char *text, GError **error)
{
  g_autoptr (BfyDatabase) self = g_new0 (BfyDatabase, 1);
  const char *path = text + strlen (SQLITE_PREFIX);

  if (g_str_has_prefix (path, "///"))
    path += 2;
  if (!is_clean_path (path))
    return refuse (error, "A SQLite database is given as sqlite:/PATH/TO/FILE, without “..”");
  self->kind = BFY_DATABASE_SQLITE;
  self->path = g_strdup (path);
  self->uri = g_strconcat (SQLITE_PREFIX, path, NULL);

  return g_steal_pointer (&self);
}

/* The host is judged as that of any upstream. */
static gboolean
take_host (BfyDatabase *self, GUri *uri, GError **error)
{
  const char *host = g_uri_get_host (uri);
  gboolean is_bare_v6 = host != NULL && strchr (host, ':') != NULL;
  g_autofree char *shown = NULL;
  g_autoptr (BfyUpstream) upstream = NULL;

  if (host == NULL || *host == '\0')
    {
      refuse (error, "The URL of the database lacks its host");
      return FALSE;
    }
  shown = g_strdup_printf (is_bare_v6 ? "https://[%s]/" : "https://%s/", host);
  upstream = bfy_upstream_parse (shown, error);
  if (upstream == NULL)
    return FALSE;
  self->host = g_strdup (upstream->host);
  self->reach = upstream->reach;

  return TRUE;
}

static gboolean
take_port (BfyDatabase *self, GUri *uri, GError **error)
{
  int port = g_uri_get_port (uri) == -1 ? PORT_DEFAULT : g_uri_get_port (uri);

  if (port > 0 && port <= G_MAXUINT16)
    {
      self->port = (guint16) port;
      return TRUE;
    }
  refuse (error, "The port of the database is not one");

  return FALSE;
}

static gboolean
take_names (BfyDatabase *self, GUri *uri, GError **error)
{
  const char *path = g_uri_get_path (uri);

  self->user = g_strdup (g_uri_get_user (uri));
  self->name = *path == '/' ? g_strdup (path + 1) : NULL;
  if (is_clean (self->user, NAME_BYTES_MAX) && is_clean (self->name, NAME_BYTES_MAX))
    return TRUE;
  refuse (error, "The URL of a database is postgres://USER@HOST:PORT/NAME");

  return FALSE;
}

static gboolean
take_option (BfyDatabase *self, const char *name, const char *value, GError **error)
{
  if (g_str_equal (name, "sslmode") && g_str_equal (value, "verify-full"))
    return TRUE;
  if (g_str_equal (name, "sslmode") && g_str_equal (value, "disable"))
    {
      self->is_plain = TRUE;
      return TRUE;
    }
  if (g_str_equal (name, "relay") && g_str_equal (value, "on"))
    {
      self->relays = TRUE;
      return TRUE;
    }
  if (g_str_equal (name, "sslrootcert") && is_clean_path (value))
    {
      g_free (self->certificates);
      self->certificates = g_strdup (value);
      return TRUE;
    }
  refuse (error, "The URL of a database may end in ?sslmode=verify-full or disable, in "
                 "sslrootcert=/FILE, and in relay=on; nothing else");

  return FALSE;
}

static gboolean
take_options (BfyDatabase *self, GUri *uri, GError **error)
{
  const char *query = g_uri_get_query (uri);
  GUriParamsIter iter;
  char *name;
  char *value;

  if (query == NULL)
    return TRUE;
  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_NONE);
  for (;;)
    {
      g_autofree char *own_name = NULL;
      g_autofree char *own_value = NULL;
      g_autoptr (GError) problem = NULL;

      if (!g_uri_params_iter_next (&iter, &name, &value, &problem))
        return problem == NULL || refuse (error, "The URL of the database is not one") != NULL;
      own_name = name;
      own_value = value;
      if (!take_option (self, own_name, own_value, error))
        return FALSE;
    }
}

static gboolean
check_plain (const BfyDatabase *self, GError **error)
{
  if (self->is_plain && self->reach != BFY_REACH_LOOPBACK)
    refuse (error, "Without TLS a database must be on this machine");
  else if (self->is_plain && self->certificates != NULL)
    refuse (error, "sslrootcert means nothing without TLS");
  else
    return TRUE;

  return FALSE;
}

static char *
format_uri (const BfyDatabase *self)
{
  gboolean is_v6 = strchr (self->host, ':') != NULL;
  GString *uri = g_string_new ("postgres://");

  g_string_append_uri_escaped (uri, self->user, NULL, TRUE);
  g_string_append_printf (uri, is_v6 ? "@[%s]" : "@%s", self->host);
  if (self->port != PORT_DEFAULT)
    g_string_append_printf (uri, ":%u", self->port);
  g_string_append_c (uri, '/');
  g_string_append_uri_escaped (uri, self->name, NULL, TRUE);
  if (self->is_plain)
    g_string_append (uri, "?sslmode=disable");
  if (self->certificates != NULL)
    {
      g_string_append (uri, "?sslrootcert=");
      g_string_append_uri_escaped (uri, self->certificates, "/", TRUE);
    }
  if (self->relays)
    g_string_append (uri, self->is_plain || self->certificates != NULL ? "&relay=on" : "?relay=on");

  return g_string_free (uri, FALSE);
}

static BfyDatabase *
parse_postgres (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD, NULL);
  g_autoptr (BfyDatabase) self = g_new0 (BfyDatabase, 1);

  if (uri == NULL)
    return refuse (error, "The URL of a database is postgres://USER@HOST:PORT/NAME");
  if (g_uri_get_password (uri) != NULL)
    return refuse (error, "A password does not belong into the URL, where other programs and the "
                          "shell’s history see it");
  if (g_uri_get_fragment (uri) != NULL)
    return refuse (error, "The URL of a database has no fragment");

  self->kind = BFY_DATABASE_POSTGRES;
  if (!take_host (self, uri, error) || !take_port (self, uri, error) ||
      !take_names (self, uri, error) || !take_options (self, uri, error) ||
      !check_plain (self, error))
    return NULL;
  self->uri = format_uri (self);

  return g_steal_pointer (&self);
}

BfyDatabase *
bfy_database_parse (const char *text, GError **error)
{
  if (strlen (text) > TEXT_BYTES_MAX)
    return refuse (error, "The URL of the database is too long");
  if (g_str_has_prefix (text, SQLITE_PREFIX))
    return parse_sqlite (text, error);
  if (g_str_has_prefix (text, "postgres://") || g_str_has_prefix (text, "postgresql://"))
    return parse_postgres (text, error);

  return refuse (error, "A database is postgres://USER@HOST:PORT/NAME or sqlite:/FILE");
}
