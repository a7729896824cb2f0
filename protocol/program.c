/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/program.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define VARIABLE_LENGTH_MAX 128
#define SHARE_BYTES_MAX 4096
#define SHOWN_LENGTH_MAX 60

static const char *const delivery_names[] = {
  [BFY_DELIVER_NOTHING] = "nothing",
  [BFY_DELIVER_ENV] = "env",
  [BFY_DELIVER_FILE] = "file",
  [BFY_DELIVER_FD] = "fd",
};

/* What the agent sets itself, and what would change how the launcher or the sandbox run. */
static const char *const reserved_variables[] = { "HOME", "LANG", "PATH", "TMPDIR", "PWD", NULL };

static const char writable_suffix[] = ":rw";
static const char readable_suffix[] = ":ro";

BfyProgram *
bfy_program_new (void)
{
  BfyProgram *self = g_new0 (BfyProgram, 1);

  self->argv = g_new0 (char *, 1);
  self->pass = g_new0 (char *, 1);
  self->share = g_new0 (char *, 1);
  self->has_sandbox = TRUE;
  self->has_network = TRUE;

  return self;
}

BfyProgram *
bfy_program_copy (const BfyProgram *self)
{
  BfyProgram *copy;

  if (self == NULL)
    return NULL;
  copy = g_memdup2 (self, sizeof *self);
  copy->argv = g_strdupv (self->argv);
  copy->variable = g_strdup (self->variable);
  copy->pass = g_strdupv (self->pass);
  copy->share = g_strdupv (self->share);

  return copy;
}

void
bfy_program_free (BfyProgram *self)
{
  if (self == NULL)
    return;

  g_strfreev (self->argv);
  g_free (self->variable);
  g_strfreev (self->pass);
  g_strfreev (self->share);
  g_free (self);
}

gboolean
bfy_program_equal (const BfyProgram *a, const BfyProgram *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return g_strv_equal ((const char *const *) a->argv, (const char *const *) b->argv) &&
         a->delivery == b->delivery && g_strcmp0 (a->variable, b->variable) == 0 &&
         g_strv_equal ((const char *const *) a->pass, (const char *const *) b->pass) &&
         g_strv_equal ((const char *const *) a->share, (const char *const *) b->share) &&
         a->has_sandbox == b->has_sandbox && a->has_network == b->has_network;
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, message);

  return FALSE;
}

static gboolean
refuse_text (GError **error, const char *text, const char *why)
{
  g_autofree char *shown = bfy_text_to_line (text, SHOWN_LENGTH_MAX);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“%s” %s", shown, why);

  return FALSE;
}

static gboolean
check_argv (const BfyProgram *self, GError **error)
{
  gsize n_words = g_strv_length (self->argv);
  gsize n_bytes = 0;

  if (n_words == 0 || self->argv[0][0] == '\0')
    return refuse (error, "The command is empty");
  if (n_words > BFY_PROGRAM_WORDS_MAX)
    return refuse (error, "The command has too many words");
  for (gsize i = 0; i < n_words; i++)
    {
      gsize length = strlen (self->argv[i]);

      if (length > BFY_PROGRAM_BYTES_MAX - n_bytes)
        return refuse (error, "The command is too long");
      n_bytes += length;
      if (!g_utf8_validate (self->argv[i], length, NULL))
        return refuse_text (error, self->argv[i], "is a word of the command that is not UTF-8");
    }

  return TRUE;
}

static gboolean
is_variable (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > VARIABLE_LENGTH_MAX || g_ascii_isdigit (name[0]))
    return FALSE;
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '_')
      return FALSE;

  return TRUE;
}

static gboolean
check_variable (const char *name, GError **error)
{
  if (!is_variable (name))
    return refuse_text (error, name,
                        "cannot be the name of a variable: use letters, digits and “_”");
  if (g_strv_contains (reserved_variables, name) || g_str_has_prefix (name, "LD_"))
    return refuse_text (error, name, "is a variable that the agent sets itself; choose another");

  return TRUE;
}

static gboolean
check_variables (const BfyProgram *self, GError **error)
{
  if ((self->variable == NULL) != (self->delivery == BFY_DELIVER_NOTHING))
    return refuse (error, "Say how the program gets its secret: a variable and a way");
  if (self->variable != NULL && !check_variable (self->variable, error))
    return FALSE;
  if (g_strv_length (self->pass) > BFY_PROGRAM_LIST_MAX)
    return refuse (error, "Too many variables are to be passed on");
  for (gsize i = 0; self->pass[i] != NULL; i++)
    {
      if (!check_variable (self->pass[i], error))
        return FALSE;
      if (g_strcmp0 (self->pass[i], self->variable) == 0)
        return refuse_text (error, self->pass[i],
                            "is the secret’s variable and cannot be passed on as well");
    }

  return TRUE;
}

char *
bfy_share_parse (const char *share, gboolean *is_writable)
{
  gsize length = strlen (share);

  *is_writable = g_str_has_suffix (share, writable_suffix);
  if (*is_writable || g_str_has_suffix (share, readable_suffix))
    length -= strlen (writable_suffix);
  while (length > 1 && share[length - 1] == '/')
    length--;

  return g_strndup (share, length);
}

