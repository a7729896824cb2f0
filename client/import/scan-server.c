/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* One entry of a client’s list of MCP servers. It can be moved when it holds one secret, and when
 * all that it says beside that can be said to bindify as well; for others the reason is told. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/import/scan-private.h"

#define NAMES_MAX 5
#define ENV_PROGRAM "env"

typedef const char *const Names[NAMES_MAX];

static Names url_names = { "url", "serverUrl", "httpUrl", "uri", NULL };
static Names command_names = { "command", "cmd", NULL };
static Names env_names = { "env", "environment", "envs", NULL };
static Names header_names = { "headers", "http_headers", NULL };
/* What says where or how a program runs, and has no counterpart. */
static Names unlike_names = { "cwd", "envFile", "env_vars", "env_keys", NULL };

/* What has been read of it. */
typedef struct
{
  const char *name;
  GPtrArray *path;  /* borrowed */
  char *url;        /* (owned) (nullable) */
  GPtrArray *argv;  /* (owned) (element-type utf8) */
  GPtrArray *fixed; /* (owned) (element-type utf8) NAME=value that are no secrets */
  GPtrArray *own;   /* (owned) (element-type BfyFind) borrowed elements */
  const BfyPlace *env;
  const char *problem;
  gboolean is_remote;
} Server;

static const BfyPlace *
find_any (const BfyPlace *entry, Names names)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      const BfyPlace *place = bfy_place_find_member (entry, names[i]);

      if (place != NULL)
        return place;
    }

  return NULL;
}

gboolean
bfy_scan_is_server (const BfyPlace *place)
{
  const BfyPlace *command;

  if (place->kind != BFY_PLACE_MAP)
    return FALSE;
  command = find_any (place, command_names);

  return (command != NULL && command->kind != BFY_PLACE_MAP) || find_any (place, url_names) != NULL;
}

static gboolean
is_text (const BfyPlace *place)
{
  return place != NULL && place->kind == BFY_PLACE_TEXT && place->text != NULL;
}

static guint
count (const BfyPlace *place)
{
  return place != NULL && place->children != NULL ? place->children->len : 0;
}

static const BfyPlace *
nth (const BfyPlace *place, guint i)
{
  return g_ptr_array_index (place->children, i);
}

/* Reading its command */

static void
add_words (Server *self, const BfyPlace *place)
{
  if (is_text (place))
    g_ptr_array_add (self->argv, g_strdup (place->text));
  for (guint i = 0; i < count (place); i++)
    if (nth (place, i)->text != NULL)
      g_ptr_array_add (self->argv, g_strdup (nth (place, i)->text));
}

static const char *
word (const Server *self, guint i)
{
  return i < self->argv->len ? g_ptr_array_index (self->argv, i) : "";
}

/* The bridge that clients without HTTP use: what follows it is the URL. */
static void
look_for_bridge (Server *self)
{
  for (guint i = 0; i < self->argv->len && !self->is_remote; i++)
    {
      g_autofree char *base = g_path_get_basename (word (self, i));

      base[strcspn (base, "@")] = '\0';
      self->is_remote = g_str_equal (base, "mcp-remote");
    }
  for (guint i = 0; self->is_remote && self->url == NULL && i < self->argv->len; i++)
    if (g_str_has_prefix (word (self, i), "https://") ||
        g_str_has_prefix (word (self, i), "http://"))
      self->url = g_strdup (word (self, i));
}

/* Finds */

static void
complain (Server *self, const char *problem)
{
  if (self->problem == NULL)
    self->problem = problem;
}

static void
add (Server *self, BfyFind *find, const BfyPlace *place, GPtrArray *finds)
{
  find->begin = place->begin;
  find->end = place->end;
  find->server = g_strdup (self->name);
  g_ptr_array_add (self->own, find);
  g_ptr_array_add (finds, find);
}

/* "Bearer ", "token " and their like belong to the place, not to the secret. */
static const char *
skip_scheme (const char *value)
{
  gsize length = 0;

  while (g_ascii_isalpha (value[length]))
    length++;

  return length > 0 && value[length] == ' ' && value[length + 1] != '\0' ? value + length + 1
                                                                         : value;
}

