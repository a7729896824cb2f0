/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A tool's name is cut into words, and the verbs among them are looked up. Only a verb where one is
 * expected makes a read of it: at the start of the name or of its last part, or behind one word
 * that is the server's own name. A verb that changes something counts wherever it stands; only
 * where it may also be a noun ("get_merge_status") does it give way to a read before it. What has
 * no verb that is known is a write. */

#include "protocol/access.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/name.h"

#define WORD_BYTES_MAX 15

typedef struct
{
  char word[WORD_BYTES_MAX + 1];
  BfyAccess access;
  gboolean may_be_noun;
} Verb;

/* In the order of strcmp(). */
static const Verb verbs[] = {
  { "add", BFY_ACCESS_WRITE, FALSE },        { "append", BFY_ACCESS_WRITE, FALSE },
  { "apply", BFY_ACCESS_WRITE, FALSE },      { "approve", BFY_ACCESS_WRITE, FALSE },
  { "archive", BFY_ACCESS_WRITE, TRUE },     { "assign", BFY_ACCESS_WRITE, FALSE },
  { "attach", BFY_ACCESS_WRITE, FALSE },     { "ban", BFY_ACCESS_DANGER, FALSE },
  { "book", BFY_ACCESS_WRITE, TRUE },        { "browse", BFY_ACCESS_READ, FALSE },
  { "call", BFY_ACCESS_WRITE, TRUE },        { "cancel", BFY_ACCESS_WRITE, FALSE },
  { "cat", BFY_ACCESS_READ, FALSE },         { "change", BFY_ACCESS_WRITE, TRUE },
  { "charge", BFY_ACCESS_DANGER, TRUE },     { "clear", BFY_ACCESS_DANGER, TRUE },
  { "click", BFY_ACCESS_WRITE, TRUE },       { "close", BFY_ACCESS_WRITE, TRUE },
  { "comment", BFY_ACCESS_WRITE, TRUE },     { "commit", BFY_ACCESS_WRITE, TRUE },
  { "compare", BFY_ACCESS_READ, FALSE },     { "configure", BFY_ACCESS_WRITE, FALSE },
  { "convert", BFY_ACCESS_WRITE, FALSE },    { "copy", BFY_ACCESS_WRITE, TRUE },
  { "count", BFY_ACCESS_READ, FALSE },       { "create", BFY_ACCESS_WRITE, FALSE },
  { "delete", BFY_ACCESS_DANGER, FALSE },    { "deploy", BFY_ACCESS_DANGER, FALSE },
  { "describe", BFY_ACCESS_READ, FALSE },    { "destroy", BFY_ACCESS_DANGER, FALSE },
  { "diff", BFY_ACCESS_READ, FALSE },        { "disable", BFY_ACCESS_WRITE, FALSE },
  { "discard", BFY_ACCESS_DANGER, TRUE },    { "dispatch", BFY_ACCESS_WRITE, FALSE },
  { "draft", BFY_ACCESS_WRITE, TRUE },       { "drop", BFY_ACCESS_DANGER, FALSE },
  { "edit", BFY_ACCESS_WRITE, FALSE },       { "empty", BFY_ACCESS_DANGER, TRUE },
  { "enable", BFY_ACCESS_WRITE, FALSE },     { "erase", BFY_ACCESS_DANGER, FALSE },
  { "eval", BFY_ACCESS_DANGER, FALSE },      { "evict", BFY_ACCESS_DANGER, FALSE },
  { "exec", BFY_ACCESS_DANGER, FALSE },      { "execute", BFY_ACCESS_DANGER, FALSE },
  { "explain", BFY_ACCESS_READ, FALSE },     { "export", BFY_ACCESS_WRITE, TRUE },
  { "expunge", BFY_ACCESS_DANGER, FALSE },   { "fetch", BFY_ACCESS_READ, FALSE },
  { "fill", BFY_ACCESS_WRITE, TRUE },        { "find", BFY_ACCESS_READ, FALSE },
  { "force", BFY_ACCESS_DANGER, TRUE },      { "fork", BFY_ACCESS_WRITE, TRUE },
  { "format", BFY_ACCESS_DANGER, TRUE },     { "generate", BFY_ACCESS_WRITE, FALSE },
  { "get", BFY_ACCESS_READ, FALSE },         { "grant", BFY_ACCESS_WRITE, TRUE },
  { "grep", BFY_ACCESS_READ, FALSE },        { "head", BFY_ACCESS_READ, FALSE },
  { "help", BFY_ACCESS_READ, FALSE },        { "import", BFY_ACCESS_WRITE, TRUE },
  { "insert", BFY_ACCESS_WRITE, FALSE },     { "inspect", BFY_ACCESS_READ, FALSE },
  { "invite", BFY_ACCESS_WRITE, TRUE },      { "kill", BFY_ACCESS_DANGER, FALSE },
  { "label", BFY_ACCESS_WRITE, TRUE },       { "list", BFY_ACCESS_READ, FALSE },
  { "lock", BFY_ACCESS_WRITE, TRUE },        { "lookup", BFY_ACCESS_READ, FALSE },
  { "ls", BFY_ACCESS_READ, FALSE },          { "mark", BFY_ACCESS_WRITE, FALSE },
  { "merge", BFY_ACCESS_DANGER, TRUE },      { "modify", BFY_ACCESS_WRITE, FALSE },
  { "move", BFY_ACCESS_WRITE, FALSE },       { "open", BFY_ACCESS_WRITE, TRUE },
  { "order", BFY_ACCESS_WRITE, TRUE },       { "overwrite", BFY_ACCESS_DANGER, FALSE },
  { "patch", BFY_ACCESS_WRITE, FALSE },      { "pause", BFY_ACCESS_WRITE, FALSE },
  { "pay", BFY_ACCESS_DANGER, FALSE },       { "pin", BFY_ACCESS_WRITE, FALSE },
  { "ping", BFY_ACCESS_READ, FALSE },        { "post", BFY_ACCESS_WRITE, TRUE },
  { "press", BFY_ACCESS_WRITE, TRUE },       { "preview", BFY_ACCESS_READ, FALSE },
  { "prune", BFY_ACCESS_DANGER, TRUE },      { "publish", BFY_ACCESS_DANGER, TRUE },
  { "pull", BFY_ACCESS_WRITE, TRUE },        { "purge", BFY_ACCESS_DANGER, FALSE },
  { "push", BFY_ACCESS_WRITE, TRUE },        { "put", BFY_ACCESS_WRITE, FALSE },
  { "read", BFY_ACCESS_READ, FALSE },        { "refund", BFY_ACCESS_DANGER, FALSE },
  { "register", BFY_ACCESS_WRITE, FALSE },   { "reject", BFY_ACCESS_WRITE, FALSE },
  { "release", BFY_ACCESS_WRITE, TRUE },     { "remove", BFY_ACCESS_DANGER, FALSE },
  { "rename", BFY_ACCESS_WRITE, FALSE },     { "reopen", BFY_ACCESS_WRITE, FALSE },
  { "replace", BFY_ACCESS_WRITE, FALSE },    { "reply", BFY_ACCESS_WRITE, FALSE },
  { "request", BFY_ACCESS_WRITE, TRUE },     { "rerun", BFY_ACCESS_WRITE, FALSE },
  { "reset", BFY_ACCESS_DANGER, TRUE },      { "resolve", BFY_ACCESS_WRITE, FALSE },
  { "restart", BFY_ACCESS_WRITE, FALSE },    { "restore", BFY_ACCESS_WRITE, FALSE },
  { "resume", BFY_ACCESS_WRITE, FALSE },     { "retrieve", BFY_ACCESS_READ, FALSE },
  { "retry", BFY_ACCESS_WRITE, FALSE },      { "review", BFY_ACCESS_WRITE, TRUE },
  { "revoke", BFY_ACCESS_DANGER, FALSE },    { "rm", BFY_ACCESS_DANGER, FALSE },
  { "rmdir", BFY_ACCESS_DANGER, FALSE },     { "rollback", BFY_ACCESS_DANGER, TRUE },
  { "rotate", BFY_ACCESS_DANGER, TRUE },     { "run", BFY_ACCESS_WRITE, TRUE },
  { "save", BFY_ACCESS_WRITE, FALSE },       { "schedule", BFY_ACCESS_WRITE, TRUE },
  { "search", BFY_ACCESS_READ, FALSE },      { "send", BFY_ACCESS_WRITE, FALSE },
  { "set", BFY_ACCESS_WRITE, FALSE },        { "shell", BFY_ACCESS_DANGER, TRUE },
  { "show", BFY_ACCESS_READ, FALSE },        { "shred", BFY_ACCESS_DANGER, FALSE },
  { "spawn", BFY_ACCESS_DANGER, FALSE },     { "star", BFY_ACCESS_WRITE, TRUE },
  { "start", BFY_ACCESS_WRITE, TRUE },       { "stat", BFY_ACCESS_READ, FALSE },
  { "stop", BFY_ACCESS_WRITE, TRUE },        { "store", BFY_ACCESS_WRITE, FALSE },
  { "submit", BFY_ACCESS_WRITE, FALSE },     { "subscribe", BFY_ACCESS_WRITE, FALSE },
  { "sudo", BFY_ACCESS_DANGER, FALSE },      { "sync", BFY_ACCESS_WRITE, FALSE },
  { "tag", BFY_ACCESS_WRITE, TRUE },         { "tail", BFY_ACCESS_READ, FALSE },
  { "terminate", BFY_ACCESS_DANGER, FALSE }, { "toggle", BFY_ACCESS_WRITE, FALSE },
  { "transfer", BFY_ACCESS_DANGER, TRUE },   { "trash", BFY_ACCESS_DANGER, TRUE },
  { "tree", BFY_ACCESS_READ, FALSE },        { "trigger", BFY_ACCESS_WRITE, TRUE },
  { "truncate", BFY_ACCESS_DANGER, FALSE },  { "type", BFY_ACCESS_WRITE, TRUE },
  { "unassign", BFY_ACCESS_WRITE, FALSE },   { "uninstall", BFY_ACCESS_DANGER, FALSE },
  { "unlink", BFY_ACCESS_DANGER, FALSE },    { "unlock", BFY_ACCESS_WRITE, FALSE },
  { "unpin", BFY_ACCESS_WRITE, FALSE },      { "unsubscribe", BFY_ACCESS_WRITE, FALSE },
  { "update", BFY_ACCESS_WRITE, FALSE },     { "upload", BFY_ACCESS_WRITE, FALSE },
  { "upsert", BFY_ACCESS_WRITE, FALSE },     { "version", BFY_ACCESS_READ, FALSE },
  { "view", BFY_ACCESS_READ, FALSE },        { "vote", BFY_ACCESS_WRITE, TRUE },
  { "whoami", BFY_ACCESS_READ, FALSE },      { "wipe", BFY_ACCESS_DANGER, FALSE },
  { "wire", BFY_ACCESS_DANGER, TRUE },       { "withdraw", BFY_ACCESS_DANGER, TRUE },
  { "write", BFY_ACCESS_WRITE, FALSE },
};

