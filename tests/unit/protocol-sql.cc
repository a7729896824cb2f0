// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/sql.h"
}

// --- One statement, of which kind ---

struct SqlCase
{
  const char *name;
  std::string text;
  const char *kind; // NULL: it is refused
  bool may_write;
  BfySqlDialect dialect = BFY_SQL_POSTGRES;
};

class Sql : public testing::TestWithParam<SqlCase>
{
};

TEST_P (Sql, IsToldByItsWords)
{
  const std::string &text = GetParam ().text;
  BfySqlStatement statement;
  g_autoptr (GError) error = NULL;
  gboolean is_good =
      bfy_sql_judge (text.data (), text.size (), GetParam ().dialect, &statement, &error);

  EXPECT_EQ (is_good, GetParam ().kind != nullptr);
  EXPECT_EQ (error == nullptr, is_good);
  if (is_good)
    {
      EXPECT_STREQ (bfy_sql_kind_to_wire (statement.kind), GetParam ().kind);
      EXPECT_EQ (statement.may_write, GetParam ().may_write);
    }
}

INSTANTIATE_TEST_SUITE_P (
    Kinds,
    Sql,
    testing::Values (
        SqlCase{ "Select", "select 1", "select", false },
        SqlCase{ "Case", "SeLeCt 1", "select", false },
        SqlCase{ "Semicolon", "select 1; ;", "select", false },
        SqlCase{ "Brackets", "((select 1) union (select 2))", "select", false },
        SqlCase{ "Values", "values (1)", "select", false },
        SqlCase{ "Table", "table t", "select", false },
        SqlCase{ "LeadingComment", "-- drop\n/* delete */ select 1", "select", false },
        SqlCase{ "ForUpdate", "select * from t for update", "select", true },
        SqlCase{ "Into", "select 1 into t", "select", true },
        SqlCase{ "WordInString", "select 'delete from t'", "select", false },
        SqlCase{ "WordInName", "select \"delete\" from t", "select", false },
        SqlCase{ "WordOfTable", "select t.update from t", "select", false },
        SqlCase{ "WordInDollars", "select $x$ delete $$ ; $x$", "select", false },
        SqlCase{ "Replace", "select replace(a, 'b', 'c') from t", "select", false },
        SqlCase{ "Insert", "insert into t values (1)", "insert", true },
        SqlCase{ "Update", "update t set a = 1", "update", true },
        SqlCase{ "Delete", "delete from t", "delete", true },
        SqlCase{ "Merge", "merge into t using s on true when matched then do nothing", "merge",
                 true },
        SqlCase{ "With", "with x as (select 1) select * from x", "select", false },
        SqlCase{ "WithDelete", "with x as (delete from t returning *) select * from x", "select",
                 true },
        SqlCase{ "WithThenInsert", "with x as (select 1) insert into t select * from x", "insert",
                 true },
        SqlCase{ "WithHidden", "with x as (/*(*/delete/**/from t returning 1) select 1", "select",
                 true },
        SqlCase{ "WithDeep", "with x as (with y as (update t set a=1 returning 1) table y) table x",
                 "select", true },
        SqlCase{ "Explain", "explain select 1", "explain", false },
        SqlCase{ "ExplainAnalyze", "explain (analyze) delete from t", "explain", true },
        SqlCase{ "ExplainCreate", "explain analyze create table x as select 1", "explain", true },
        SqlCase{ "Show", "show server_version", "show", false },
        SqlCase{ "Create", "create table t ()", "ddl", true },
        SqlCase{ "Grant", "grant all on t to public", "ddl", true },
        SqlCase{ "Call", "call p()", "call", true },
        SqlCase{ "Do", "do $$ begin delete from t; end $$", "do", true },
        SqlCase{ "Other", "frobnicate", "other", true },
        SqlCase{ "CopyOut", "copy t to stdout", "copy", true },
        SqlCase{ "Pragma", "pragma table_info(t)", "show", false, BFY_SQL_SQLITE },
        SqlCase{ "SqliteNames", "select [delete], `update` from t", "select", false,
                 BFY_SQL_SQLITE },
        SqlCase{ "SqliteReplace", "replace into t values (1)", "insert", true, BFY_SQL_SQLITE }),
    [] (const auto &info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P (
    Refused,
    Sql,
    testing::Values (
        SqlCase{ "Empty", "", nullptr, false },
        SqlCase{ "Blank", " \t\n;", nullptr, false },
        SqlCase{ "CommentOnly", "/* select 1 */", nullptr, false },
        SqlCase{ "Two", "select 1; select 2", nullptr, false },
        SqlCase{ "TwoWithoutSpace", "select 1;delete from t", nullptr, false },
        SqlCase{ "TwoBehindComment", "select 1 -- x\n; delete from t", nullptr, false },
        SqlCase{ "TwoBehindReturn", "select 1 -- x\r; delete from t", nullptr, false },
        SqlCase{ "TwoBehindQuotedQuote", "select 'a''b'; delete from t", nullptr, false },
        SqlCase{ "TwoBehindBackslash", "select '\\'; delete from t; --'", nullptr, false },
        SqlCase{ "TwoBehindEscape", "select E'\\''; delete from t", nullptr, false },
        SqlCase{ "TwoBehindDollars", "select $a$ $b$ $a$; delete from t", nullptr, false },
        SqlCase{ "TwoBehindNested", "select 1 /* /* */ */; delete from t", nullptr, false },
        SqlCase{ "TwoOfSqlite", "select 1 /* /* */ ; delete from t", nullptr, false,
                 BFY_SQL_SQLITE },
        SqlCase{ "OpenString", "select 'a", nullptr, false },
        SqlCase{ "OpenComment", "select 1 /* /* */", nullptr, false },
        SqlCase{ "OpenDollars", "select $a$ $b$", nullptr, false },
        SqlCase{ "OpenBracket", "select (1", nullptr, false },
        SqlCase{ "ClosedBracket", "select 1)", nullptr, false },
        SqlCase{ "Nul", std::string ("select 1\0", 9), nullptr, false },
        SqlCase{ "NoUtf8", "select '\xff'", nullptr, false },
        SqlCase{ "TooLong", "select " + std::string (BFY_SQL_BYTES_MAX, '1'), nullptr, false },
        SqlCase{ "CopyToProgram", "copy t to program 'sh'", nullptr, false },
        SqlCase{ "CopyFromProgram", "COPY t FROM /**/ PROGRAM 'sh'", nullptr, false },
        SqlCase{ "CopyQuery", "copy (select 1) to program $$sh$$", nullptr, false },
        SqlCase{ "CopyToFile", "copy t to '/tmp/x'", nullptr, false },
        SqlCase{ "CopyBoth", "copy (select stdout from t) to program 'sh'", nullptr, false },
        SqlCase{ "Begin", "begin", nullptr, false },
        SqlCase{ "Commit", "commit and chain", nullptr, false },
        SqlCase{ "Set", "set transaction read write", nullptr, false },
        SqlCase{ "Attach", "attach 'x' as y", nullptr, false, BFY_SQL_SQLITE }),
    [] (const auto &info) { return info.param.name; });
