/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is a token, or an answer to the first question. Whoever it belongs to describes such
 * tokens, nobody who does is a stranger, and after any answer there is a question. */

#include "client/token-owner.h"

#include <string.h>

#include "client/fields.h"
#include "client/guide.h"
#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

static const char catalogue[] =
    "{\"services\":["
    "{\"id\":\"a\",\"name\":\"A\",\"mcp_url\":\"https://a.example/\",\"supports_api_key\":true,"
    "\"token_patterns\":[{\"prefix\":\"a?_\",\"characters\":\"key\",\"min\":4}]},"
    "{\"id\":\"b\",\"name\":\"B\",\"mcp_url\":\"https://b.example/\",\"supports_api_key\":true,"
    "\"token_patterns\":[{\"prefix\":\"aa_b_\",\"characters\":\"base64\",\"min\":4},"
    "{\"prefix\":\"b-\",\"characters\":\"dotted\",\"min\":4}]}]}";

static void
check_owners (JsonArray *services, const char *token, gsize length)
{
  g_autoptr (GPtrArray) owners = bfy_token_owners (services, token, length);

  for (guint i = 0; i < owners->len; i++)
    {
      JsonObject *owner = g_ptr_array_index (owners, i);

      g_assert_true (*token == 'a' || *token == 'b');
      g_assert_null (
          bfy_token_stranger (services, bfy_field_text (owner, "id"), NULL, token, length));
    }
  if (owners->len == 0)
    g_assert_null (bfy_token_stranger (services, NULL, "c.example", token, length));
}

static void
check_guide (JsonArray *services, const char *token, gsize length)
{
  const char *const names[] = { "a", NULL };
  const BfyGuideGiven given = { NULL, NULL, FALSE };
  g_autoptr (BfyGuide) guide = bfy_guide_new (services, names, &given);
  g_autofree char *question = NULL;

  bfy_guide_answer (guide, "t");
  g_assert_cmpint (bfy_guide_get_step (guide), ==, BFY_GUIDE_TOKEN);
  bfy_guide_take_token (guide, token, length);
  if (g_utf8_validate (token, -1, NULL))
    bfy_guide_answer (guide, token);
  question = bfy_guide_format_question (guide);
  g_assert_cmpstr (question, !=, NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (catalogue, sizeof catalogue - 1, NULL);
  JsonArray *services = bfy_field_array (object, "services");
  g_autofree char *token = g_strndup ((const char *) data, size);

  check_owners (services, token, size);
  check_guide (services, token, size);

  return 0;
}
