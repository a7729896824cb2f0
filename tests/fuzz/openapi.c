/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whatever an OpenAPI document says, what is made of it are methods that are understood, or it is
 * refused. */

#include "client/openapi.h"

#include "protocol/json.h"
#include "protocol/service.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (JsonObject) document = bfy_json_parse_object ((const char *) data, size, NULL);
  const BfyOpenapiSetup setup = { "x", "https://api.x.example/v1" };
  g_autoptr (GPtrArray) left_out = NULL;
  g_autoptr (JsonObject) record = NULL;
  g_autoptr (GPtrArray) methods = NULL;
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (BfyService) service = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (document == NULL)
    return 0;
  record = bfy_openapi_to_record (document, &setup, &left_out, NULL);
  if (record == NULL)
    return 0;
  methods = bfy_methods_read (record, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (methods->len, >, 0);
  /* How the credential goes in is the document’s word, and may be refused. */
  text = bfy_json_object_to_text (record, &length);
  service = bfy_service_parse (text, length, NULL);

  return 0;
}
