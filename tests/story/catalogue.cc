// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Every record of data/services does what it says: whoever adds the service gets a request to the
// real name over TLS, which a proxy brings to a stand-in on this machine; the key arrives as the
// record says, whose it is is read, a wrong one is refused, programs reach the MCP server, and what
// they do is called what the record calls it.

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <json-glib/json-glib.h>
#include <regex>
#include <set>

#include "tests/fixture/agent.h"
#include "tests/fixture/certificates.h"
#include "tests/fixture/trust.h"
#include "tests/fixture/tunnel-proxy.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

// The TLS library's thread-local variables are more than the leak check of clang 14 can follow:
// with this it does not try.
extern "C" const char *
__asan_default_options ()
{
  return "intercept_tls_get_addr=0";
}

namespace
{

constexpr char kKey[] = "story-key-0123456789";
constexpr char kUser[] = "someone@example.com";
constexpr char kList[] = R"({"jsonrpc":"2.0","id":7,"method":"tools/list"})";

// --- Records as this test reads them: by itself, not with the agent's code ---

JsonObject *
object_of (JsonObject *object, const char *name)
{
  JsonNode *node = object != nullptr ? json_object_get_member (object, name) : nullptr;

  return node != nullptr && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : nullptr;
}

std::string
text_of (JsonObject *object, const char *name)
{
  JsonNode *node = object != nullptr ? json_object_get_member (object, name) : nullptr;

  return node != nullptr && JSON_NODE_HOLDS_VALUE (node)
             ? json_object_get_string_member (object, name)
             : "";
}

std::vector<std::string>
texts_of (JsonObject *object, const char *name)
{
  JsonNode *node = object != nullptr ? json_object_get_member (object, name) : nullptr;
  std::vector<std::string> texts;

  if (node == nullptr)
    return texts;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return { json_node_get_string (node) };
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    texts.push_back (json_array_get_string_element (json_node_get_array (node), i));
  return texts;
}

struct Place
{
  std::string host, target; // "api.example.com", "/v1/me?x=y"

  explicit Place (const std::string &url = "")
  {
    std::smatch match;

    if (std::regex_match (url, match, std::regex ("https://([^/?:]+)(?::443)?([^#]*)")))
      {
        host = match[1];
        target = match[2].str ().empty () ? "/" : match[2].str ();
      }
  }
};

struct Capability
{
  std::string id, access;
  std::vector<std::string> tools, http;
};

struct Record
{
  std::string id, mcp_url;
  JsonObject *object = nullptr; // lives as long as the program
  JsonObject *api_key = nullptr, *probe = nullptr;
  std::vector<Capability> capabilities;

  std::string user () const
  {
    return text_of (api_key, "username_field").empty () ? "" : kUser;
  }
  // The agent sends a key nowhere else.
  std::string url () const
  {
    return mcp_url.empty () ? "https://mcp.stand-in.example/mcp" : mcp_url;
  }
};

// Instead of its bytes.
void
PrintTo (const Record &record, std::ostream *out)
{
  *out << record.id;
}

Record
read_record (const std::string &path)
{
  JsonParser *parser = json_parser_new_immutable ();
  Record record;

  if (!json_parser_load_from_file (parser, path.c_str (), nullptr))
    return record;
  record.object = json_node_get_object (json_parser_get_root (parser));
  record.id = text_of (record.object, "id");
  record.mcp_url = text_of (record.object, "mcp_url");
  record.api_key = object_of (record.object, "api_key");
  record.probe = object_of (record.api_key, "probe");
  if (json_object_has_member (record.object, "capabilities"))
    {
      JsonArray *array = json_object_get_array_member (record.object, "capabilities");

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonObject *one = json_array_get_object_element (array, i);

          record.capabilities.push_back ({ text_of (one, "id"), text_of (one, "access"),
                                           texts_of (one, "tools"), texts_of (one, "http") });
        }
    }
  return record;
}

