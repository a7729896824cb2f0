/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/injection.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/injection-place.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/sigv4.h"

#define NAME_LENGTH_MAX 128
#define PREFIX_LENGTH_MAX 128
#define SHOWN_LENGTH_MAX 80

typedef struct
{
  const char *wire;
  gboolean (*is_name) (const char *name); /* (nullable) NULL: it has none */
  const char *problem;                    /* with a name */
  gboolean has_prefix;
  gboolean may_lack_name;
} KindRow;

static gboolean is_parameter (const char *name);

static const KindRow kinds[] = {
  [BFY_INJECT_NONE] = { .wire = "none" },
  [BFY_INJECT_HEADER] = { .wire = "header",
                          .is_name = bfy_header_name_is_token,
                          .problem = "This cannot be the name of a header",
                          .has_prefix = TRUE },
  [BFY_INJECT_BASIC] = { .wire = "basic" },
  [BFY_INJECT_QUERY] = { .wire = "query",
                         .is_name = is_parameter,
                         .problem = "This cannot be the name of a query parameter" },
  [BFY_INJECT_PATH] = { .wire = "path",
                        .is_name = bfy_injection_template_check,
                        .problem = "A path that a credential goes into is such as /bot{token}" },
  [BFY_INJECT_BODY] = { .wire = "body",
                        .is_name = is_parameter,
                        .problem = "This cannot be the name of a field" },
  [BFY_INJECT_SIGV4] = { .wire = "aws-sigv4",
                         .is_name = bfy_sigv4_scope_check,
                         .problem = "Region and service are such as eu-central-1/s3",
                         .may_lack_name = TRUE },
};

/* Headers that frame the message, belong to the connection or to MCP, or are decided by the proxy:
 * a credential there would change what the request means. A dash at the end stands for all names
 * that start so. */
static const char *const refused_names[] = {
  "Accept",
  "Accept-",
  "Access-Control-",
  "Connection",
  "Content-",
  "Cookie",
  "Date",
  "Expect",
  "Forwarded",
  "Host",
  "HTTP2-Settings",
  "Keep-Alive",
  "Last-Event-ID",
  "MCP-Protocol-Version",
  "Mcp-",
  "Origin",
  "Proxy-",
  "Range",
  "Referer",
  "Sec-",
  "Set-Cookie",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
  "User-Agent",
  "Via",
  "X-Bindify-",
  "X-Forwarded-",
  "traceparent",
  "tracestate",
};

BfyInjection *
bfy_injection_new (BfyInjectKind kind, const char *name, const char *prefix)
{
  BfyInjection *self = g_new0 (BfyInjection, 1);

  self->kind = kind;
  self->name = g_strdup (name);
  self->prefix = g_strdup (prefix);

  return self;
}

BfyInjection *
bfy_injection_copy (const BfyInjection *self)
{
  return self != NULL ? bfy_injection_new (self->kind, self->name, self->prefix) : NULL;
}

void
bfy_injection_free (BfyInjection *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->prefix);
  g_free (self);
}

gboolean
bfy_header_name_is_token (const char *name)
{
  for (const char *p = name; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
        return FALSE;
    }

  return *name != '\0';
}

gboolean
bfy_header_value_is_clean (const char *value)
{
  for (const char *p = value; *p != '\0'; p++)
    {
      if (!g_ascii_isprint (*p))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_parameter (const char *name)
{
  return *name != '\0' && bfy_header_value_is_clean (name);
}

static gboolean
is_refused (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused_names); i++)
    {
      gsize length = strlen (refused_names[i]);

      if (g_ascii_strncasecmp (name, refused_names[i], length) == 0 &&
          (name[length] == '\0' || refused_names[i][length - 1] == '-'))
        return TRUE;
    }

  return FALSE;
}

static gboolean
refuse (GError **error, const char *what, const char *name)
{
  g_autofree char *shown = bfy_text_to_line (name, SHOWN_LENGTH_MAX);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "%s: “%s”", what, shown);

  return FALSE;
}

