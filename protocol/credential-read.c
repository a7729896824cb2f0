/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/credential-private.h"
#include "protocol/error.h"
#include "protocol/json.h"

#define USERNAME_BYTES_MAX 1024
#define JSON_BYTES_MAX (6 * BFY_SECRET_BYTES_MAX) /* of the longest secret, all escaped */
#define EXPIRY_DIGITS_MAX 12                      /* until the year 33658 */

/* The members that were found; a slice without start was not. */
typedef struct
{
  const BfyCredentialTypeRow *row;
  gboolean is_request; /* from a person: trimmed and checked */
  BfyJsonSlice version;
  BfyJsonSlice type;
  BfyJsonSlice username;
  BfyJsonSlice secret;
  BfyJsonSlice refresh;
  BfyJsonSlice expiry;
} Members;

/* Each reason is a sentence of ours: nothing that was read is ever quoted. */
static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, reason);

  return FALSE;
}

static gboolean
is_present (const BfyJsonSlice *slice)
{
  return slice->start != NULL;
}

static gboolean
find_type (const BfyJsonSlice *root, BfyCredentialType *type)
{
  BfyJsonSlice wire;

  if (!bfy_json_slice_member (root, "type", &wire))
    return FALSE;

  for (guint i = 0; i < BFY_N_CREDENTIAL_TYPES; i++)
    {
      if (bfy_json_slice_equals (&wire, bfy_credential_types[i].wire))
        {
          *type = i;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
sort_members (const BfyJsonSlice *root, Members *members, GError **error)
{
  const BfyCredentialTypeRow *row = members->row;
  const struct
  {
    const char *name;
    BfyJsonSlice *slice;
    gboolean is_known;
  } slots[] = {
    { "v", &members->version, !members->is_request },
    { "type", &members->type, TRUE },
    { "username", &members->username, row->has_username },
    { row->secret_member, &members->secret, TRUE },
    { "refresh_token", &members->refresh, row->has_tokens },
    { "expires_at", &members->expiry, row->has_tokens },
  };
  BfyJsonIter iter;
  BfyJsonSlice key;
  BfyJsonSlice value;

  bfy_json_iter_init (&iter, root);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      gboolean is_known = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (slots) && !is_known; i++)
        {
          is_known = slots[i].is_known && bfy_json_slice_equals (&key, slots[i].name);
          if (is_known)
            *slots[i].slice = value;
        }
      if (!is_known)
        return refuse (error, "The credential holds a member that its type does not have");
    }

  return TRUE;
}

static BfySecret *
unescape (const BfyJsonSlice *slice, gboolean is_trimmed)
{
  guint8 *bytes;
  g_autoptr (BfySecret) room = bfy_secret_new_blank (slice->length, &bytes);
  gsize length = bfy_json_slice_unescape (slice, (char *) bytes);
  const char *text = bfy_secret_peek_text (room);

  while (is_trimmed && length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  while (is_trimmed && length > 0 && g_ascii_isspace (*text))
    {
      text++;
      length--;
    }

  return bfy_secret_new (text, length);
}

static gboolean
check_characters (const BfySecret *secret, const BfyCredentialTypeRow *row, GError **error)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);

  for (gsize i = 0; i < length; i++)
    {
      gboolean is_control = bytes[i] < 0x20 || bytes[i] == 0x7f;

      if (is_control && (bytes[i] == 0 || strchr (row->spared, bytes[i]) == NULL))
        return refuse (error, "The credential holds line ends or control characters");
      if (bytes[i] > row->last_allowed)
        return refuse (error, "The credential holds characters that are not ASCII");
    }

  return TRUE;
}