const std::vector<Record> &
records ()
{
  static std::vector<Record> all;

  if (!all.empty () || getenv ("BFY_TEST_SERVICES_DIR") == nullptr)
    return all;
  for (auto &file : std::filesystem::directory_iterator (getenv ("BFY_TEST_SERVICES_DIR")))
    if (file.path ().extension () == ".json")
      all.push_back (read_record (file.path ()));
  std::sort (all.begin (), all.end (), [] (auto &a, auto &b) { return a.id < b.id; });
  return all;
}

// --- The stand-in for all of them ---

std::string
encode (const std::string &text)
{
  g_autofree char *encoded =
      g_base64_encode (reinterpret_cast<const guchar *> (text.data ()), text.size ());
  return encoded;
}

// Where the credential has to be, and nothing else counts.
bool
is_let_in (const Upstream::Request &request, JsonObject *injection, const std::string &user)
{
  std::string kind = text_of (injection, "kind"), name = text_of (injection, "name");

  if (kind == "basic")
    return request.header ("authorization") == "Basic " + encode (user + ":" + kKey);
  if (kind == "query")
    return std::regex_search (request.path, std::regex ("[?&]" + name + "=" + kKey + "(&|$)"));
  std::transform (name.begin (), name.end (), name.begin (), ::tolower);
  return request.header (name) == text_of (injection, "prefix") + kKey;
}

// A document in which the pointer leads to @text.
std::string
document (const std::string &pointer, const std::string &text)
{
  size_t slash = pointer.rfind ('/');

  if (pointer.empty ())
    return text;
  std::string name = pointer.substr (slash + 1);
  bool is_index = !name.empty () && name.find_first_not_of ("0123456789") == std::string::npos;
  std::string before;

  for (int i = 0; is_index && i < std::stoi (name); i++)
    before += "null,";
  name = std::regex_replace (std::regex_replace (name, std::regex ("~1"), "/"), std::regex ("~0"),
                             "~");
  return document (pointer.substr (0, slash),
                   is_index ? "[" + before + text + "]" : "{\"" + name + "\":" + text + "}");
}

class StandIn
{
public:
  explicit StandIn (const std::string &certificate)
      : upstream (
            [this] (auto &peer, auto &request) { answer (peer, request); }, false, certificate)
  {
  }

  // Where both are at one place, the first request is the probe, if there is to be one.
  void become (const Record &record, bool has_probe)
  {
    std::lock_guard<std::mutex> lock (mutex);

    current = &record;
    awaits_probe = has_probe && record.probe != nullptr;
    probes.clear ();
    calls.clear ();
    strangers.clear ();
  }
  std::vector<Upstream::Request> seen (std::vector<Upstream::Request> StandIn::*which)
  {
    std::lock_guard<std::mutex> lock (mutex);

    return this->*which;
  }

  std::vector<Upstream::Request> probes, calls, strangers;
  Upstream upstream;

private:
  static bool is_at (const Upstream::Request &request, const Place &place)
  {
    return request.header ("host") == place.host &&
           (request.path == place.target ||
            request.path.rfind (
                place.target + (place.target.find ('?') == std::string::npos ? "?" : "&"), 0) == 0);
  }

  bool is_probe (const Upstream::Request &request) const
  {
    return awaits_probe && probes.empty () &&
           is_at (request, Place (text_of (current->probe, "url")));
  }

  void answer_probe (Upstream::Peer &peer, const Upstream::Request &request)
  {
    JsonObject *own = object_of (current->probe, "injection");
    JsonObject *injection = own != nullptr ? own : object_of (current->api_key, "injection");
    std::vector<std::string> pointers = texts_of (current->probe, "account");
    int status = static_cast<int> (
        json_object_get_int_member_with_default (current->probe, "expect_status", 200));

    probes.push_back (request);
    if (!is_let_in (request, injection, current->user ()))
      peer.reply (401, "{}");
    else
      peer.reply (status, pointers.empty ()
                              ? "{}"
                              : document (pointers[0], "\"me-at-" + current->id + "\""));
  }