static const char *const access_names[] = {
  [BFY_ACCESS_READ] = "read",
  [BFY_ACCESS_WRITE] = "write",
  [BFY_ACCESS_DANGER] = "danger",
};

/* A name as far as it is read. */
typedef struct
{
  const char *at;
  char previous; /* the byte before @at */
  char word[WORD_BYTES_MAX + 1];
  gboolean starts_part;
  guint n_words;
} Words;

static gboolean
is_part_end (const char *at)
{
  return *at == '.' || *at == '/' || *at == ':' || (at[0] == '_' && at[1] == '_');
}

/* Whether a new word begins at @at, inside letters: getIssue, XMLDelete. */
static gboolean
is_hump (const char *at, char previous)
{
  return g_ascii_isupper (*at) &&
         (g_ascii_islower (previous) || (g_ascii_isupper (previous) && g_ascii_islower (at[1])));
}

/* Lower case; a word that is too long for a verb becomes an empty one. */
static gboolean
next_word (Words *self)
{
  gsize n = 0;

  self->starts_part = self->n_words == 0;
  for (; *self->at != '\0' && !g_ascii_isalpha (*self->at); self->at++)
    self->starts_part |= is_part_end (self->at);
  if (*self->at == '\0')
    return FALSE;

  do
    {
      if (n < WORD_BYTES_MAX)
        self->word[n] = g_ascii_tolower (*self->at);
      n++;
      self->previous = *self->at++;
    }
  while (g_ascii_isalpha (*self->at) && !is_hump (self->at, self->previous));
  self->word[n <= WORD_BYTES_MAX ? n : 0] = '\0';
  self->n_words++;

  return TRUE;
}