static BfySecret *
read_secret (const Members *members, const BfyJsonSlice *slice, GError **error)
{
  g_autoptr (BfySecret) secret = NULL;

  if (!is_present (slice) || slice->type != BFY_JSON_STRING)
    {
      refuse (error, "The credential lacks its secret, or it is not a string");
      return NULL;
    }
  if (slice->length > JSON_BYTES_MAX)
    {
      refuse (error, "The credential is too long");
      return NULL;
    }

  secret = unescape (slice, members->is_request);
  if (bfy_secret_length (secret) == 0 || bfy_secret_length (secret) > BFY_SECRET_BYTES_MAX)
    {
      refuse (error, "The credential is empty or too long");
      return NULL;
    }
  if (members->is_request && !check_characters (secret, members->row, error))
    return NULL;

  return g_steal_pointer (&secret);
}

static gboolean
read_username (const Members *members, char **username, GError **error)
{
  const BfyJsonSlice *slice = &members->username;
  g_autofree char *text = NULL;

  if (!is_present (slice))
    return TRUE;
  if (slice->type != BFY_JSON_STRING || slice->length > USERNAME_BYTES_MAX)
    return refuse (error, "The user name is not a string, or too long");

  text = bfy_json_slice_dup_string (slice);
  if (members->is_request)
    g_strstrip (text);
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == ':' || g_ascii_iscntrl (*p))
        return refuse (error, "The user name holds a colon or control characters");
    }
  if (*text != '\0')
    *username = g_steal_pointer (&text);

  return TRUE;
}

static gboolean
read_expiry (const Members *members, gint64 *expires_at_s, GError **error)
{
  const BfyJsonSlice *slice = &members->expiry;
  char digits[EXPIRY_DIGITS_MAX + 1] = "";

  if (!is_present (slice))
    return TRUE;
  if (slice->type != BFY_JSON_NUMBER || slice->length > EXPIRY_DIGITS_MAX)
    return refuse (error, "The expiry is not a Unix time");

  memcpy (digits, slice->start, slice->length);
  if (digits[strspn (digits, "0123456789")] != '\0')
    return refuse (error, "The expiry is not a Unix time");
  *expires_at_s = g_ascii_strtoll (digits, NULL, 10);

  return TRUE;
}

static BfyCredential *
read_members (const Members *members, BfyCredentialType type, GError **error)
{
  g_autoptr (BfyCredential) self = NULL;
  g_autoptr (BfySecret) secret = read_secret (members, &members->secret, error);

  if (secret == NULL)
    return NULL;
  self = bfy_credential_new (type, NULL, secret);
  if (!read_username (members, &self->username, error) ||
      !read_expiry (members, &self->expires_at_s, error))
    return NULL;
  if (!is_present (&members->refresh))
    return g_steal_pointer (&self);

  self->refresh = read_secret (members, &members->refresh, error);

  return self->refresh != NULL ? g_steal_pointer (&self) : NULL;
}

static BfyCredential *
read_object (const char *text, gsize length, Members *members, GError **error)
{
  BfyJsonSlice root;
  BfyCredentialType type;

  bfy_json_slice_root (text, length, &root);
  if (!find_type (&root, &type))
    {
      refuse (error, "The credential is of no known type");
      return NULL;
    }
  members->row = &bfy_credential_types[type];

  return sort_members (&root, members, error) ? read_members (members, type, error) : NULL;
}

static gboolean
is_known_version (const BfyJsonSlice *version)
{
  return is_present (version) && version->type == BFY_JSON_NUMBER &&
         version->length == strlen (BFY_CREDENTIAL_VERSION) &&
         memcmp (version->start, BFY_CREDENTIAL_VERSION, version->length) == 0;
}

BfyCredential *
bfy_credential_open (const BfySecret *sealed, GError **error)
{
  const char *text = bfy_secret_peek_text (sealed);
  gsize length = bfy_secret_length (sealed);
  Members members = { .is_request = FALSE };
  g_autoptr (BfyCredential) self = NULL;

  if (bfy_json_check (text, length, NULL))
    self = read_object (text, length, &members, NULL);
  if (self == NULL || !is_known_version (&members.version))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                           "The stored credential is damaged, or a newer version wrote it");
      return NULL;
    }

  return g_steal_pointer (&self);
}

BfyCredential *
bfy_credential_from_request (const char *text, gsize length, GError **error)
{
  Members members = { .is_request = TRUE };

  return read_object (text, length, &members, error);
}
