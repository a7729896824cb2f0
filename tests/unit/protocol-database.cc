// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/database.h"
}

struct DatabaseCase
{
  const char *name;
  const char *text;
  const char *uri; // NULL: refused
};

class Database : public testing::TestWithParam<DatabaseCase>
{
};

TEST_P (Database, HasOneForm)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyDatabase) self = bfy_database_parse (GetParam ().text, &error);

  EXPECT_STREQ (self != nullptr ? self->uri : nullptr, GetParam ().uri);
  EXPECT_EQ (self == nullptr, error != nullptr);
  const std::string message = error != nullptr ? error->message : "";
  EXPECT_EQ (message.find ("hunter2"), std::string::npos);
  if (self != nullptr)
    {
      g_autoptr (BfyDatabase) again = bfy_database_parse (self->uri, &error);

      EXPECT_STREQ (again != nullptr ? again->uri : nullptr, self->uri);
    }
}

INSTANTIATE_TEST_SUITE_P (
    Addresses,
    Database,
    testing::Values (
        DatabaseCase{ "Plain", "postgres://ann@db.example/shop", "postgres://ann@db.example/shop" },
        DatabaseCase{ "OtherScheme", "postgresql://ann@db.example:5432/shop",
                      "postgres://ann@db.example/shop" },
        DatabaseCase{ "Port", "postgres://ann@DB.example.:6543/shop",
                      "postgres://ann@db.example:6543/shop" },
        DatabaseCase{ "Escapes", "postgres://a%40b@db.example/my%20shop",
                      "postgres://a%40b@db.example/my%20shop" },
        DatabaseCase{ "SixthVersion", "postgres://ann@[::1]/shop", "postgres://ann@[::1]/shop" },
        DatabaseCase{ "Verified", "postgres://ann@db.example/shop?sslmode=verify-full",
                      "postgres://ann@db.example/shop" },
        DatabaseCase{ "Authorities", "postgres://ann@db.example/shop?sslrootcert=%2Fetc%2Fca.pem",
                      "postgres://ann@db.example/shop?sslrootcert=/etc/ca.pem" },
        DatabaseCase{ "WithoutTls", "postgres://ann@127.0.0.1/shop?sslmode=disable",
                      "postgres://ann@127.0.0.1/shop?sslmode=disable" },
        DatabaseCase{ "Relay", "postgres://ann@db.example/shop?relay=on",
                      "postgres://ann@db.example/shop?relay=on" },
        DatabaseCase{ "RelayAndAuthorities",
                      "postgres://ann@db.example/shop?relay=on&sslrootcert=/etc/ca.pem",
                      "postgres://ann@db.example/shop?sslrootcert=/etc/ca.pem&relay=on" },
        DatabaseCase{ "RelayOfSomeKind", "postgres://ann@db.example/shop?relay=yes", nullptr },
        DatabaseCase{ "WithoutTlsAway", "postgres://ann@db.example/shop?sslmode=disable", nullptr },
        DatabaseCase{ "Unverified", "postgres://ann@db.example/shop?sslmode=require", nullptr },
        DatabaseCase{ "OtherOption", "postgres://ann@db.example/shop?host=evil", nullptr },
        DatabaseCase{ "Password", "postgres://ann:hunter2@db.example/shop", nullptr },
        DatabaseCase{ "PasswordOption", "postgres://ann@db.example/shop?password=hunter2",
                      nullptr },
        DatabaseCase{ "NoUser", "postgres://db.example/shop", nullptr },
        DatabaseCase{ "NoName", "postgres://ann@db.example/", nullptr },
        DatabaseCase{ "NoHost", "postgres://ann@/shop", nullptr },
        DatabaseCase{ "ManyHosts", "postgres://ann@a.example,b.example/shop", nullptr },
        DatabaseCase{ "Newline", "postgres://ann@db.example/sh%0Aop", nullptr },
        DatabaseCase{ "Fragment", "postgres://ann@db.example/shop#x", nullptr },
        DatabaseCase{ "Sqlite", "sqlite:/srv/ann/notes.db", "sqlite:/srv/ann/notes.db" },
        DatabaseCase{ "SqliteSlashes", "sqlite:///srv/ann/notes.db", "sqlite:/srv/ann/notes.db" },
        DatabaseCase{ "SqliteRelative", "sqlite:notes.db", nullptr },
        DatabaseCase{ "SqliteUp", "sqlite:/srv/../etc/x", nullptr },
        DatabaseCase{ "SqliteMemory", "sqlite::memory:", nullptr },
        DatabaseCase{ "SqliteHost", "sqlite://host/notes.db", nullptr },
        DatabaseCase{ "Mysql", "mysql://ann@db.example/shop", nullptr },
        DatabaseCase{ "Https", "https://db.example/", nullptr }),
    [] (const auto &info) { return info.param.name; });