/* Absolute, without "." and "..", and not everything at once. */
static gboolean
check_share (const char *share, GError **error)
{
  gboolean is_writable;
  g_autofree char *path = bfy_share_parse (share, &is_writable);
  g_autofree char *canonical = NULL;

  if (strlen (share) > SHARE_BYTES_MAX || !g_utf8_validate (share, -1, NULL) || path[0] != '/')
    return refuse_text (error, share, "cannot be shared: give a folder’s absolute path");
  canonical = g_canonicalize_filename (path, "/");
  if (strcmp (canonical, path) != 0 || strcmp (path, "/") == 0)
    return refuse_text (error, share, "cannot be shared: give the plain path of one folder");

  return TRUE;
}

gboolean
bfy_program_check (const BfyProgram *self, GError **error)
{
  if (!check_argv (self, error) || !check_variables (self, error))
    return FALSE;
  if (g_strv_length (self->share) > BFY_PROGRAM_LIST_MAX)
    return refuse (error, "Too many folders are to be shared");
  for (gsize i = 0; self->share[i] != NULL; i++)
    if (!check_share (self->share[i], error))
      return FALSE;
  if (!self->has_sandbox && (self->share[0] != NULL || !self->has_network))
    return refuse (error, "Without a sandbox nothing can be shared or shut off");

  return TRUE;
}

static JsonArray *
array_of (const GStrv words)
{
  JsonArray *array = json_array_new ();

  for (gsize i = 0; words[i] != NULL; i++)
    json_array_add_string_element (array, words[i]);

  return array;
}

JsonObject *
bfy_program_to_json (const BfyProgram *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_array_member (object, "argv", array_of (self->argv));
  json_object_set_string_member (object, "deliver", delivery_names[self->delivery]);
  if (self->variable != NULL)
    json_object_set_string_member (object, "variable", self->variable);
  else
    json_object_set_null_member (object, "variable");
  json_object_set_array_member (object, "pass", array_of (self->pass));
  json_object_set_array_member (object, "share", array_of (self->share));
  json_object_set_boolean_member (object, "sandbox", self->has_sandbox);
  json_object_set_boolean_member (object, "network", self->has_network);

  return object;
}

/* What is absent keeps its value. */
static gboolean
take_list (JsonObject *object, const char *name, GStrv *list, GError **error)
{
  GStrv words = NULL;

  if (!bfy_json_get_strings (object, name, &words, error))
    return FALSE;
  if (words != NULL)
    {
      g_strfreev (*list);
      *list = words;
    }

  return TRUE;
}

static gboolean
take_delivery (JsonObject *object, BfyProgram *self, GError **error)
{
  const char *wire = NULL, *variable = NULL;

  if (!bfy_json_get_string (object, "deliver", &wire, error) ||
      !bfy_json_get_string (object, "variable", &variable, error))
    return FALSE;
  self->variable = g_strdup (variable);
  if (wire == NULL)
    {
      self->delivery = variable != NULL ? BFY_DELIVER_ENV : BFY_DELIVER_NOTHING;
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (delivery_names); i++)
    {
      if (strcmp (wire, delivery_names[i]) == 0)
        {
          self->delivery = i;
          return TRUE;
        }
    }

  return refuse_text (error, wire, "is not a way to deliver a secret: env, file, fd or nothing");
}

BfyProgram *
bfy_program_from_json (JsonObject *object, GError **error)
{
  static const char *const known[] = { "argv",  "deliver", "variable", "pass",
                                       "share", "sandbox", "network",  NULL };
  g_autoptr (BfyProgram) self = bfy_program_new ();

  if (!bfy_json_refuse_unknown (object, known, error) ||
      !take_list (object, "argv", &self->argv, error) || !take_delivery (object, self, error) ||
      !take_list (object, "pass", &self->pass, error) ||
      !take_list (object, "share", &self->share, error) ||
      !bfy_json_get_boolean (object, "sandbox", &self->has_sandbox, error) ||
      !bfy_json_get_boolean (object, "network", &self->has_network, error) ||
      !bfy_program_check (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/* A word that a shell would leave alone stays as it is. */
static gboolean
is_plain (const char *word)
{
  for (const char *p = word; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("@%+=:,./_-", *p) == NULL)
      return FALSE;

  return *word != '\0';
}

char *
bfy_program_format_command (const BfyProgram *self)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (gsize i = 0; self->argv[i] != NULL; i++)
    {
      g_autofree char *quoted = is_plain (self->argv[i]) ? NULL : g_shell_quote (self->argv[i]);

      if (i > 0)
        g_string_append_c (line, ' ');
      g_string_append (line, quoted != NULL ? quoted : self->argv[i]);
    }

  return bfy_text_to_line (line->str, G_MAXSIZE);
}

char *
bfy_program_describe_secret (const BfyProgram *self)
{
  switch (self->delivery)
    {
    case BFY_DELIVER_NOTHING:
      break;
    case BFY_DELIVER_ENV:
      return g_strdup_printf (_ ("in the variable %s"), self->variable);
    case BFY_DELIVER_FILE:
      return g_strdup_printf (_ ("in a file that vanishes, its path in %s"), self->variable);
    case BFY_DELIVER_FD:
      return g_strdup_printf (_ ("on a pipe, its number in %s"), self->variable);
    }

  return g_strdup (C_ ("secret", "none"));
}