static gboolean
check_name (const BfyInjection *self, GError **error)
{
  if (strlen (self->name) > NAME_LENGTH_MAX)
    return refuse (error, "This name is too long", self->name);
  if (!kinds[self->kind].is_name (self->name))
    return refuse (error, kinds[self->kind].problem, self->name);
  if (self->kind == BFY_INJECT_HEADER && is_refused (self->name))
    return refuse (error, "A credential may not go into this header", self->name);

  return TRUE;
}

static gboolean
check_prefix (const BfyInjection *self, GError **error)
{
  if (strlen (self->prefix) > PREFIX_LENGTH_MAX)
    return refuse (error, "This prefix is too long", self->prefix);
  if (!bfy_header_value_is_clean (self->prefix))
    return refuse (error, "A prefix holds letters, digits, signs and spaces only", self->prefix);

  return TRUE;
}

gboolean
bfy_injection_check (const BfyInjection *self, GError **error)
{
  const KindRow *row = &kinds[self->kind];

  if (row->is_name == NULL && self->name != NULL)
    return refuse (error, "This way of injection has no name", row->wire);
  if (row->is_name != NULL && self->name == NULL && !row->may_lack_name)
    return refuse (error, "This way of injection needs a name", row->wire);
  if (self->prefix != NULL && !row->has_prefix)
    return refuse (error, "This way of injection has no prefix", row->wire);

  return (self->name == NULL || check_name (self, error)) &&
         (self->prefix == NULL || check_prefix (self, error));
}

JsonObject *
bfy_injection_to_json (const BfyInjection *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "kind", kinds[self->kind].wire);
  if (self->name != NULL)
    json_object_set_string_member (object, "name", self->name);
  if (self->prefix != NULL)
    json_object_set_string_member (object, "prefix", self->prefix);

  return object;
}

BfyInjection *
bfy_injection_from_json (JsonObject *object, GError **error)
{
  g_autoptr (BfyInjection) self = NULL;
  BfyInjectKind kind;
  const char *wire = NULL;
  const char *name = NULL;
  const char *prefix = NULL;

  if (!bfy_json_get_string (object, "kind", &wire, error) ||
      !bfy_json_get_string (object, "name", &name, error) ||
      !bfy_json_get_string (object, "prefix", &prefix, error))
    return NULL;
  if (!bfy_inject_kind_from_wire (wire, &kind))
    {
      refuse (error, "Unknown way of injection", wire);
      return NULL;
    }
  self = bfy_injection_new (kind, name, prefix);
  if (!bfy_injection_check (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

const char *
bfy_inject_kind_to_wire (BfyInjectKind kind)
{
  return kinds[kind].wire;
}

gboolean
bfy_inject_kind_from_wire (const char *wire, BfyInjectKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_strcmp0 (kinds[i].wire, wire) == 0)
        {
          *kind = i;
          return TRUE;
        }
    }

  return FALSE;
}

gboolean
bfy_injection_takes_body (const BfyInjection *self)
{
  return self->kind == BFY_INJECT_BODY || self->kind == BFY_INJECT_SIGV4;
}

const char *
bfy_injection_header_name (const BfyInjection *self)
{
  switch (self->kind)
    {
    case BFY_INJECT_HEADER:
      return self->name;
    case BFY_INJECT_BASIC:
      return "Authorization";
    case BFY_INJECT_SIGV4:
      return "Authorization";
    case BFY_INJECT_NONE:
    case BFY_INJECT_QUERY:
    case BFY_INJECT_PATH:
    case BFY_INJECT_BODY:
      break;
    }

  return NULL;
}

gboolean
bfy_header_name_is_among (const char *name, const char *const *list)
{
  for (; *list != NULL; list++)
    {
      gsize length = strcspn (*list, "*");
      gboolean is_same = g_ascii_strncasecmp (name, *list, length) == 0;

      if (is_same && ((*list)[length] == '*' || name[length] == '\0'))
        return TRUE;
    }

  return FALSE;
}
