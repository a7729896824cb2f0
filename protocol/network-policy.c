/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The document. As strict as the rest of a policy: what is not understood is refused with its
 * line. */

#include "protocol/network-policy.h"

#include <string.h>

#include "protocol/binding.h"
#include "protocol/certificate-print.h"
#include "protocol/error.h"
#include "protocol/json-edit.h"
#include "protocol/name.h"
#include "protocol/network-private.h"
#include "protocol/policy-refusal.h"

typedef struct
{
  const char *text; /* of the whole document */
  BfyNetworkPolicy *policy;
} Reader;

typedef struct
{
  const char *name;
  gboolean (*read) (const Reader *self, guint index, const BfyJsonSlice *value, GError **error);
  guint index;
} Member;

static const char *const flag_names[] = {
  [BFY_NETWORK_FLAG_LOOPBACK] = "loopback",
  [BFY_NETWORK_FLAG_PRIVATE] = "private",
  [BFY_NETWORK_FLAG_PLAIN_HTTP] = "plain_http",
  [BFY_NETWORK_FLAG_REWRITE_LINKS] = "rewrite_links",
  [BFY_NETWORK_FLAG_KEEP_COOKIES] = "keep_cookies",
};

static const struct
{
  const char *name;
  gint64 ceiling;
} numbers[] = {
  [BFY_NETWORK_REQUEST_BYTES_MAX] = { "request_bytes_max", BFY_REQUEST_BYTES_CEILING },
  [BFY_NETWORK_RESPONSE_BYTES_MAX] = { "response_bytes_max", BFY_RESPONSE_BYTES_CEILING },
  [BFY_NETWORK_TIMEOUT_MS] = { "timeout_ms", BFY_TIMEOUT_MS_CEILING },
};

