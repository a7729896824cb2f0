// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/mdns.h"
}

namespace
{

using ::operator<<; // prints a row by its name

constexpr guint16 kId = 0x1234;
constexpr int kIn = 1, kFlush = 0x8001;

std::string
number (unsigned value, int n_bytes)
{
  std::string out;

  for (int i = n_bytes - 1; i >= 0; i--)
    out += static_cast<char> (value >> (8 * i));
  return out;
}

// "tv.local" as it is sent.
std::string
labels (const std::string &text)
{
  std::string out;

  for (size_t at = 0; at < text.size ();)
    {
      size_t end = std::min (text.find ('.', at), text.size ());

      out += static_cast<char> (end - at) + text.substr (at, end - at);
      at = end + 1;
    }
  return out + '\0';
}

std::string
header (
    int n_questions, int n_answers, int n_others = 0, unsigned flags = 0x8400, unsigned id = kId)
{
  return number (id, 2) + number (flags, 2) + number (n_questions, 2) + number (n_answers, 2) +
         number (0, 2) + number (n_others, 2);
}

std::string
question (const std::string &name)
{
  return name + number (BFY_MDNS_A, 2) + number (kIn, 2);
}

std::string
record (const std::string &name,
        const std::string &data,
        int type = BFY_MDNS_A,
        unsigned kind = kFlush,
        unsigned ttl_s = 10)
{
  return name + number (type, 2) + number (kind, 2) + number (ttl_s, 4) + number (data.size (), 2) +
         data;
}

const std::string kTv = labels ("tv.local");
const std::string kFirst = "\xc0\x0c"; // a pointer to right behind the header
const std::string kAddress = "\xc0\xa8\x4d\x02";
const std::string kAddress6 = std::string ("\xfe\x80", 2) + std::string (13, '\0') + "\x02";

// A whole answer with one record.
std::string
answer (const std::string &one)
{
  return header (1, 1) + question (kTv) + one;
}

std::string
bytes (int a, int b, int c, int d)
{
  return { static_cast<char> (a), static_cast<char> (b), static_cast<char> (c),
           static_cast<char> (d) };
}

// "192.168.77.2/10", for each: the address and how long it is good for.
std::string
read (const std::string &message, const char *name = "tv.local")
{
  BfyMdnsAddress found[BFY_MDNS_ADDRESSES_MAX];
  guint n = bfy_mdns_read_answer (reinterpret_cast<const guint8 *> (message.data ()),
                                  message.size (), name, kId, found);
  std::string out;

  for (guint i = 0; i < n; i++)
    {
      out += out.empty () ? "" : " ";
      if (found[i].length == 4)
        for (int j = 0; j < 4; j++)
          out += std::to_string (found[i].bytes[j]) + (j < 3 ? "." : "");
      else
        out += "v6";
      out += "/" + std::to_string (found[i].ttl_s);
    }
  return out;
}

struct AnswerCase
{
  const char *name;
  std::string message;
  const char *want;
};

class MdnsAnswer : public testing::TestWithParam<AnswerCase>
{
};

} // namespace

TEST_P (MdnsAnswer, IsRead)
{
  EXPECT_EQ (read (GetParam ().message), GetParam ().want);
}

const char kGood[] = "192.168.77.2/10";