  void answer_call (Upstream::Peer &peer, const Upstream::Request &request)
  {
    JsonObject *injection = object_of (current->api_key, "injection");
    bool is_in = injection != nullptr
                     ? is_let_in (request, injection, current->user ())
                     : request.header ("authorization") == std::string ("Bearer ") + kKey;

    calls.push_back (request);
    if (!is_in)
      peer.reply (401, "{}");
    else if (request.method != "POST")
      peer.reply (405, "");
    else
      peer.reply (200, mcp_answer (request.body));
  }

  void answer (Upstream::Peer &peer, const Upstream::Request &request)
  {
    std::lock_guard<std::mutex> lock (mutex);

    if (is_probe (request))
      answer_probe (peer, request);
    else if (is_at (request, Place (current->url ())))
      answer_call (peer, request);
    else
      {
        strangers.push_back (request);
        peer.reply (404, "{}");
      }
  }

  std::mutex mutex;
  const Record *current = nullptr;
  bool awaits_probe = false;
};

// --- The agent, one for all records ---

class Catalogue : public testing::TestWithParam<Record>
{
protected:
  struct Shared
  {
    Authority authority;
    TempDir dir;
    std::unique_ptr<StandIn> stand_in;
    std::unique_ptr<TunnelProxy> proxy;
    std::unique_ptr<Agent> agent;
    std::string key;

    Shared ()
    {
      Process::Options trial;

      write_file (dir.path ("authority.pem"), authority.certificate (), 0644);
      trial.argv = trusting (dir.path ("authority.pem"));
      trial.argv.push_back ("true");
      if (run (trial).status != 0)
        return;
      stand_in = std::make_unique<StandIn> (authority.issue ({ names () }));
      proxy = std::make_unique<TunnelProxy> (stand_in->upstream.port ());
      start ();
    }

    static std::string names ()
    {
      std::set<std::string> hosts;
      std::string list;

      for (const Record &record : records ())
        {
          hosts.insert (Place (record.url ()).host);
          hosts.insert (Place (text_of (record.probe, "url")).host);
        }
      hosts.erase ("");
      for (const std::string &host : hosts)
        list += (list.empty () ? "DNS:" : ",DNS:") + host;
      return list;
    }

    // Services without an MCP server get one by a person's own record, as such a person would do.
    void start ()
    {
      Agent::Options options;

      options.starts = false;
      options.profile = "reads-flow";
      options.wrapper = trusting (dir.path ("authority.pem"));
      options.config = "[network]\nproxy=" + proxy->url () + "\nproxy_resolves=true\n";
      agent = std::make_unique<Agent> (options);
      const std::string own = agent->environment ().at ("XDG_CONFIG_HOME") + "/bindify/services.d";
      std::filesystem::create_directories (own);
      for (const Record &record : records ())
        if (record.mcp_url.empty ())
          write_file (own + "/" + record.id + ".json", "{\"mcp_url\":\"" + record.url () + "\"}");
      if (!agent->start ())
        agent.reset ();
      else
        key = agent->add_client ("story");
    }
  };

  static void SetUpTestSuite ()
  {
    shared = new Shared;
  }
  static void TearDownTestSuite ()
  {
    delete shared;
    shared = nullptr;
  }
  void SetUp () override
  {
    if (shared->stand_in == nullptr)
      GTEST_SKIP () << "no mount namespace of our own can be had";
    ASSERT_NE (shared->agent, nullptr);
    shared->stand_in->become (GetParam (), true);
  }
  void TearDown () override
  {
    if (shared->agent != nullptr)
      shared->agent->control ("DELETE", "/v1/bindings/" + GetParam ().id);
  }

