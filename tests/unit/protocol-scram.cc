// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/scram.h"
}

// --- The example of RFC 7677, 3 ---

namespace
{

constexpr char kNonce[] = "rOprNGfwEbeRWgbNEkqO";
constexpr char kChallenge[] = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                              "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr char kProof[] = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                          "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr char kSignature[] = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

BfyScram *
make_scram (const char *password)
{
  g_autoptr (BfySecret) secret = bfy_secret_new (password, strlen (password));

  return bfy_scram_new ("user", kNonce, secret);
}

} // namespace

TEST (Scram, SpeaksAsInTheExample)
{
  g_autoptr (BfyScram) scram = make_scram ("pencil");
  g_autofree char *first = bfy_scram_format_first (scram);
  g_autoptr (GError) error = NULL;
  g_autofree char *last = bfy_scram_answer (scram, kChallenge, strlen (kChallenge), &error);

  EXPECT_STREQ (first, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_STREQ (last, kProof);
  EXPECT_TRUE (bfy_scram_check (scram, kSignature, strlen (kSignature), &error));
}

TEST (Scram, TakesNoServerThatDoesNotKnowThePassword)
{
  g_autoptr (BfyScram) scram = make_scram ("another");
  g_autofree char *last = bfy_scram_answer (scram, kChallenge, strlen (kChallenge), NULL);
  g_autoptr (GError) error = NULL;

  EXPECT_STRNE (last, kProof);
  EXPECT_FALSE (bfy_scram_check (scram, kSignature, strlen (kSignature), &error));
  EXPECT_NE (error, nullptr);
}

TEST (Scram, TakesNoSignatureBeforeTheChallenge)
{
  g_autoptr (BfyScram) scram = make_scram ("pencil");
  const char zeros[] = "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

  EXPECT_FALSE (bfy_scram_check (scram, zeros, strlen (zeros), NULL));
}

// --- What is no challenge ---

struct ChallengeCase
{
  const char *name;
  const char *text;
};

class ScramChallenge : public testing::TestWithParam<ChallengeCase>
{
};

TEST_P (ScramChallenge, IsRefused)
{
  g_autoptr (BfyScram) scram = make_scram ("pencil");
  g_autoptr (GError) error = NULL;
  g_autofree char *last =
      bfy_scram_answer (scram, GetParam ().text, strlen (GetParam ().text), &error);

  EXPECT_EQ (last, nullptr);
  EXPECT_NE (error, nullptr);
}

INSTANTIATE_TEST_SUITE_P (
    Texts,
    ScramChallenge,
    testing::Values (ChallengeCase{ "Empty", "" },
                     ChallengeCase{ "OtherNonce", "r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096" },
                     ChallengeCase{ "OurNonceAlone",
                                    "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096" },
                     ChallengeCase{ "NoSalt", "r=rOprNGfwEbeRWgbNEkqO1,s=,i=4096" },
                     ChallengeCase{ "NoBase64", "r=rOprNGfwEbeRWgbNEkqO1,s=%%%%,i=4096" },
                     ChallengeCase{ "NoIterations", "r=rOprNGfwEbeRWgbNEkqO1,s=AAAA,i=0" },
                     ChallengeCase{ "TooManyIterations",
                                    "r=rOprNGfwEbeRWgbNEkqO1,s=AAAA,i=100001" },
                     ChallengeCase{ "NoNumber", "r=rOprNGfwEbeRWgbNEkqO1,s=AAAA,i=+1" },
                     ChallengeCase{ "Reordered", "s=AAAA,r=rOprNGfwEbeRWgbNEkqO1,i=4096" },
                     ChallengeCase{ "Extension", "m=x,r=rOprNGfwEbeRWgbNEkqO1,s=AAAA,i=4096" },
                     ChallengeCase{ "Unprintable", "r=rOprNGfwEbeRWgbNEkqO1\n,s=AAAA,i=4096" }),
    [] (const auto &info) { return info.param.name; });
