// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <string>

extern "C"
{
#include "protocol/certificate-print.h"
}

namespace
{

const std::string kEmpty = // of no bytes (FIPS 180-4)
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string
find (const std::string &message)
{
  g_autofree char *found = bfy_certificate_print_find (message.c_str ());

  return found != nullptr ? found : "nothing";
}

} // namespace

TEST (CertificatePrint, IsADigest)
{
  g_autofree char *print = bfy_certificate_print_new (reinterpret_cast<const guint8 *> (""), 0);

  EXPECT_EQ (print, kEmpty);
  EXPECT_TRUE (bfy_certificate_print_is_one (print));
}

TEST (CertificatePrint, HasOneFormOnly)
{
  for (const std::string &other :
       { std::string (), kEmpty + "0", kEmpty.substr (0, kEmpty.size () - 1), " " + kEmpty,
         "SHA256:" + kEmpty.substr (7), "sha256:" + std::string (64, 'A'),
         "sha256:" + std::string (64, 'g') })
    EXPECT_FALSE (bfy_certificate_print_is_one (other.c_str ())) << other;
}

TEST (CertificatePrint, IsFoundInAMessage)
{
  EXPECT_EQ (find ("The service is it (its certificate is " + kEmpty + ")"), kEmpty);
  EXPECT_EQ (find ("sha256:00, " + kEmpty + ", sha256:" + std::string (64, '1')), kEmpty);
  EXPECT_EQ (find ("sha256:sha256:00"), "nothing");
  EXPECT_EQ (find (""), "nothing");
  EXPECT_EQ (find (kEmpty.substr (0, 70)), "nothing");
}
