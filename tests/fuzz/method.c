/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A record’s method and arguments for it, with an empty line between: whatever they say, the path
 * of the request has as many segments as its template says, is in its one form, and no header has
 * a second line. */

#include <string.h>

#include "protocol/http-path.h"
#include "protocol/json.h"
#include "protocol/method-request.h"
#include "tests/fuzz/fuzz.h"

#define CUT "\n\n"

static guint
count_slashes (const char *text, gsize length)
{
  guint n = 0;

  for (gsize i = 0; i < length; i++)
    n += text[i] == '/' ? 1 : 0;

  return n;
}

static void
check_request (const BfyMethod *method, const BfyMethodRequest *request)
{
  g_autofree char *again = bfy_http_target_canonicalize (request->target);

  g_assert_cmpstr (again, ==, request->target);
  if (strstr (method->path, "{+") == NULL)
    g_assert_cmpuint (count_slashes (request->target, strcspn (request->target, "?")), ==,
                      count_slashes (method->path, strlen (method->path)));
  g_assert_null (strstr (request->target, "/../"));
  for (guint i = 0; request->headers[i] != NULL; i++)
    g_assert_null (strpbrk (request->headers[i], "\r\n"));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  char *arguments = strstr (text, CUT);
  g_autoptr (JsonObject) definition = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (BfyMethod) method = NULL;
  g_autoptr (BfyMethodRequest) request = NULL;

  if (arguments == NULL)
    return 0;
  *arguments = '\0';
  arguments += strlen (CUT);
  definition = bfy_json_parse_object (text, strlen (text), NULL);
  object = bfy_json_parse_object (arguments, strlen (arguments), NULL);
  method = definition != NULL ? bfy_method_read (definition, NULL) : NULL;
  if (method == NULL || object == NULL)
    return 0;
  request = bfy_method_request_build (method, object, NULL);
  if (request != NULL)
    check_request (method, request);

  return 0;
}