static int
compare_verb (const void *word, const void *verb)
{
  return strcmp (word, ((const Verb *) verb)->word);
}

static const Verb *
find_verb (const char *word)
{
  return bsearch (word, verbs, G_N_ELEMENTS (verbs), sizeof (Verb), compare_verb);
}

BfyAccess
bfy_access_of_tool_name (const char *name)
{
  Words words = { .at = name };
  gboolean is_read = FALSE;   /* begins with a read */
  gboolean is_second = FALSE; /* a read stands behind the first word */
  gboolean is_compound = FALSE;
  BfyAccess access = g_str_is_ascii (name) ? BFY_ACCESS_READ : BFY_ACCESS_WRITE;

  while (next_word (&words))
    {
      const Verb *verb = find_verb (words.word);

      is_compound |= strcmp (words.word, "and") == 0 || strcmp (words.word, "or") == 0;
      if (verb == NULL)
        continue;
      if (verb->access == BFY_ACCESS_READ)
        {
          is_read |= words.starts_part;
          is_second |= words.n_words == 2;
        }
      else if (words.starts_part || is_compound || !verb->may_be_noun || !is_read)
        access = MAX (access, verb->access);
    }
  is_read |= is_second && words.n_words > 2;

  return is_read && !is_compound ? access : MAX (access, BFY_ACCESS_WRITE);
}