/* ${NAME} and $NAME with what the entry’s own variables say; others stay as they are. */
static char *
expand (const Server *self, const char *value)
{
  const char *dollar = strchr (value, '$');
  const char *name = dollar != NULL ? dollar + 1 + (dollar[1] == '{') : "";
  gsize length = strcspn (name, "}:/ ");
  g_autofree char *variable = g_strndup (name, length);
  const char *rest = name + length;
  const char *text =
      dollar != NULL && self->env != NULL ? bfy_place_get_text (self->env, variable) : NULL;
  g_autofree char *before = NULL;

  if (text == NULL)
    return g_strdup (value);
  before = g_strndup (value, (gsize) (dollar - value));

  return g_strconcat (before, text, rest + (*rest == '}'), NULL);
}

static void
take_header (
    Server *self, const char *name, const char *value, const BfyPlace *place, GPtrArray *finds)
{
  g_auto (BfyWipedText) whole = expand (self, value);
  const char *secret = skip_scheme (whole);
  BfyFind *find = bfy_find_new (name, secret);

  if (find == NULL)
    {
      if (g_ascii_strcasecmp (name, "Accept") != 0 &&
          g_ascii_strcasecmp (name, "Content-Type") != 0)
        complain (self, N_ ("it sends other headers, too"));
      return;
    }
  find->header = g_strdup (name);
  find->prefix = g_strndup (whole, (gsize) (secret - whole));
  add (self, find, place, finds);
}

/* --header "Name: value", among the words of the bridge. */
static void
take_header_word (Server *self, const BfyPlace *place, GPtrArray *finds)
{
  const char *colon = strchr (place->text, ':');
  g_autofree char *name = NULL;

  if (colon == NULL)
    return;
  name = g_strndup (place->text, (gsize) (colon - place->text));
  take_header (self, g_strstrip (name), colon + 1 + strspn (colon + 1, " "), place, finds);
}

/* Where its URL stands: in a member of its own, or among the words of the bridge. */
static const BfyPlace *
find_url (const Server *self, const BfyPlace *entry)
{
  const BfyPlace *url = find_any (entry, url_names);
  const BfyPlace *const lists[] = { bfy_place_find_member (entry, "args"),
                                    find_any (entry, command_names) };

  for (guint i = 0; url == NULL && i < G_N_ELEMENTS (lists); i++)
    for (guint j = 0; url == NULL && j < count (lists[i]); j++)
      if (g_strcmp0 (nth (lists[i], j)->text, self->url) == 0)
        url = nth (lists[i], j);

  return url;
}

/* From here on the URL is the one without them. */
static void
take_parameters (Server *self, const BfyPlace *entry, GPtrArray *finds)
{
  const BfyPlace *place = self->url != NULL ? find_url (self, entry) : NULL;
  g_autoptr (GPtrArray) taken = g_ptr_array_new ();
  char *rest;

  if (place == NULL)
    return;
  rest = bfy_scan_url (self->url, taken);
  bfy_wipe_free (self->url);
  self->url = rest;
  for (guint i = 0; i < taken->len; i++)
    add (self, g_ptr_array_index (taken, i), place, finds);
}

static void
take_headers (Server *self, const BfyPlace *entry, GPtrArray *finds)
{
  const BfyPlace *headers = find_any (entry, header_names);
  const BfyPlace *args = bfy_place_find_member (entry, "args");

  for (guint i = 0; i < count (headers); i++)
    if (is_text (nth (headers, i)) && nth (headers, i)->name != NULL)
      take_header (self, nth (headers, i)->name, nth (headers, i)->text, nth (headers, i), finds);
  for (guint i = 1; i < count (args); i++)
    if (is_text (nth (args, i)) && is_text (nth (args, i - 1)) &&
        g_str_equal (nth (args, i - 1)->text, "--header"))
      take_header_word (self, nth (args, i), finds);
}

/* In the arguments of a program everybody sees it, and bindify cannot put it there. */
static void
take_arguments (Server *self, const BfyPlace *entry, GPtrArray *finds)
{
  const BfyPlace *args = bfy_place_find_member (entry, "args");
  const char *before = "";

  for (guint i = 0; i < count (args); i++)
    {
      const BfyPlace *place = nth (args, i);
      const char *equals = is_text (place) ? strchr (place->text, '=') : NULL;
      g_autofree char *name =
          equals != NULL ? g_strndup (place->text, (gsize) (equals - place->text)) : NULL;
      BfyFind *find = NULL;

      if (is_text (place))
        find =
            bfy_find_new (name != NULL ? name : before, equals != NULL ? equals + 1 : place->text);
      if (find != NULL)
        {
          complain (self, N_ ("the secret is in the arguments of the program"));
          add (self, find, place, finds);
        }
      before = is_text (place) ? place->text : "";
    }
}