  Response add (const std::string &key, const std::string &more = "")
  {
    const Record &record = GetParam ();
    const std::string user = record.user ();
    const std::string credential = user.empty () ? R"({"type":"api_key","api_key":")" + key + "\"}"
                                                 : R"({"type":"basic_auth","username":")" + user +
                                                       R"(","password":")" + key + "\"}";

    return shared->agent->control ("POST", "/v1/bindings",
                                   "{\"name\":\"" + record.id + "\",\"service\":\"" + record.id +
                                       "\",\"credential\":" + credential + more + "}");
  }

  static Shared *shared;
};

Catalogue::Shared *Catalogue::shared = nullptr;

std::string
normal_json (const std::string &text)
{
  JsonNode *node = json_from_string (text.c_str (), nullptr);
  g_autofree char *again = node != nullptr ? json_to_string (node, FALSE) : g_strdup ("");

  g_clear_pointer (&node, json_node_unref);
  return again;
}

void
expect_probe (const Record &record, const Upstream::Request &request)
{
  JsonObject *headers = object_of (record.probe, "headers");
  JsonObject *body = object_of (record.probe, "body");

  EXPECT_EQ (request.method, text_of (record.probe, "method"));
  for (GList *names = headers != nullptr ? json_object_get_members (headers) : nullptr;
       names != nullptr; names = g_list_delete_link (names, names))
    {
      std::string name = static_cast<const char *> (names->data), lower = name;

      std::transform (lower.begin (), lower.end (), lower.begin (), ::tolower);
      EXPECT_EQ (request.header (lower), text_of (headers, name.c_str ()));
    }
  if (body == nullptr)
    return;
  JsonNode *node = json_node_init_object (json_node_alloc (), body);
  g_autofree char *text = json_to_string (node, FALSE);

  json_node_unref (node);
  EXPECT_EQ (normal_json (request.body), text);
}

} // namespace

TEST_P (Catalogue, AKeyIsTriedAndSaysWhoseItIs)
{
  const Record &record = GetParam ();

  if (record.api_key == nullptr)
    GTEST_SKIP () << "it takes no keys";
  const Response added = add (kKey);

  ASSERT_EQ (added.status, 201) << added.body;
  EXPECT_THAT (added.body, HasSubstr ("\"performed\":true"));
  if (record.probe != nullptr)
    {
      ASSERT_EQ (shared->stand_in->seen (&StandIn::probes).size (), 1u);
      expect_probe (record, shared->stand_in->seen (&StandIn::probes)[0]);
    }
  EXPECT_TRUE (shared->stand_in->seen (&StandIn::strangers).empty ());
  if (!texts_of (record.probe, "account").empty ())
    {
      EXPECT_THAT (added.body, HasSubstr ("\"account\":\"me-at-" + record.id + "\""));
      EXPECT_THAT (shared->agent->control ("GET", "/v1/bindings/" + record.id).body,
                   HasSubstr ("\"account\":\"me-at-" + record.id + "\""));
    }
  EXPECT_THAT (added.body, Not (HasSubstr (kKey)));
}

TEST_P (Catalogue, AWrongKeyIsRefused)
{
  const Record &record = GetParam ();

  if (record.api_key == nullptr)
    GTEST_SKIP () << "it takes no keys";
  const Response refused = add ("a-wrong-key-0123456789");

  EXPECT_EQ (json_string (refused.body, "error"), "credential_refused") << refused.body;
  EXPECT_EQ (shared->agent->control ("GET", "/v1/bindings/" + record.id).status, 404);
}

TEST_P (Catalogue, ProgramsReachItsServer)
{
  const Record &record = GetParam ();

  shared->stand_in->become (record, false);
  const Response added = add (kKey, ",\"check\":false");

  ASSERT_EQ (added.status, 201) << added.body;
  const Response list = shared->agent->post (record.id, shared->key, kList);

  EXPECT_EQ (list.status, 200) << list.body;
  EXPECT_THAT (list.body, HasSubstr ("\"tools\""));
  ASSERT_FALSE (shared->stand_in->seen (&StandIn::calls).empty ());
  EXPECT_TRUE (shared->stand_in->seen (&StandIn::strangers).empty ());
  for (const Upstream::Request &request : shared->stand_in->seen (&StandIn::calls))
    for (auto &header : request.headers)
      EXPECT_THAT (header.second, Not (HasSubstr (shared->key)));
}

