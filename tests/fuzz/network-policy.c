/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A network policy that is understood is read back as the same, and whatever it says, what is
 * blocked is not reached, nor is anything local without its flag. Without it: the same of the URL
 * behind the document, by the defaults. */

#include "protocol/network-policy.h"

#include <string.h>

#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

static const char *const urls[] = {
  "https://api.example.com/", "https://a.example.org:8443/", "https://127.0.0.1/",
  "http://127.0.0.1:8080/",   "https://10.0.0.1/",           "https://[::1]/",
  "https://[fd00::1]/",       "https://203.0.113.9/",        "https://[::ffff:203.0.113.9]/",
  "https://x.example/",
};

static BfyNetworkPolicy *
read_text (const char *text, gsize length, GError **error)
{
  BfyJsonSlice root;

  bfy_json_slice_root (text, length, &root);

  return bfy_network_policy_read (text, &root, error);
}

static gboolean
has_flag (const BfyNetworkPolicy *policy, const char *name)
{
  g_autoptr (JsonObject) object = bfy_network_policy_to_json (policy);

  return json_object_get_boolean_member (object, name);
}

static void
check (const BfyNetworkPolicy *policy, const BfyNetworkPolicy *copy, const char *text)
{
  g_autoptr (BfyUpstream) url = bfy_upstream_parse_plain (text, NULL);
  const BfyNetworkFacts facts = { NULL, FALSE };

  for (guint purpose = BFY_NETWORK_FOR_CALL; purpose <= BFY_NETWORK_FOR_SIGN_IN; purpose++)
    {
      BfyNetworkVerdict verdict = bfy_network_policy_check_url (policy, url, purpose, &facts);

      g_assert_cmpint (verdict, ==, bfy_network_policy_check_url (copy, url, purpose, &facts));
      if (url == NULL)
        g_assert_cmpint (verdict, ==, BFY_NETWORK_BAD_URL);
      else if (verdict == BFY_NETWORK_ALLOWED && url->reach == BFY_REACH_LOOPBACK)
        g_assert_true (has_flag (policy, "loopback"));
      else if (verdict == BFY_NETWORK_ALLOWED && url->reach == BFY_REACH_PRIVATE)
        g_assert_true (has_flag (policy, "private"));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyNetworkPolicy) policy = NULL;
  g_autoptr (BfyNetworkPolicy) copy = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *written = NULL;

  check (NULL, NULL, text);
  if (!bfy_json_check ((const char *) data, size, NULL))
    return 0;
  policy = read_text ((const char *) data, size, &error);
  if (policy == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_true (g_str_has_prefix (error->message, "Not a policy: line "));
      return 0;
    }

  object = bfy_network_policy_to_json (policy);
  written = bfy_json_object_to_text (object, NULL);
  copy = read_text (written, strlen (written), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    check (policy, copy, urls[i]);

  return 0;
}