BfyAccess
bfy_access_of_http_method (const char *method)
{
  static const char *const reads[] = { "GET", "HEAD", "OPTIONS", "QUERY" };
  guint index;

  if (bfy_name_find (reads, G_N_ELEMENTS (reads), method, &index))
    return BFY_ACCESS_READ;

  return g_ascii_strcasecmp (method, "DELETE") == 0 ? BFY_ACCESS_DANGER : BFY_ACCESS_WRITE;
}

BfyAccess
bfy_access_tighten (BfyAccess access, const BfyToolHints *hints)
{
  if (hints == NULL)
    return access;
  if (hints->says_it_destroys)
    return BFY_ACCESS_DANGER;

  return hints->says_it_writes ? MAX (access, BFY_ACCESS_WRITE) : access;
}

static gboolean
says (const BfyJsonSlice *annotations, const char *name, BfyJsonType type)
{
  BfyJsonSlice value;

  return bfy_json_slice_member (annotations, name, &value) && value.type == type;
}

BfyToolHints
bfy_tool_hints_read (const BfyJsonSlice *tool)
{
  BfyToolHints hints = { FALSE, FALSE };
  BfyJsonSlice annotations;

  if (!bfy_json_slice_member (tool, "annotations", &annotations))
    return hints;
  hints.says_it_writes = says (&annotations, "readOnlyHint", BFY_JSON_FALSE);
  hints.says_it_destroys = says (&annotations, "destructiveHint", BFY_JSON_TRUE) &&
                           !says (&annotations, "readOnlyHint", BFY_JSON_TRUE);

  return hints;
}

const char *
bfy_access_to_wire (BfyAccess access)
{
  return access_names[access];
}

gboolean
bfy_access_from_wire (const char *wire, BfyAccess *access)
{
  guint index;

  if (!bfy_name_find (access_names, G_N_ELEMENTS (access_names), wire, &index))
    return FALSE;
  *access = index;

  return TRUE;
}
