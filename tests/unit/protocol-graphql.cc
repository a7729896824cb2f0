// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/graphql.h"
}

enum
{
  NONE = BFY_GRAPHQL_NONE,
  Q = BFY_GRAPHQL_QUERY,
  M = BFY_GRAPHQL_MUTATION,
  S = BFY_GRAPHQL_SUBSCRIPTION,
  UNREAD = BFY_GRAPHQL_UNREAD,
  ANY = BFY_GRAPHQL_ANY,
};

struct GraphqlCase
{
  const char *name;
  std::string text;
  int operations;
};

class Graphql : public testing::TestWithParam<GraphqlCase>
{
};

TEST_P (Graphql, TellsWhatItDoes)
{
  Block block (GetParam ().text);

  EXPECT_EQ (bfy_graphql_scan (block.data (), block.size ()), GetParam ().operations);
}

INSTANTIATE_TEST_SUITE_P (
    Documents,
    Graphql,
    testing::Values (
        GraphqlCase{ "Shorthand", "{ viewer { id } }", Q },
        GraphqlCase{ "Query", "query { a }", Q },
        GraphqlCase{ "Named", "query A { a }", Q },
        GraphqlCase{ "NamedMutation", "query mutation { a }", Q },
        GraphqlCase{ "Mutation", "mutation M($x: Int! = 1) { a(x: $x) }", M },
        GraphqlCase{ "MutationNamedQuery", "mutation query { a }", M },
        GraphqlCase{ "Subscription", "subscription S { a }", S },
        GraphqlCase{ "Several", "query A { a } mutation B { b }", Q | M },
        GraphqlCase{ "ShorthandAndMutation", "{ a } mutation { b }", Q | M },
        GraphqlCase{ "All", "query A{a} mutation B{b} subscription C{c}", Q | M | S },
        GraphqlCase{ "Comment", "# mutation\nquery { a } # }\n", Q },
        GraphqlCase{ "CommentEndsAtReturn", "# x\rmutation { a }", M },
        GraphqlCase{ "CommentHidesNothing", "query { a }\n#\nmutation { b }", Q | M },
        GraphqlCase{ "CommasAndMark", "\xef\xbb\xbf,,mutation,M,{a}", M },
        GraphqlCase{ "StringWithBrace", R"(query { a(x: "} mutation { b") })", Q },
        GraphqlCase{ "StringWithQuote", R"(query { a(x: "\"} {") } mutation { b })", Q | M },
        GraphqlCase{ "BlockString", "query { a(x: \"\"\" } \" mutation \\\"\"\" { \"\"\") }", Q },
        GraphqlCase{ "BlockStringEnds", "query { a(x: \"\"\"y\"\"\") } mutation { b }", Q | M },
        GraphqlCase{ "EmptyString", R"(query { a(x: "") } mutation { b })", Q | M },
        GraphqlCase{ "Fragment", "query { ...F } fragment F on T { mutation { x } }", Q },
        GraphqlCase{ "FragmentFirst", "fragment F on T @d(a: {b: 1}) { x } mutation { ...F }", M },
        GraphqlCase{ "Inline", "{ ... on T @include(if: true) { x } }", Q },
        GraphqlCase{ "Defaults", "query Q($a: I = {b: [1, -2.5e3, E]}) @d { x }", Q }),
    [] (const testing::TestParamInfo<GraphqlCase> &info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P (
    Unread,
    Graphql,
    testing::Values (GraphqlCase{ "Empty", "", UNREAD },
                     GraphqlCase{ "OnlyComment", "# query { a }", UNREAD },
                     GraphqlCase{ "Words", "find me something", UNREAD },
                     GraphqlCase{ "Capitals", "MUTATION { a }", UNREAD },
                     GraphqlCase{ "OnlyFragment", "fragment F on T { x }", UNREAD },
                     GraphqlCase{ "FragmentOn", "fragment on on T { x } { a }", UNREAD },
                     GraphqlCase{ "Unclosed", "query { a", UNREAD },
                     GraphqlCase{ "Closed", "query { a } }", UNREAD },
                     GraphqlCase{ "Crossed", "query { a(x: [) }", UNREAD },
                     GraphqlCase{ "NoSelection", "query A", UNREAD },
                     GraphqlCase{ "UnclosedString", "query { a(x: \"\n) }", UNREAD },
                     GraphqlCase{ "UnclosedBlock", "query { a(x: \"\"\") }", UNREAD },
                     GraphqlCase{ "EndsInEscape", "query { a(x: \"\\", UNREAD },
                     GraphqlCase{ "Schema", "type T { a: Int }", UNREAD },
                     GraphqlCase{ "OddByte", "query { a; }", UNREAD },
                     GraphqlCase{ "Nul", std::string ("query { a \0 }", 13), UNREAD },
                     GraphqlCase{ "NotAscii", "m\xc3\xbctation { a }", UNREAD },
                     GraphqlCase{ "TooDeep", std::string (200, '{') + std::string (200, '}'),
                                  UNREAD }),
    [] (const testing::TestParamInfo<GraphqlCase> &info) { return info.param.name; });

// --- In HTTP ---

struct GraphqlRequestCase
{
  const char *name, *path, *query, *type;
  std::string body;
  int operations;
  bool is_endpoint;
};

class GraphqlRequest : public testing::TestWithParam<GraphqlRequestCase>
{
};

TEST_P (GraphqlRequest, IsFoundWhereverItIs)
{
  const GraphqlRequestCase &row = GetParam ();
  Block body (row.body);
  BfyGraphqlRequest request =
      bfy_graphql_of_http (row.path, row.query, row.type, body.data (), body.size (), TRUE);

  EXPECT_EQ (request.operations, row.operations);
  EXPECT_EQ (request.is_endpoint, row.is_endpoint);
}

#define JSON "application/json"

INSTANTIATE_TEST_SUITE_P (
    Requests,
    GraphqlRequest,
    testing::Values (
        GraphqlRequestCase{ "Query", "/graphql", nullptr, JSON, R"({"query":"{ a }"})", Q, true },
        GraphqlRequestCase{ "Escaped", "/graphql", nullptr, JSON,
                            R"({"qu\u0065ry":"\u006dutation { a }"})", M, true },
        GraphqlRequestCase{ "Charset", "/api/graphql", nullptr, "Application/JSON; charset=utf-8",
                            R"({"query":"query { a }","variables":{}})", Q, true },
        GraphqlRequestCase{ "Version", "/admin/api/2024-01/graphql.json", nullptr, JSON,
                            R"({"query":"{a}"})", Q, true },
        GraphqlRequestCase{ "VersionWithLetter", "/v1/graphql", nullptr, JSON, R"({"query":"{a}"})",
                            Q, true },
        GraphqlRequestCase{ "OperationName", "/graphql", nullptr, JSON,
                            R"({"query":"query A{a} mutation B{b}","operationName":"A"})", Q | M,
                            true },
        GraphqlRequestCase{ "Batch", "/graphql", nullptr, JSON,
                            R"([{"query":"{a}"},{"query":"mutation{b}"}])", Q | M, true },
        GraphqlRequestCase{ "BatchWithStored", "/graphql", nullptr, JSON,
                            R"([{"query":"{a}"},{"id":"x"}])", ANY, true },
        GraphqlRequestCase{ "Stored", "/graphql", nullptr, JSON, R"({"id":"x"})", ANY, true },
        GraphqlRequestCase{ "Twin", "/graphql", nullptr, JSON,
                            R"({"query":"{a}","Query":"mutation{b}"})", ANY, true },
        GraphqlRequestCase{ "Twice", "/graphql", nullptr, JSON, R"({"query":"{a}","query":"{b}"})",
                            ANY, true },
        GraphqlRequestCase{ "NoString", "/graphql", nullptr, JSON, R"({"query":["{a}"]})", ANY,
                            true },
        GraphqlRequestCase{ "NoJson", "/graphql", nullptr, JSON, "query=", ANY, true },
        GraphqlRequestCase{ "Form", "/graphql", nullptr, "application/x-www-form-urlencoded",
                            "query={a}", ANY, true },
        GraphqlRequestCase{ "NoType", "/graphql", nullptr, nullptr, R"({"query":"{a}"})", ANY,
                            true },
        GraphqlRequestCase{ "Bare", "/graphql", nullptr, "application/graphql", "mutation { a }", M,
                            true },
        GraphqlRequestCase{ "InUrl", "/graphql", "query=%7Ba%7D", nullptr, "", Q, true },
        GraphqlRequestCase{ "InUrlMutation", "/graphql", "x=1&qu%65ry=mutation+%7Ba%7D", nullptr,
                            "", M, true },
        GraphqlRequestCase{ "InBoth", "/graphql", "query=mutation{a}", JSON, R"({"query":"{a}"})",
                            Q | M, true },
        GraphqlRequestCase{ "InUrlStored", "/graphql", "extensions=%7B%7D", nullptr, "", ANY,
                            true },
        GraphqlRequestCase{ "Nothing", "/graphql", nullptr, nullptr, "", NONE, true },
        GraphqlRequestCase{ "Elsewhere", "/repos/o/graphql", nullptr, JSON, R"({"query":"{a}"})", Q,
                            false },
        GraphqlRequestCase{ "ElsewhereMutation", "/gql", nullptr, JSON,
                            R"([{"query":"mutation{a}"},{"query":"?"}])", M, false },
        GraphqlRequestCase{ "ElsewhereWords", "/search", nullptr, JSON, R"({"query":"words"})",
                            NONE, false }),
    [] (const testing::TestParamInfo<GraphqlRequestCase> &info) { return info.param.name; });
