// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/unit/client-agent.h"

// `bindify` and `bindify-add` as a person or script runs them, against a scripted control API.

const char github[] =
    R"({"id":"1","name":"github","type":"mcp","service":"github","url":"https://api.githubcopilot.com/mcp?x=1","state":"ok","auth_type":"api_key","mode":"managed","keyring":"vault","account":null,"injection":{"kind":"header","name":"Authorization","prefix":"Bearer "},"limits":{"request_bytes_max":1048576},"created_at":"2026-11-22T05:18:47Z","last_used_at":null})";
const char services[] =
    R"({"services":[{"id":"github","name":"GitHub","mcp_url":"https://api.githubcopilot.com/mcp","supports_api_key":true,"supports_oauth":true,"oauth_client":"own","username_field":null,"token_url":"https://github.com/settings/tokens","instructions":["Choose the fine-grained kind."],"token_patterns":[{"prefix":"gh?_","characters":"key","min":8}]},
    {"id":"atlassian","name":"Atlassian","mcp_url":"https://mcp.atlassian.com/v1/mcp","supports_api_key":true,"supports_oauth":false,"username_field":"email","token_url":null,"instructions":null},
    {"id":"notion","name":"Notion","mcp_url":"https://mcp.notion.com/mcp","supports_api_key":false,"supports_oauth":true,"username_field":null,"token_url":null,"instructions":null}]})";
const char not_found[] =
    R"({"error":"not_found","message":"No binding is called “github”","hint":"bindify list"})";

inline std::string
created (const std::string &name)
{
  return R"({"binding":{"name":")" + name +
         R"(","url":"https://api.githubcopilot.com/mcp","keyring":"vault"},"endpoint":"http://127.0.0.1:7391/mcp/)" +
         name + R"(","check":{"performed":true,"detail":null,"n_tools":42}})";
}

class Cli : public testing::Test
{
protected:
  struct Reply
  {
    guint status;
    std::string body;
  };

  struct Outcome
  {
    int status;
    std::string output, errors;
  };

  std::map<std::string, Reply> replies; // by "GET /v1/status"
  FakeAgent agent{ [this] (const Request &request, const AnswerPtr &answer) {
    auto found = replies.find (request.method + " " + request.path);

    if (found != replies.end () && found->second.status == 204)
      answer->empty (204);
    else if (found != replies.end ())
      answer->json (found->second.status, found->second.body);
    else
      answer->json (500, R"({"error":"internal_error","message":"unscripted","hint":null})");
  } };

  Outcome run (const std::vector<std::string> &words,
               const std::string &input = "",
               const std::string &program = "bindify")
  {
    Program child (program, words, { { "BINDIFY_SOCK", agent.socket () } });

    child.write (input);
    child.close_input ();
    int status = child.wait ();
    return { status, child.output (), child.errors };
  }

  Outcome add (const std::vector<std::string> &words, const std::string &input = "")
  {
    return run (words, input, "bindify-add");
  }

  void script_add ()
  {
    replies["GET /v1/services"] = { 200, services };
    replies["GET /v1/bindings/github"] = { 404, not_found };
    replies["POST /v1/bindings"] = { 201, created ("github") };
  }
};
