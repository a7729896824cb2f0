// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/era-pages.h"
}

namespace
{

const std::string kPage = R"({"mode":"url","elicitationId":"e-1","url":"https://x.example/a",)"
                          R"("message":"Link it"})";
const std::string kAsked = R"({"method":"elicitation/create","params":{"mode":"url",)"
                           R"("url":"https://x.example/a","message":"Link it"}})";

std::string
wants (const std::string &elicitations)
{
  return R"({"code":-32042,"message":"Link first","data":{"elicitations":)" + elicitations + "}}";
}

// Checked first, as everything is that slices are made of.
class Slice
{
public:
  explicit Slice (const std::string &text) : text_ (text)
  {
    Error error;

    EXPECT_TRUE (bfy_json_check (text_.data (), text_.size (), error.out ())) << text_;
    bfy_json_slice_root (text_.data (), text_.size (), &slice_);
  }
  const BfyJsonSlice *get () const
  {
    return &slice_;
  }

private:
  std::string text_;
  BfyJsonSlice slice_;
};

std::string
many_pages (int n)
{
  std::string list = "[";

  for (int i = 0; i < n; i++)
    list += (i > 0 ? "," : "") + kPage;
  return list + "]";
}

} // namespace

struct PagesCase
{
  const char *name;
  std::string error;
  bool is_wanted;
  std::string result; // "" for none
};

class EraPages : public testing::TestWithParam<PagesCase>
{
};

TEST_P (EraPages, BecomeAQuestionInTheResult)
{
  const PagesCase &row = GetParam ();
  const Slice error (row.error);
  g_autofree char *result = bfy_era_pages_result (error.get (), nullptr);

  EXPECT_EQ (bfy_era_wants_pages (error.get ()) != FALSE, row.is_wanted);
  EXPECT_EQ (std::string (result != nullptr ? result : ""), row.result);
}

INSTANTIATE_TEST_SUITE_P (
    Errors,
    EraPages,
    testing::Values (
        PagesCase{ "One", wants ("[" + kPage + "]"), true,
                   R"({"resultType":"input_required","inputRequests":{"page-1":)" + kAsked + "}}" },
        PagesCase{ "Two", wants (many_pages (2)), true,
                   R"({"resultType":"input_required","inputRequests":{"page-1":)" + kAsked +
                       R"(,"page-2":)" + kAsked + "}}" },
        PagesCase{ "None", wants ("[]"), true, "" },
        PagesCase{ "TooMany", wants (many_pages (17)), true, "" },
        PagesCase{ "NoList", wants (kPage), true, "" },
        PagesCase{ "NoData", R"({"code":-32042,"message":"m"})", true, "" },
        PagesCase{ "AForm", wants (R"([{"mode":"form","url":"x","message":"m"}])"), true, "" },
        PagesCase{ "NoMode", wants (R"([{"url":"x","message":"m"}])"), true, "" },
        PagesCase{ "NoUrl", wants (R"([{"mode":"url","message":"m"}])"), true, "" },
        PagesCase{ "UrlIsNoString", wants (R"([{"mode":"url","url":{}}])"), true, "" },
        PagesCase{ "NoObject", wants (R"(["url"])"), true, "" },
        PagesCase{ "OtherCode", R"({"code":-32602,"message":"m"})", false, "" },
        PagesCase{ "CodeIsNoNumber", R"({"code":"-32042"})", false, "" },
        PagesCase{ "NoCode", "{}", false, "" }),
    [] (const auto &info) { return info.param.name; });

TEST (EraPagesResult, SaysWhoseItIs)
{
  const Slice error (wants ("[" + kPage + "]"));
  g_autofree char *result = bfy_era_pages_result (error.get (), R"({"name":"s"})");

  EXPECT_EQ (std::string (result),
             R"({"resultType":"input_required","inputRequests":{"page-1":)" + kAsked +
                 R"(},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}})");
}

// What is left of it must not be a code that 2026-07-28 reserves (mcp.md A.6).
TEST (EraPagesResult, ElseIsAnOrdinaryFailure)
{
  const Slice error (R"({"code":-32042,"message":"Link first"})");
  g_autofree char *modern = bfy_era_error_to_modern ("tools/list", error.get ());

  EXPECT_STREQ (modern, R"({"code":-32603,"message":"Link first"})");
}

struct ShowCase
{
  const char *name, *capabilities;
  bool can;
};

class EraPagesShown : public testing::TestWithParam<ShowCase>
{
};

TEST_P (EraPagesShown, ByClientsThatSaySo)
{
  const ShowCase &row = GetParam ();
  const Slice message (std::string (R"({"params":{"_meta":{)") +
                       R"("io.modelcontextprotocol/clientCapabilities":)" + row.capabilities +
                       "}}}");
  BfyEraClaim claim;

  bfy_era_claim_read (message.get (), &claim);
  EXPECT_EQ (bfy_era_can_show_pages (&claim) != FALSE, row.can);
}

INSTANTIATE_TEST_SUITE_P (
    Capabilities,
    EraPagesShown,
    testing::Values (ShowCase{ "Pages", R"({"elicitation":{"url":{}}})", true },
                     ShowCase{ "Both", R"({"elicitation":{"form":{},"url":{}}})", true },
                     ShowCase{ "FormsOnly", R"({"elicitation":{"form":{}}})", false },
                     ShowCase{ "Unspecified", R"({"elicitation":{}})", false },
                     ShowCase{ "Null", R"({"elicitation":{"url":null}})", false },
                     ShowCase{ "Nothing", "{}", false },
                     ShowCase{ "NoObject", "7", false }),
    [] (const auto &info) { return info.param.name; });

struct RefusalCase
{
  const char *name, *responses;
  bool is_refused;
};

class EraPagesRefused : public testing::TestWithParam<RefusalCase>
{
};

TEST_P (EraPagesRefused, ByAnythingButAnAcceptance)
{
  const RefusalCase &row = GetParam ();
  const Slice message (std::string (R"({"params":{"name":"t","inputResponses":)") + row.responses +
                       "}}");

  EXPECT_EQ (bfy_era_pages_are_refused (message.get ()) != FALSE, row.is_refused);
}

INSTANTIATE_TEST_SUITE_P (
    Responses,
    EraPagesRefused,
    testing::Values (RefusalCase{ "Accepted", R"({"page-1":{"action":"accept"}})", false },
                     RefusalCase{ "Declined", R"({"page-1":{"action":"decline"}})", true },
                     RefusalCase{ "Cancelled", R"({"page-1":{"action":"cancel"}})", true },
                     RefusalCase{ "OneOfTwo",
                                  R"({"page-1":{"action":"accept"},"page-2":{"action":"decline"}})",
                                  true },
                     RefusalCase{ "NoAction", R"({"page-1":{}})", true },
                     RefusalCase{ "NoObject", R"({"page-1":"accept"})", true },
                     RefusalCase{ "AnotherQuestion", R"({"input-1":{"action":"decline"}})", false },
                     RefusalCase{ "Nothing", "{}", false },
                     RefusalCase{ "NoResponses", "[]", false }),
    [] (const auto &info) { return info.param.name; });
