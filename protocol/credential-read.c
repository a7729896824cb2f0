/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/credential-private.h"
#include "protocol/error.h"

#define USERNAME_BYTES_MAX 1024
#define JSON_BYTES_MAX (6 * BFY_SECRET_BYTES_MAX) /* of the longest secret, all escaped */
#define TIME_DIGITS_MAX 12                        /* until the year 33658 */

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
  BfyJsonSlice issued;
  BfyJsonSlice expiry;
  BfyJsonSlice source;
} Members;

gboolean
bfy_credential_refuse (GError **error, const char *reason)
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
    { "issued_at", &members->issued, row->has_tokens && !members->is_request },
    { "expires_at", &members->expiry, row->has_tokens },
    { "source", &members->source, row->has_tokens && !members->is_request },
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
        return bfy_credential_refuse (error,
                                      "The credential holds a member that its type does not have");
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
        return bfy_credential_refuse (error,
                                      "The credential holds line ends or control characters");
      if (bytes[i] > row->last_allowed)
        return bfy_credential_refuse (error, "The credential holds characters that are not ASCII");
    }

  return TRUE;
}

BfySecret *
bfy_credential_read_secret (const BfyJsonSlice *slice, gboolean is_trimmed, GError **error)
{
  g_autoptr (BfySecret) secret = NULL;

  if (!is_present (slice) || slice->type != BFY_JSON_STRING)
    {
      bfy_credential_refuse (error, "The credential lacks its secret, or it is not a string");
      return NULL;
    }
  if (slice->length > JSON_BYTES_MAX)
    {
      bfy_credential_refuse (error, "The credential is too long");
      return NULL;
    }

  secret = unescape (slice, is_trimmed);
  if (bfy_secret_length (secret) == 0 || bfy_secret_length (secret) > BFY_SECRET_BYTES_MAX)
    {
      bfy_credential_refuse (error, "The credential is empty or too long");
      return NULL;
    }

  return g_steal_pointer (&secret);
}

static BfySecret *
read_secret (const Members *members, const BfyJsonSlice *slice, GError **error)
{
  g_autoptr (BfySecret) secret = bfy_credential_read_secret (slice, members->is_request, error);

  if (secret == NULL || (members->is_request && !check_characters (secret, members->row, error)))
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
    return bfy_credential_refuse (error, "The user name is not a string, or too long");

  text = bfy_json_slice_dup_string (slice);
  if (members->is_request)
    g_strstrip (text);
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == ':' || g_ascii_iscntrl (*p))
        return bfy_credential_refuse (error, "The user name holds a colon or control characters");
    }
  if (*text != '\0')
    *username = g_steal_pointer (&text);

  return TRUE;
}

gboolean
bfy_credential_read_time (const BfyJsonSlice *slice, gint64 *unix_s, GError **error)
{
  char digits[TIME_DIGITS_MAX + 1] = "";

  if (!is_present (slice))
    return TRUE;
  if (slice->type != BFY_JSON_NUMBER || slice->length > TIME_DIGITS_MAX)
    return bfy_credential_refuse (error, "A time of the credential is not a Unix time");

  memcpy (digits, slice->start, slice->length);
  if (digits[strspn (digits, "0123456789")] != '\0')
    return bfy_credential_refuse (error, "A time of the credential is not a Unix time");
  *unix_s = g_ascii_strtoll (digits, NULL, 10);

  return TRUE;
}

static gboolean
read_tokens (const Members *members, BfyCredential *self, GError **error)
{
  if (!bfy_credential_read_time (&members->issued, &self->issued_at_s, error) ||
      !bfy_credential_read_time (&members->expiry, &self->expires_at_s, error))
    return FALSE;
  if (is_present (&members->refresh))
    {
      self->refresh = read_secret (members, &members->refresh, error);
      if (self->refresh == NULL)
        return FALSE;
    }
  if (is_present (&members->source))
    {
      self->source = bfy_credential_read_source (&members->source, error);
      if (self->source == NULL)
        return FALSE;
    }

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
  if (!read_username (members, &self->username, error) || !read_tokens (members, self, error))
    return NULL;

  return g_steal_pointer (&self);
}

static BfyCredential *
read_object (const char *text, gsize length, Members *members, GError **error)
{
  BfyJsonSlice root;
  BfyCredentialType type;

  bfy_json_slice_root (text, length, &root);
  if (!find_type (&root, &type))
    {
      bfy_credential_refuse (error, "The credential is of no known type");
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