// --- What programs do is called what the record calls it ---

namespace
{

// Something that the pattern fits.
std::string
sample (const std::string &pattern)
{
  std::string text = std::regex_replace (pattern, std::regex ("^\\* "), "POST ");

  return std::regex_replace (text, std::regex ("\\*+"), "x");
}

bool
fits_tool (const std::string &pattern, const std::string &tool)
{
  return g_pattern_match_simple (pattern.c_str (), tool.c_str ());
}

bool
fits_http (const std::string &pattern, const std::string &request)
{
  std::string text;

  for (size_t i = 0; i < pattern.size (); i++)
    {
      bool is_double = pattern.compare (i, 2, "**") == 0;
      bool is_last = i + 2 == pattern.size ();

      if (is_double)
        text += is_last ? ".+" : ".*";
      else if (pattern[i] == '*')
        text += "[^/]*";
      else
        text +=
            (std::string (".+()[]{}^$|?\\").find (pattern[i]) != std::string::npos ? "\\" : "") +
            std::string (1, pattern[i]);
      i += is_double;
    }
  return std::regex_match (request, std::regex (text));
}

using Fits = bool (*) (const std::string &pattern, const std::string &what);

const Capability *
find (const Record &record,
      std::vector<std::string> Capability::*patterns,
      Fits fits,
      const std::string &what)
{
  for (const Capability &capability : record.capabilities)
    for (const std::string &pattern : capability.*patterns)
      if (fits (pattern, what))
        return &capability;
  return nullptr;
}

std::string
ask_tool (const std::string &tool)
{
  return R"({"message":{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool +
         R"(","arguments":{}}}})";
}

std::string
ask_http (const std::string &request)
{
  size_t blank = request.find (' ');

  return R"({"http":{"method":")" + request.substr (0, blank) + R"(","path":")" +
         request.substr (blank + 1) + "\"}}";
}

} // namespace

TEST_P (Catalogue, DeedsAreCalledWhatTheRecordCallsThem)
{
  const Record &record = GetParam ();
  const struct
  {
    std::vector<std::string> Capability::*patterns;
    Fits fits;
    std::string (*ask) (const std::string &what);
  } ways[] = { { &Capability::tools, fits_tool, ask_tool },
               { &Capability::http, fits_http, ask_http } };
  std::set<std::string> reached;

  ASSERT_EQ (add (kKey, ",\"check\":false").status, 201);
  for (auto &way : ways)
    for (const Capability &capability : record.capabilities)
      for (const std::string &pattern : capability.*way.patterns)
        {
          const std::string what = sample (pattern);
          const Capability *first = find (record, way.patterns, way.fits, what);
          const Response verdict = shared->agent->control (
              "POST", "/v1/bindings/" + record.id + "/policy/test", way.ask (what));

          ASSERT_NE (first, nullptr) << pattern;
          reached.insert (first->id);
          EXPECT_THAT (verdict.body, HasSubstr ("\"id\":\"" + first->id + "\"")) << what;
          EXPECT_THAT (verdict.body, HasSubstr ("\"access\":\"" + first->access + "\"")) << what;
        }
  for (const Capability &capability : record.capabilities)
    EXPECT_EQ (reached.count (capability.id), 1u)
        << capability.id << ": others before it have all that it has";
}

INSTANTIATE_TEST_SUITE_P (Records, Catalogue, testing::ValuesIn (records ()), [] (auto &info) {
  return std::regex_replace (info.param.id, std::regex ("[^a-z0-9]"), "_");
});