static BfyNetworkPolicy *
policy_new (void)
{
  BfyNetworkPolicy *self = g_new0 (BfyNetworkPolicy, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->allow = g_array_new (FALSE, TRUE, sizeof (BfyPattern));
  self->block = g_array_new (FALSE, TRUE, sizeof (BfyPattern));
  self->ports = g_array_new (FALSE, TRUE, sizeof (BfyPortRange));
  g_array_set_clear_func (self->allow, bfy_pattern_clear);
  g_array_set_clear_func (self->block, bfy_pattern_clear);

  return self;
}

BfyNetworkPolicy *
bfy_network_policy_ref (BfyNetworkPolicy *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_network_policy_unref (BfyNetworkPolicy *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_array_unref (self->allow);
  g_array_unref (self->block);
  g_array_unref (self->ports);
  g_free (self->certificate);
  g_free (self);
}

static gboolean
refuse (const Reader *self, const BfyJsonSlice *where, GError **error, const char *problem)
{
  return bfy_policy_refuse (self->text, where, error, problem);
}

/* --- Hosts --- */

static gboolean
add_pattern (const Reader *self, GArray *patterns, const BfyJsonSlice *value, GError **error)
{
  g_autofree char *text = bfy_json_slice_dup_string (value);
  g_autofree char *problem = NULL;
  BfyPattern *pattern;

  if (text == NULL)
    return refuse (self, value, error, "a host is a string");
  if (patterns->len == BFY_NETWORK_PATTERNS_MAX)
    return refuse (self, value, error, "there are too many hosts");
  g_array_set_size (patterns, patterns->len + 1); /* zeroed */
  pattern = &g_array_index (patterns, BfyPattern, patterns->len - 1);
  problem = bfy_pattern_read (pattern, text);

  return problem == NULL || refuse (self, value, error, problem);
}

static gboolean
read_patterns (const Reader *self, GArray *patterns, const BfyJsonSlice *value, GError **error)
{
  BfyJsonSlice element;
  BfyJsonIter iter;

  if (value->type != BFY_JSON_ARRAY)
    return refuse (self, value, error, "hosts stand in an array");
  bfy_json_iter_init (&iter, value);
  while (bfy_json_iter_next (&iter, NULL, &element))
    if (!add_pattern (self, patterns, &element, error))
      return FALSE;

  return TRUE;
}

static gboolean
read_allow (const Reader *self, guint index, const BfyJsonSlice *value, GError **error)
{
  return read_patterns (self, self->policy->allow, value, error);
}

static gboolean
read_block (const Reader *self, guint index, const BfyJsonSlice *value, GError **error)
{
  return read_patterns (self, self->policy->block, value, error);
}

/* --- Ports --- */

static gboolean
read_port (const char *text, guint16 *port)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;
  *port = (guint16) number;

  return TRUE;
}

/* 443, "443" or "8000-8999". */
static gboolean
read_port_range (const BfyJsonSlice *value, BfyPortRange *range)
{
  g_autofree char *text = value->type == BFY_JSON_NUMBER ? bfy_json_slice_dup_raw (value)
                                                         : bfy_json_slice_dup_string (value);
  g_auto (GStrv) ends = text != NULL ? g_strsplit (text, "-", 3) : NULL;
  guint n_ends = ends != NULL ? g_strv_length (ends) : 0;

  range->is_text = value->type == BFY_JSON_STRING;

  return n_ends >= 1 && n_ends <= 2 && read_port (ends[0], &range->first) &&
         read_port (ends[n_ends - 1], &range->last) && range->first <= range->last;
}

static gboolean
read_ports (const Reader *self, guint index, const BfyJsonSlice *value, GError **error)
{
  BfyJsonSlice element;
  BfyJsonIter iter;

  if (value->type != BFY_JSON_ARRAY)
    return refuse (self, value, error, "“ports” is an array");
  bfy_json_iter_init (&iter, value);
  while (bfy_json_iter_next (&iter, NULL, &element))
    {
      BfyPortRange range = { 0 };

      if (!read_port_range (&element, &range))
        return refuse (self, &element, error,
                       "a port is a number from 1 to 65535, or two with “-” between them in a "
                       "string");
      if (self->policy->ports->len == BFY_NETWORK_PORTS_MAX)
        return refuse (self, &element, error, "there are too many ports");
      g_array_append_val (self->policy->ports, range);
    }

  return TRUE;
}

/* --- The rest --- */

static gboolean
read_flag (const Reader *self, guint index, const BfyJsonSlice *value, GError **error)
{
  if (value->type != BFY_JSON_TRUE && value->type != BFY_JSON_FALSE)
    return refuse (self, value, error, "only true or false can stand here");
  self->policy->flags[index] = value->type == BFY_JSON_TRUE;

  return TRUE;
}

static gboolean
read_number (const Reader *self, guint index, const BfyJsonSlice *value, GError **error)
{
  gint64 *number = &self->policy->numbers[index];
  g_autofree char *problem = NULL;

  if (bfy_json_slice_get_int (value, number) && *number >= 0 && *number <= numbers[index].ceiling)
    return TRUE;
  problem =
      g_strdup_printf ("a number from 0, which is the default, to %" G_GINT64_FORMAT " stands here",
                       numbers[index].ceiling);

  return refuse (self, value, error, problem);
}

static gboolean
read_certificate (const Reader *self, guint index, const BfyJsonSlice *value, GError **error)
{
  g_autofree char *text = value->type == BFY_JSON_STRING ? bfy_json_slice_dup_string (value) : NULL;

  if (text == NULL || !bfy_certificate_print_is_one (text))
    return refuse (self, value, error,
                   "a certificate is “sha256:” and the 64 hexadecimal digits of its digest");
  g_free (self->policy->certificate);
  self->policy->certificate = g_steal_pointer (&text);

  return TRUE;
}

static const Member members[] = {
  { "allow", read_allow, 0 },
  { "block", read_block, 0 },
  { "ports", read_ports, 0 },
  { "loopback", read_flag, BFY_NETWORK_FLAG_LOOPBACK },
  { "private", read_flag, BFY_NETWORK_FLAG_PRIVATE },
  { "plain_http", read_flag, BFY_NETWORK_FLAG_PLAIN_HTTP },
  { "rewrite_links", read_flag, BFY_NETWORK_FLAG_REWRITE_LINKS },
  { "keep_cookies", read_flag, BFY_NETWORK_FLAG_KEEP_COOKIES },
  { "certificate", read_certificate, 0 },
  { "request_bytes_max", read_number, BFY_NETWORK_REQUEST_BYTES_MAX },
  { "response_bytes_max", read_number, BFY_NETWORK_RESPONSE_BYTES_MAX },
  { "timeout_ms", read_number, BFY_NETWORK_TIMEOUT_MS },
};

static gboolean
read_member (const Reader *self, const BfyJsonSlice *key, const BfyJsonSlice *value, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (bfy_json_slice_equals (key, members[i].name))
      return members[i].read (self, members[i].index, value, error);

  return bfy_policy_refuse_unknown (self->text, key, error);
}

BfyNetworkPolicy *
bfy_network_policy_read (const char *document, const BfyJsonSlice *object, GError **error)
{
  g_autoptr (BfyNetworkPolicy) policy = policy_new ();
  const Reader reader = { document, policy };
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  if (object->type != BFY_JSON_OBJECT)
    {
      refuse (&reader, object, error, "“network” is an object");
      return NULL;
    }
  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    if (!read_member (&reader, &key, &value, error))
      return NULL;

  return g_steal_pointer (&policy);
}

/* --- And back --- */

static JsonArray *
patterns_to_json (const GArray *patterns)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; patterns != NULL && i < patterns->len; i++)
    json_array_add_string_element (array, g_array_index (patterns, BfyPattern, i).text);

  return array;
}

