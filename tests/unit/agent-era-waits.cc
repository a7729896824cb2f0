// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What nobody comes back for must not stay: calls that wait for input, sessions that nobody uses.

#include <gtest/gtest.h>
#include <string>

#include "tests/fixture/await.h"

extern "C"
{
#include "agent/door/request-private.h"
#include "agent/era/client-session-private.h"
#include "agent/era/modern-call-private.h"
#include "agent/era/server-session-private.h"
}

namespace
{

constexpr char kCall[] = R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"ask",)"
                         R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                         R"("io.modelcontextprotocol/clientCapabilities":{"roots":{}}}}})";
constexpr char kQuestion[] = R"({"jsonrpc":"2.0","id":"q-1","method":"roots/list"})";
constexpr guint kShortMs = 20;
constexpr guint kLongMs = 10 * 60 * 1000;

void
dispose_nothing (BfyRequest *)
{
}

void
on_head (BfyRequest *, guint, SoupMessageHeaders *, gpointer)
{
}

void
on_bytes (BfyRequest *inner, GBytes *bytes, gpointer user_data)
{
  gsize length;
  const auto *data = static_cast<const char *> (g_bytes_get_data (bytes, &length));

  static_cast<std::string *> (user_data)->append (data, length);
  bfy_request_resume (inner);
}

void
on_end (BfyRequest *, gboolean, gpointer)
{
}

const BfyRequestKind caller_kind = { nullptr, nullptr, nullptr,        nullptr,
                                     nullptr, nullptr, dispose_nothing };
const BfyRequestSink sink = { on_head, on_bytes, on_end };

class EraWaits : public testing::Test
{
protected:
  EraWaits ()
  {
    auto *connection = g_new0 (BfyConnection, 1);
    g_autoptr (GBytes) body = g_bytes_new_static (kCall, strlen (kCall));
    const BfyInnerSetup setup = { "POST", "x", body };

    g_atomic_ref_count_init (&connection->ref_count);
    connection->door = BFY_DOOR_UNIX;
    caller = bfy_request_alloc (&caller_kind, connection);
    bfy_connection_unref (connection);
    request = bfy_request_new_inner (caller, &setup, &sink, &answer);
    eras.server_sessions =
        g_hash_table_new_full (g_str_hash, g_str_equal, nullptr, bfy_server_session_drop);
    eras.client_sessions =
        g_hash_table_new_full (g_str_hash, g_str_equal, nullptr, bfy_client_session_drop);
    eras.asking = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, nullptr);
    eras.asking_ms = eras.idle_ms = kLongMs;
    bfy_json_slice_root (kCall, strlen (kCall), &root);
  }

  ~EraWaits () override
  {
    g_hash_table_unref (eras.client_sessions);
    g_hash_table_unref (eras.server_sessions);
    g_hash_table_unref (eras.asking);
    bfy_request_unref (request);
    bfy_request_unref (caller);
  }

  BfyServerSession *begin_server_session ()
  {
    BfyEraClaim claim;

    bfy_era_claim_read (&root, &claim);
    return bfy_server_session_get (&eras, request, &target, &claim);
  }

  static bool becomes_empty (GHashTable *table)
  {
    return wait_until ([table] { return g_hash_table_size (table) == 0; });
  }

  const BfyEraTarget target = { "id-1", "x", "http://127.0.0.1/mcp", FALSE };
  BfyEras eras = {};
  BfyJsonSlice root;
  BfyRequest *caller, *request;
  std::string answer;
};

TEST_F (EraWaits, ASessionWithAServerEndsWhenItIsIdle)
{
  BfyServerSession *session = begin_server_session ();

  eras.idle_ms = kShortMs;
  bfy_server_session_touch (session);
  EXPECT_EQ (g_hash_table_size (eras.server_sessions), 1u);
  EXPECT_TRUE (becomes_empty (eras.server_sessions));
}

TEST_F (EraWaits, ASessionOfAClientEndsWhenItIsIdle)
{
  auto *session = g_new0 (BfyClientSession, 1);

  session->eras = &eras;
  session->id = g_strdup ("s-1");
  session->place = bfy_era_place_new (&target);
  session->calls = g_ptr_array_new ();
  session->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, nullptr);
  session->tools = bfy_tool_headers_new ();
  g_hash_table_insert (eras.client_sessions, session->id, session);

  eras.idle_ms = kShortMs;
  bfy_client_session_touch (session);
  EXPECT_EQ (g_hash_table_size (eras.client_sessions), 1u);
  EXPECT_TRUE (becomes_empty (eras.client_sessions));
}

TEST_F (EraWaits, ACallDoesNotWaitForEverForItsInput)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (kCall, strlen (kCall), nullptr);
  g_autoptr (BfyRpc) question = bfy_rpc_parse (kQuestion, strlen (kQuestion), nullptr);
  auto *call = g_new0 (BfyModernCall, 1);
  BfyInquiryMessage message = {};

  call->session = bfy_server_session_ref (begin_server_session ());
  call->place = bfy_era_place_new (&target);
  call->method = g_strdup ("tools/call");
  call->input = bfy_modern_input_new ();
  bfy_modern_call_take_over (call, request, bfy_rpc_message (rpc, 0));
  bfy_server_session_add_call (call->session, call);

  eras.asking_ms = kShortMs;
  message.rpc = bfy_rpc_message (question, 0);
  bfy_json_slice_root (kQuestion, strlen (kQuestion), &message.root);
  bfy_modern_call_take_request (call, &message);
  EXPECT_TRUE (wait_until ([this] { return !answer.empty (); }));
  EXPECT_NE (answer.find ("input_required"), std::string::npos) << answer;
  EXPECT_TRUE (becomes_empty (eras.asking));
}

} // namespace