INSTANTIATE_TEST_SUITE_P (
    Good,
    MdnsAnswer,
    testing::Values (
        AnswerCase{ "Pointer", answer (record (kFirst, kAddress)), kGood },
        AnswerCase{ "WholeName", answer (record (kTv, kAddress)), kGood },
        AnswerCase{ "OtherCase", answer (record (labels ("TV.Local"), kAddress)), kGood },
        AnswerCase{ "TailByPointer", answer (record (std::string ("\2tv\xc0\x0f", 5), kAddress)),
                    kGood },
        AnswerCase{ "NoQuestion", header (0, 1) + record (kTv, kAddress), kGood },
        AnswerCase{ "NotFlushing", answer (record (kFirst, kAddress, BFY_MDNS_A, kIn)), kGood },
        AnswerCase{ "V6", answer (record (kFirst, kAddress6, BFY_MDNS_AAAA)), "v6/10" },
        AnswerCase{ "OthersBefore",
                    header (1, 2) + question (kTv) + record (labels ("x.local"), "text", 16) +
                        record (kFirst, kAddress),
                    kGood },
        AnswerCase{ "Both",
                    header (1, 1, 1) + question (kTv) + record (kFirst, kAddress) +
                        record (kFirst, kAddress6, BFY_MDNS_AAAA, kFlush, 20),
                    "192.168.77.2/10 v6/20" },
        AnswerCase{ "LongLife", answer (record (kFirst, kAddress, BFY_MDNS_A, kFlush, 0xffffffff)),
                    "192.168.77.2/60" },
        AnswerCase{ "SelfGiven", answer (record (kFirst, bytes (169, 254, 3, 4))),
                    "169.254.3.4/10" }),
    case_name<AnswerCase>);

INSTANTIATE_TEST_SUITE_P (
    NotOurs,
    MdnsAnswer,
    testing::Values (
        AnswerCase{ "AnotherName", answer (record (labels ("xtv.local"), kAddress)), "" },
        AnswerCase{ "NameBelow", answer (record (labels ("a.tv.local"), kAddress)), "" },
        AnswerCase{ "NameAbove", answer (record (labels ("tv"), kAddress)), "" },
        AnswerCase{ "LongerName", answer (record (labels ("tv.local.x"), kAddress)), "" },
        AnswerCase{ "LongerLabel", answer (record (labels ("tv.locals"), kAddress)), "" },
        AnswerCase{ "DotInLabel",
                    answer (record ("\x08tv.local" + std::string (1, '\0'), kAddress)), "" },
        AnswerCase{ "AnotherId", header (0, 1, 0, 0x8400, kId + 1) + record (kTv, kAddress), "" },
        AnswerCase{ "Question", header (0, 1, 0, 0x0400) + record (kTv, kAddress), "" },
        AnswerCase{ "Failed", header (0, 1, 0, 0x8403) + record (kTv, kAddress), "" },
        AnswerCase{ "OtherOperation", header (0, 1, 0, 0xa800) + record (kTv, kAddress), "" },
        AnswerCase{ "OtherType", answer (record (kFirst, kAddress, 12)), "" },
        AnswerCase{ "OtherClass", answer (record (kFirst, kAddress, BFY_MDNS_A, 3)), "" },
        AnswerCase{ "TakenBack", answer (record (kFirst, kAddress, BFY_MDNS_A, kFlush, 0)), "" },
        AnswerCase{ "V4OfSixteen", answer (record (kFirst, kAddress6)), "" },
        AnswerCase{ "V6OfFour", answer (record (kFirst, kAddress, BFY_MDNS_AAAA)), "" }),
    case_name<AnswerCase>);

INSTANTIATE_TEST_SUITE_P (
    NoDevice,
    MdnsAnswer,
    testing::Values (
        AnswerCase{ "PublicAddress", answer (record (kFirst, bytes (203, 0, 113, 7))), "" },
        AnswerCase{ "ThisMachine", answer (record (kFirst, bytes (127, 0, 0, 1))), "" },
        AnswerCase{ "Nowhere", answer (record (kFirst, bytes (0, 0, 0, 0))), "" },
        AnswerCase{ "Group", answer (record (kFirst, bytes (224, 0, 0, 251))), "" },
        AnswerCase{ "Everybody", answer (record (kFirst, bytes (255, 255, 255, 255))), "" },
        AnswerCase{
            "PublicV6",
            answer (record (kFirst, "\x20\x01\x0d\xb8" + std::string (12, '\1'), BFY_MDNS_AAAA)),
            "" },
        AnswerCase{
            "MappedV6",
            answer (record (kFirst, std::string (10, '\0') + "\xff\xff" + kAddress, BFY_MDNS_AAAA)),
            "" },
        AnswerCase{ "ThisMachineV6",
                    answer (record (kFirst, std::string (15, '\0') + "\1", BFY_MDNS_AAAA)), "" },
        AnswerCase{
            "GroupV6",
            answer (record (kFirst, "\xff\x02" + std::string (13, '\0') + "\xfb", BFY_MDNS_AAAA)),
            "" }),
    case_name<AnswerCase>);

