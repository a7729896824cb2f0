// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/pg-wire.h"
}

using namespace std::string_literals;

// --- What a client says first ---

struct StartCase
{
  const char *name;
  std::string bytes;
  BfyPgStartKind kind;
};

class PgStart : public testing::TestWithParam<StartCase>
{
};

TEST_P (PgStart, IsTold)
{
  const std::string &bytes = GetParam ().bytes;
  BfyPgStart start;

  EXPECT_EQ (bfy_pg_start_read ((const guint8 *) bytes.data (), bytes.size (), &start),
             GetParam ().kind);
}

INSTANTIATE_TEST_SUITE_P (
    Bytes,
    PgStart,
    testing::Values (
        StartCase{ "Nothing", "", BFY_PG_START_MORE },
        StartCase{ "PartOfTheLength", "\0\0\0"s, BFY_PG_START_MORE },
        StartCase{ "PartOfIt", "\0\0\0\x8\x4"s, BFY_PG_START_MORE },
        StartCase{ "Tls", "\0\0\0\x8\x4\xd2\x16\x2f"s, BFY_PG_START_ENCRYPTION },
        StartCase{ "Gssapi", "\0\0\0\x8\x4\xd2\x16\x30"s, BFY_PG_START_ENCRYPTION },
        StartCase{ "TlsWithMore", "\0\0\0\x9\x4\xd2\x16\x2fx"s, BFY_PG_START_BAD },
        StartCase{ "CallOff", "\0\0\0\x10\x4\xd2\x16\x2e\0\0\0\x7\0\0\0\x9"s, BFY_PG_START_CANCEL },
        StartCase{ "ShortCallOff", "\0\0\0\xc\x4\xd2\x16\x2e\0\0\0\x7"s, BFY_PG_START_BAD },
        StartCase{ "Session", "\0\0\0\x12\0\x3\0\0user\0ann\0\0"s, BFY_PG_START_SESSION },
        StartCase{ "EmptySession", "\0\0\0\x9\0\x3\0\0\0"s, BFY_PG_START_SESSION },
        StartCase{ "NoEnd", "\0\0\0\x11\0\x3\0\0user\0ann\0"s, BFY_PG_START_BAD },
        StartCase{ "NoValue", "\0\0\0\xe\0\x3\0\0user\0\0"s, BFY_PG_START_BAD },
        StartCase{ "MoreBehindTheEnd", "\0\0\0\x13\0\x3\0\0user\0ann\0\0x"s, BFY_PG_START_BAD },
        StartCase{ "OldVersion", "\0\0\0\x12\0\x2\0\0user\0ann\0\0"s, BFY_PG_START_BAD },
        StartCase{ "NewerVersion", "\0\0\0\x12\0\x3\0\x2user\0ann\0\0"s, BFY_PG_START_BAD },
        StartCase{ "TooShort", "\0\0\0\x7\0\x3\0"s, BFY_PG_START_BAD },
        StartCase{ "TooLong", "\0\0\x27\x11\0\x3\0\0"s, BFY_PG_START_BAD },
        StartCase{ "Negative", "\xff\xff\xff\xff\0\x3\0\0"s, BFY_PG_START_BAD },
        StartCase{ "Http", "GET / HTTP/1.1\r\n", BFY_PG_START_BAD }),
    [] (const auto &info) { return info.param.name; });

TEST (PgStart, ReadsWhatIsToBeCalledOff)
{
  const std::string bytes = "\0\0\0\x10\x4\xd2\x16\x2e\0\0\0\x7\x1\0\0\x9"s;
  BfyPgStart start;
  guint8 again[BFY_PG_CANCEL_BYTES];

  bfy_pg_start_read ((const guint8 *) bytes.data (), bytes.size (), &start);
  EXPECT_EQ (start.pid, 7u);
  EXPECT_EQ (start.key, 0x1000009u);
  bfy_pg_format_cancel (again, start.pid, start.key);
  EXPECT_EQ (std::string ((const char *) again, sizeof again), bytes);
}

TEST (PgStart, NamesUserAndDatabaseOfTheBindingOnly)
{
  const std::string bytes = "\0\0\0\x42\0\x3\0\0user\0eve\0database\0other\0"
                            "replication\0on\0geqo\0off\0_pq_.x\0y\0\0"s;
  const std::string want = "\0\0\0\x29\0\x3\0\0user\0ann\0database\0shop\0geqo\0off\0\0"s;
  g_autoptr (GByteArray) array =
      bfy_pg_start_rewrite ((const guint8 *) bytes.data (), bytes.size (), "ann", "shop");

  EXPECT_EQ (std::string ((const char *) array->data, array->len), want);
}

// --- What a server says ---

TEST (PgMessage, IsReadWhenItIsWhole)
{
  const std::string bytes = "R\0\0\0\x8\0\0\0\0Z"s;
  BfyPgMessage message;
  guint32 number = 1;

  for (gsize n = 0; n < 9; n++)
    {
      EXPECT_TRUE (bfy_pg_message_read ((const guint8 *) bytes.data (), n, &message));
      EXPECT_EQ (message.n_bytes, 0u);
    }
  EXPECT_TRUE (bfy_pg_message_read ((const guint8 *) bytes.data (), bytes.size (), &message));
  EXPECT_EQ (message.n_bytes, 9u);
  EXPECT_EQ (message.type, 'R');
  EXPECT_TRUE (bfy_pg_message_get_number (&message, 0, &number));
  EXPECT_EQ (number, 0u);
  EXPECT_FALSE (bfy_pg_message_get_number (&message, 1, &number));
}

TEST (PgMessage, IsRefusedWhenItIsTooLarge)
{
  BfyPgMessage message;

  EXPECT_FALSE (bfy_pg_message_read ((const guint8 *) "S\0\1\0\1", 5, &message));
  EXPECT_FALSE (bfy_pg_message_read ((const guint8 *) "S\0\0\0\3", 5, &message));
}

TEST (PgMessage, OffersWays)
{
  const std::string bytes = "R\0\0\0\x2a\0\0\0\xaSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"s;
  BfyPgMessage message;

  EXPECT_TRUE (bfy_pg_message_read ((const guint8 *) bytes.data (), bytes.size (), &message));
  EXPECT_TRUE (bfy_pg_message_offers (&message, "SCRAM-SHA-256"));
  EXPECT_FALSE (bfy_pg_message_offers (&message, "SCRAM-SHA"));
}

TEST (PgMessage, TellsWhatWentWrong)
{
  g_autoptr (GByteArray) bytes = bfy_pg_format_error ("28000", "No");
  BfyPgMessage message;

  EXPECT_TRUE (bfy_pg_message_read (bytes->data, bytes->len, &message));
  g_autofree char *state = bfy_pg_message_get_field (&message, 'C');
  g_autofree char *text = bfy_pg_message_get_field (&message, 'M');
  g_autofree char *other = bfy_pg_message_get_field (&message, 'X');
  EXPECT_EQ (message.type, 'E');
  EXPECT_STREQ (state, "28000");
  EXPECT_STREQ (text, "No");
  EXPECT_EQ (other, nullptr);
}
