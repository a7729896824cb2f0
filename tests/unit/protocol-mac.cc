// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/mac.h"
}

namespace
{

using ::operator<<; // prints a row by its name
using testing::HasSubstr;

struct MacCase
{
  const char *name;
  std::string text;
  const char *want; // its form, or a part of what is wrong
};

class Mac : public testing::TestWithParam<MacCase>
{
};

class BadMac : public testing::TestWithParam<MacCase>
{
};

} // namespace

TEST_P (Mac, IsRead)
{
  BfyMac mac;
  Error error;

  ASSERT_TRUE (bfy_mac_parse (GetParam ().text.c_str (), &mac, error.out ()));

  g_autofree char *form = bfy_mac_format (&mac);

  EXPECT_STREQ (form, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Forms,
    Mac,
    testing::Values (MacCase{ "Colons", "52:54:00:12:34:56", "52:54:00:12:34:56" },
                     MacCase{ "Dashes", "52-54-00-12-34-56", "52:54:00:12:34:56" },
                     MacCase{ "Capitals", "AA:BB:CC:DD:EE:FF", "aa:bb:cc:dd:ee:ff" },
                     MacCase{ "GivenLocally", "02:00:00:00:00:01", "02:00:00:00:00:01" }),
    case_name<MacCase>);

TEST_P (BadMac, IsRefused)
{
  BfyMac mac;
  Error error;

  EXPECT_FALSE (bfy_mac_parse (GetParam ().text.c_str (), &mac, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().want));
}

INSTANTIATE_TEST_SUITE_P (Wrong,
                          BadMac,
                          testing::Values (MacCase{ "Empty", "", "six pairs" },
                                           MacCase{ "Five", "52:54:00:12:34", "six pairs" },
                                           MacCase{ "Seven", "52:54:00:12:34:56:78", "six pairs" },
                                           MacCase{ "Half", "52:54:00:12:34:5", "six pairs" },
                                           MacCase{ "NoMarks", "525400123456", "six pairs" },
                                           MacCase{ "TwoMarks", "52:54-00:12:34:56", "six pairs" },
                                           MacCase{ "OtherMark", "52.54.00.12.34.56", "six pairs" },
                                           MacCase{ "NoDigit", "52:54:00:12:34:5g", "six pairs" },
                                           MacCase{ "Space", "52:54:00:12:34: 6", "six pairs" },
                                           MacCase{ "Zeros", "00:00:00:00:00:00", "zeros" },
                                           MacCase{ "Everybody", "ff:ff:ff:ff:ff:ff", "group" },
                                           MacCase{ "Group", "01:00:5e:00:00:fb", "group" }),
                          case_name<MacCase>);

TEST (MacPacket, IsOnesAndTheAddressSixteenTimes)
{
  BfyMac mac;
  guint8 packet[BFY_MAC_PACKET_BYTES];
  std::string want (6, '\xff');

  ASSERT_TRUE (bfy_mac_parse ("52:54:00:12:34:56", &mac, nullptr));
  bfy_mac_fill_packet (&mac, packet);
  for (int i = 0; i < 16; i++)
    want += std::string ("\x52\x54\x00\x12\x34\x56", 6);
  EXPECT_EQ (std::string (reinterpret_cast<char *> (packet), sizeof packet), want);
}