INSTANTIATE_TEST_SUITE_P (
    Damaged,
    MdnsAnswer,
    testing::Values (
        AnswerCase{ "Empty", "", "" },
        AnswerCase{ "HeaderOnly", header (1, 1), "" },
        AnswerCase{ "NoRecord", header (1, 1) + question (kTv), "" },
        AnswerCase{ "PointsToItself", header (0, 1) + record (kFirst, kAddress), "" },
        AnswerCase{ "PointsForward",
                    header (0, 1) + record ("\xc0\x20", kAddress) + kTv + std::string (20, 'x'),
                    "" },
        AnswerCase{ "UnknownLabel", answer (record ("\x41tv" + kFirst, kAddress)), "" },
        AnswerCase{ "TooManyRecords", header (1, 65) + question (kTv) + record (kFirst, kAddress),
                    "" },
        AnswerCase{ "RecordsMissing", header (1, 2) + question (kTv) + record (kFirst, kAddress),
                    "" },
        AnswerCase{ "DataMissing", answer (record (kFirst, kAddress)).substr (0, 39), "" },
        AnswerCase{ "TooLong",
                    answer (record (kFirst, kAddress)) +
                        std::string (BFY_MDNS_MESSAGE_BYTES_MAX, 'x'),
                    "" }),
    case_name<AnswerCase>);

// Each name points to the one before it.
TEST (MdnsName, HasAFewPointersOnly)
{
  std::string message = header (0, 1) + kTv;

  for (int i = 0; i < 40; i++)
    message += "\xc0" + number (i == 0 ? 12 : 20 + 2 * i, 1);
  EXPECT_EQ (read (message), "");
}

TEST (MdnsAnswers, AreAFewOnly)
{
  std::string message = header (1, 40) + question (kTv);
  std::string all = kGood;

  for (int i = 0; i < 40; i++)
    message += record (kFirst, kAddress);
  for (int i = 1; i < BFY_MDNS_ADDRESSES_MAX; i++)
    all += std::string (" ") + kGood;
  EXPECT_EQ (read (message), all);
}

TEST (MdnsQuestion, IsOneOfDns)
{
  g_autoptr (GBytes) asked = bfy_mdns_new_question ("tv.local", BFY_MDNS_AAAA, kId);
  gsize length;
  const char *data = static_cast<const char *> (g_bytes_get_data (asked, &length));

  EXPECT_EQ (std::string (data, length),
             header (1, 0, 0, 0) + kTv + number (BFY_MDNS_AAAA, 2) + number (kIn, 2));
}

TEST (MdnsQuestion, NeedsANameThatDnsCanSay)
{
  std::string longest = std::string (63, 'a') + ".local", total = "local";

  for (int i = 0; i < 126; i++)
    total = "a." + total;

  g_autoptr (GBytes) good = bfy_mdns_new_question (longest.c_str (), BFY_MDNS_A, 1);

  EXPECT_NE (good, nullptr);
  for (const std::string &bad : { std::string (), std::string ("a..local"), std::string (".local"),
                                  "a" + longest, total, std::string (5000, 'a') })
    EXPECT_EQ (bfy_mdns_new_question (bad.c_str (), BFY_MDNS_A, 1), nullptr) << bad;
}

TEST (MdnsName, IsBelowLocal)
{
  for (const char *good : { "tv.local", "a.b.local" })
    EXPECT_TRUE (bfy_mdns_is_name (good)) << good;
  for (const char *other : { "local", ".local", "tv.local.example", "tvlocal", "tv.locals", "" })
    EXPECT_FALSE (bfy_mdns_is_name (other)) << other;
}