static void
take_variables (Server *self, GPtrArray *finds)
{
  for (guint i = 0; i < count (self->env); i++)
    {
      const BfyPlace *place = nth (self->env, i);
      const char *name = place->name != NULL ? place->name : "";
      BfyFind *find = is_text (place) ? bfy_find_new (name, place->text) : NULL;

      if (find != NULL)
        {
          find->variable = g_strdup (name);
          add (self, find, place, finds);
          continue;
        }
      if (place->text == NULL || strstr (place->text, "${") != NULL)
        complain (self, N_ ("it refers to variables of the client"));
      else
        g_ptr_array_add (self->fixed, g_strdup_printf ("%s=%s", name, place->text));
    }
}

/* What is said of each of them */

/* Constant variables go in front, as `env` takes them. */
static GStrv
build_argv (const Server *self)
{
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();

  if (self->fixed->len > 0)
    g_strv_builder_add (argv, ENV_PROGRAM);
  for (guint i = 0; i < self->fixed->len; i++)
    g_strv_builder_add (argv, g_ptr_array_index (self->fixed, i));
  for (guint i = 0; i < self->argv->len; i++)
    g_strv_builder_add (argv, word (self, i));

  return g_strv_builder_end (argv);
}

static GStrv
copy_path (const GPtrArray *path)
{
  GStrv copy = g_new0 (char *, path->len + 1);

  for (guint i = 0; i < path->len; i++)
    copy[i] = g_strdup (g_ptr_array_index (path, i));

  return copy;
}

static char *
find_host (const char *url)
{
  const char *scheme = strstr (url, "://");
  const char *host = scheme != NULL ? scheme + 3 : url;
  const char *end = host + strcspn (host, "/?#");
  const char *at = memchr (host, '@', (gsize) (end - host));

  host = at != NULL ? at + 1 : host;

  return g_strndup (host, MIN ((gsize) (end - host), strcspn (host, ":")));
}

static void
describe (const Server *self, BfyFind *find)
{
  g_autofree char *host = self->url != NULL ? find_host (self->url) : NULL;

  bfy_find_set_host (find, host);
  find->path = copy_path (self->path);
  find->problem = self->problem;
  if (self->is_remote)
    find->url = g_strdup (self->url);
  else
    find->argv = build_argv (self);
}

static void
judge (Server *self, const BfyPlace *entry)
{
  if (!self->is_remote && find_any (entry, unlike_names) != NULL)
    complain (self, N_ ("the entry says where and how the program runs"));
  for (guint i = 0; !self->is_remote && i < self->argv->len; i++)
    if (strstr (word (self, i), "${") != NULL)
      complain (self, N_ ("it refers to variables of the client"));
  if (self->is_remote && (self->url == NULL || strpbrk (self->url, "${@") != NULL))
    complain (self, N_ ("its URL is not plain"));
  if (self->own->len > 1)
    complain (self, N_ ("the entry holds more than one secret"));
}

/* Variables of the bridge are there for its headers, which have been expanded. */
static void
take_all (Server *self, const BfyPlace *entry, GPtrArray *finds)
{
  if (self->is_remote)
    {
      take_parameters (self, entry, finds);
      take_headers (self, entry, finds);
      if (self->own->len == 0)
        {
          take_variables (self, finds);
          complain (self, N_ ("it is not clear what the secret is for"));
        }
      return;
    }
  take_arguments (self, entry, finds);
  take_variables (self, finds);
}

void
bfy_scan_server (const BfyPlace *entry, GPtrArray *path, GPtrArray *finds)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_wipe_free);
  g_autoptr (GPtrArray) fixed = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) own = g_ptr_array_new ();
  const BfyPlace *url = find_any (entry, url_names);
  const char *name = bfy_place_get_text (entry, "name");
  Server self = { .path = path, .argv = argv, .fixed = fixed, .own = own };

  /* In a list of items the last name is a number. */
  self.name = name != NULL ? name : g_ptr_array_index (path, path->len - 1);
  self.env = find_any (entry, env_names);
  add_words (&self, find_any (entry, command_names));
  add_words (&self, bfy_place_find_member (entry, "args"));
  self.is_remote = is_text (url);
  self.url = is_text (url) ? g_strdup (url->text) : NULL;
  if (!self.is_remote)
    look_for_bridge (&self);
  take_all (&self, entry, finds);
  judge (&self, entry);
  for (guint i = 0; i < own->len; i++)
    describe (&self, g_ptr_array_index (own, i));
  bfy_wipe_free (self.url);
}
