/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Members of catalogue records that are texts of a certain form: host names, variables, pointers.
 * They are compared and shown by others, so nothing but the form gets in. */

#include <string.h>

#include "protocol/service-schema-private.h"

#define HOST_LENGTH_MAX 253
#define LABEL_LENGTH_MAX 63
#define PATH_LENGTH_MAX 200
#define WORD_LENGTH_MAX 30
#define NAME_LENGTH_MAX 64
#define KEYWORDS_MAX 6
#define LIST_MAX 32

typedef gboolean (*IsGood) (const char *text);

typedef struct
{
  IsGood is_good;
  guint n_max; /* of a list */
  const char *says;
} Form;

static gboolean
is_made_of (const char *text, gsize length_max, const char *others)
{
  gsize length = strlen (text);

  if (length == 0 || length > length_max)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_islower (*p) && !g_ascii_isdigit (*p) && strchr (others, *p) == NULL)
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_keyword (const char *text)
{
  return is_made_of (text, WORD_LENGTH_MAX, " .+-") && g_ascii_isalnum (*text) &&
         text[strlen (text) - 1] != ' ';
}

static gboolean
is_icon (const char *text)
{
  return is_made_of (text, NAME_LENGTH_MAX, "-") && g_ascii_islower (*text);
}

static gboolean
is_label (const char *text)
{
  return is_made_of (text, LABEL_LENGTH_MAX, "-") && *text != '-' && text[strlen (text) - 1] != '-';
}

static gboolean
is_host (const char *text)
{
  g_auto (GStrv) labels = g_strsplit (text, ".", -1);

  if (strlen (text) > HOST_LENGTH_MAX)
    return FALSE;
  for (guint i = 0; labels[i] != NULL; i++)
    {
      if (!is_label (labels[i]))
        return FALSE;
    }

  return *labels != NULL;
}

/* One star says less than a whole top level. */
static gboolean
is_host_or_star (const char *text)
{
  return g_str_has_prefix (text, "*.") ? strchr (text + 2, '.') != NULL && is_host (text + 2)
                                       : is_host (text);
}

static gboolean
is_path (const char *text)
{
  gsize length = strlen (text);

  if (*text != '/' || length > PATH_LENGTH_MAX)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr ("/-._~", *p) == NULL)
        return FALSE;
    }

  return strstr (text, "//") == NULL && strstr (text, "/.") == NULL;
}

/* Not those by which a program finds its home, its files or its libraries. */
static gboolean
is_variable (const char *text)
{
  static const char *const reserved[] = { "HOME", "LANG", "PATH", "PWD", "TMPDIR", NULL };

  if (*text == '\0' || strlen (text) > NAME_LENGTH_MAX || g_ascii_isdigit (*text))
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && *p != '_')
        return FALSE;
    }

  return !g_str_has_prefix (text, "LD_") && !g_strv_contains (reserved, text);
}

/* Between "//" and ":" of a URL. */
static gboolean
is_git_user (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr ("-._", *p) == NULL)
        return FALSE;
    }

  return *text != '\0' && strlen (text) <= NAME_LENGTH_MAX;
}

/* RFC 6901, but for the one to the whole. */
static gboolean
is_pointer (const char *text)
{
  if (*text != '/' || strlen (text) > PATH_LENGTH_MAX)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isprint (*p) || (*p == '~' && p[1] != '0' && p[1] != '1'))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_fact (const char *text)
{
  g_auto (GStrv) members = g_strsplit (text, ".", -1);

  for (guint i = 0; members[i] != NULL; i++)
    {
      if (!is_made_of (members[i], NAME_LENGTH_MAX, "_"))
        return FALSE;
    }

  return *members != NULL;
}

static gboolean
check_one (const Form *form, JsonNode *node, const char *path, GError **error)
{
  const char *text = bfy_service_text_of (node);

  return (text != NULL && form->is_good (text)) || bfy_service_refuse (error, path, form->says);
}

static gboolean
check_each (const Form *form, JsonNode *node, const char *path, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (n == 0 || n > form->n_max)
    return bfy_service_refuse (error, path, form->says);
  for (guint i = 0; i < n; i++)
    {
      if (!check_one (form, json_array_get_element (array, i), path, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
bfy_service_check_keywords (const BfyServiceMember *self,
                            JsonNode *node,
                            const char *path,
                            GError **error)
{
  static const Form form = { is_keyword, KEYWORDS_MAX, "must be 1 to 6 words in small letters" };

  return check_each (&form, node, path, error);
}

gboolean
bfy_service_check_icon (const BfyServiceMember *self,
                        JsonNode *node,
                        const char *path,
                        GError **error)
{
  static const Form form = { is_icon, 1, "must be the name of an icon" };

  return check_one (&form, node, path, error);
}

gboolean
bfy_service_check_host (const BfyServiceMember *self,
                        JsonNode *node,
                        const char *path,
                        GError **error)
{
  static const Form form = { is_host_or_star, 1,
                             "must be the name of a host, or “*.” and one of two parts" };

  return check_one (&form, node, path, error);
}

gboolean
bfy_service_check_git_host (const BfyServiceMember *self,
                            JsonNode *node,
                            const char *path,
                            GError **error)
{
  static const Form form = { is_host, 1, "must be the name of a host" };

  return check_one (&form, node, path, error);
}

gboolean
bfy_service_check_git_user (const BfyServiceMember *self,
                            JsonNode *node,
                            const char *path,
                            GError **error)
{
  static const Form form = { is_git_user, 1, "must be the name of a user" };

  return check_one (&form, node, path, error);
}

gboolean
bfy_service_check_path (const BfyServiceMember *self,
                        JsonNode *node,
                        const char *path,
                        GError **error)
{
  static const Form form = { is_path, 1, "must be the start of a path, as in /v1/" };

  return check_one (&form, node, path, error);
}

gboolean
bfy_service_check_variables (const BfyServiceMember *self,
                             JsonNode *node,
                             const char *path,
                             GError **error)
{
  static const Form form = { is_variable, LIST_MAX, "must be a list of names of variables" };

  return check_each (&form, node, path, error);
}

gboolean
bfy_service_check_pointers (const BfyServiceMember *self,
                            JsonNode *node,
                            const char *path,
                            GError **error)
{
  static const Form form = { is_pointer, LIST_MAX, "must be a JSON pointer, or a list of them" };

  return JSON_NODE_HOLDS_ARRAY (node) ? check_each (&form, node, path, error)
                                      : check_one (&form, node, path, error);
}

gboolean
bfy_service_check_facts (const BfyServiceMember *self,
                         JsonNode *node,
                         const char *path,
                         GError **error)
{
  static const Form form = { is_fact, LIST_MAX, "must be a list of members of the record" };

  return check_each (&form, node, path, error);
}