static JsonArray *
ports_to_json (const GArray *ports)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; ports != NULL && i < ports->len; i++)
    {
      const BfyPortRange *range = &g_array_index (ports, BfyPortRange, i);
      g_autofree char *text = range->first == range->last
                                  ? g_strdup_printf ("%u", range->first)
                                  : g_strdup_printf ("%u-%u", range->first, range->last);

      if (range->is_text)
        json_array_add_string_element (array, text);
      else
        json_array_add_int_element (array, range->first);
    }

  return array;
}

JsonObject *
bfy_network_policy_to_json (const BfyNetworkPolicy *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_array_member (object, "allow",
                                patterns_to_json (self != NULL ? self->allow : NULL));
  json_object_set_array_member (object, "block",
                                patterns_to_json (self != NULL ? self->block : NULL));
  json_object_set_array_member (object, "ports", ports_to_json (self != NULL ? self->ports : NULL));
  for (guint i = 0; i < G_N_ELEMENTS (flag_names); i++)
    json_object_set_boolean_member (object, flag_names[i], self != NULL && self->flags[i]);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    json_object_set_int_member (object, numbers[i].name, self != NULL ? self->numbers[i] : 0);
  if (self != NULL && self->certificate != NULL)
    json_object_set_string_member (object, "certificate", self->certificate);

  return object;
}

static gint64
get_number (const BfyNetworkPolicy *self, guint index)
{
  return self != NULL ? self->numbers[index] : 0;
}

gboolean
bfy_network_policy_rewrites_links (const BfyNetworkPolicy *self)
{
  return self != NULL && self->flags[BFY_NETWORK_FLAG_REWRITE_LINKS];
}

const char *
bfy_network_policy_get_certificate (const BfyNetworkPolicy *self)
{
  return self != NULL ? self->certificate : NULL;
}

gboolean
bfy_network_policy_keeps_cookies (const BfyNetworkPolicy *self)
{
  return self != NULL && self->flags[BFY_NETWORK_FLAG_KEEP_COOKIES];
}

gint64
bfy_network_policy_get_request_bytes_max (const BfyNetworkPolicy *self)
{
  return get_number (self, BFY_NETWORK_REQUEST_BYTES_MAX);
}

gint64
bfy_network_policy_get_response_bytes_max (const BfyNetworkPolicy *self)
{
  return get_number (self, BFY_NETWORK_RESPONSE_BYTES_MAX);
}

gint64
bfy_network_policy_get_timeout_ms (const BfyNetworkPolicy *self)
{
  return get_number (self, BFY_NETWORK_TIMEOUT_MS);
}
