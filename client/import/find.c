/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/import/find.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/import/scan-private.h"
#include "client/plaintext.h"
#include "protocol/error.h"

#define TAIL_LENGTH 4
#define TAIL_SECRET_MIN 16 /* of shorter ones four characters are too much */

/* Where shapes do not tell whose it is. */
static const struct
{
  const char *service, *host, *variable;
} owners[] = {
  { "github", "github.com", "GITHUB_" },     { "github", "githubcopilot.com", "GH_" },
  { "linear", "linear.app", "LINEAR_" },     { "notion", "notion.com", "NOTION_" },
  { "figma", "figma.com", "FIGMA_" },        { "atlassian", "atlassian.com", "ATLASSIAN_" },
  { "atlassian", "atlassian.net", "JIRA_" },
};

gboolean
bfy_find_is_movable (const BfyFind *self)
{
  return self->problem == NULL && (self->url != NULL || self->argv != NULL);
}

void
bfy_find_free (BfyFind *self)
{
  if (self == NULL)
    return;

  g_free (self->service);
  g_free (self->label);
  g_free (self->host);
  g_clear_pointer (&self->secret, bfy_secret_unref);
  g_free (self->server);
  g_strfreev (self->path);
  g_free (self->url);
  g_free (self->header);
  g_free (self->prefix);
  g_free (self->query);
  g_strfreev (self->argv);
  g_free (self->variable);
  g_free (self);
}

static void
take_service (BfyFind *self, const char *service)
{
  if (self->service == NULL)
    self->service = g_strdup (service);
}

static gboolean
is_host_of (const char *host, const char *domain)
{
  gsize length = strlen (host), n = strlen (domain);

  return length >= n && g_ascii_strcasecmp (host + length - n, domain) == 0 &&
         (length == n || host[length - n - 1] == '.');
}

void
bfy_find_set_host (BfyFind *self, const char *host)
{
  if (host == NULL)
    return;
  g_free (self->host);
  self->host = g_strdup (host);
  for (guint i = 0; i < G_N_ELEMENTS (owners); i++)
    if (is_host_of (host, owners[i].host))
      take_service (self, owners[i].service);
}

BfyFind *
bfy_find_new_sure (const char *name, const char *kind, const char *value)
{
  BfyFind *self = g_new0 (BfyFind, 1);
  gsize length = strlen (value);
  const char *service = NULL;

  self->kind = kind;
  self->label = g_strdup (name);
  self->secret = bfy_secret_new (value, length);
  if (length >= TAIL_SECRET_MIN && g_str_is_ascii (value))
    memcpy (self->tail, value + length - TAIL_LENGTH, TAIL_LENGTH);
  bfy_plaintext_judge (name, value, &service);
  take_service (self, service);
  for (guint i = 0; i < G_N_ELEMENTS (owners); i++)
    if (g_str_has_prefix (name, owners[i].variable))
      take_service (self, owners[i].service);

  return self;
}

BfyFind *
bfy_find_new (const char *name, const char *value)
{
  const char *service = NULL;
  const char *kind = bfy_plaintext_judge (name, value, &service);

  return kind != NULL ? bfy_find_new_sure (name, kind, value) : NULL;
}

/* In the order of the text, which offsets tell. */
static int
compare_finds (gconstpointer a, gconstpointer b)
{
  const BfyFind *first = *(BfyFind *const *) a, *second = *(BfyFind *const *) b;

  return first->begin < second->begin ? -1 : first->begin > second->begin;
}

static void
count_lines (GPtrArray *finds, const char *text)
{
  gsize offset = 0;
  guint line = 1;

  g_ptr_array_sort (finds, compare_finds);
  for (guint i = 0; i < finds->len; i++)
    {
      BfyFind *find = g_ptr_array_index (finds, i);

      for (; offset < find->begin; offset++)
        line += text[offset] == '\n';
      find->line = line;
    }
}

static gboolean
scan_form (BfyScanFormat format, const char *text, gsize length, GPtrArray *finds, GError **error)
{
  switch (format)
    {
    case BFY_SCAN_JSON:
      return bfy_scan_tree (BFY_FORM_JSON, text, length, finds, error);
    case BFY_SCAN_TOML:
      return bfy_scan_tree (BFY_FORM_TOML, text, length, finds, error);
    case BFY_SCAN_YAML:
      return bfy_scan_tree (BFY_FORM_YAML, text, length, finds, error);
    case BFY_SCAN_LINES:
      bfy_scan_lines (text, finds);
      return TRUE;
    case BFY_SCAN_NETRC:
      bfy_scan_netrc (text, finds);
      return TRUE;
    case BFY_SCAN_URLS:
      bfy_scan_urls (text, finds);
      return TRUE;
    }

  return TRUE;
}

GPtrArray *
bfy_scan (BfyScanFormat format, const char *text, gsize length, GError **error)
{
  g_autoptr (GPtrArray) finds = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_find_free);

  if (memchr (text, '\0', length) != NULL || !g_utf8_validate (text, (gssize) length, NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_PARSE, _ ("it is no text"));
      return NULL;
    }
  if (!scan_form (format, text, length, finds, error))
    return NULL;
  if (finds->len > BFY_FINDS_MAX)
    g_ptr_array_set_size (finds, BFY_FINDS_MAX);
  count_lines (finds, text);

  return g_steal_pointer (&finds);
}
