/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The tools of a database as they are told of, and which statement belongs to which. */

#include <string.h>

#include "agent/database/toolbox.h"
#include "protocol/capability.h"
#include "protocol/database.h"
#include "protocol/error.h"
#include "protocol/json.h"

#define STATEMENT_SCHEMA                                                                           \
  "{\"type\":\"object\",\"properties\":{"                                                          \
  "\"sql\":{\"type\":\"string\",\"description\":\"One statement; values as $1, $2, …\"},"        \
  "\"params\":{\"type\":\"array\",\"description\":\"The values of $1, $2, …\"},"                 \
  "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100000,"                              \
  "\"description\":\"As many rows at most; 1000 if not said\"}},"                                  \
  "\"required\":[\"sql\"],\"additionalProperties\":false}"
#define TABLES_SCHEMA                                                                              \
  "{\"type\":\"object\",\"properties\":{\"schema\":{\"type\":\"string\"}},"                        \
  "\"additionalProperties\":false}"
#define COLUMNS_SCHEMA                                                                             \
  "{\"type\":\"object\",\"properties\":{\"schema\":{\"type\":\"string\"},"                         \
  "\"table\":{\"type\":\"string\"}},\"additionalProperties\":false}"

#define NOTHING_SCHEMA "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"

typedef struct
{
  const char *name;
  const char *title;
  const char *description;
  BfyAccess access;
  const char *schema;
} Row;

static const Row rows[] = {
  { "query", "Query", "Runs one statement of SQL that only reads, in a read-only transaction.",
    BFY_ACCESS_READ, STATEMENT_SCHEMA },
  { "tables", "Tables", "Lists the tables and views, of one schema if it is named.",
    BFY_ACCESS_READ, TABLES_SCHEMA },
  { "schema", "Columns",
    "Lists the columns of tables with their types, of one table if it is named.", BFY_ACCESS_READ,
    COLUMNS_SCHEMA },
  { "change", "Change rows", "Runs one INSERT, UPDATE, DELETE, MERGE or CALL in a transaction.",
    BFY_ACCESS_WRITE, STATEMENT_SCHEMA },
  { "execute", "Execute", "Runs one statement of any kind in a transaction, such as CREATE TABLE.",
    BFY_ACCESS_DANGER, STATEMENT_SCHEMA },
};

/* Of those whose programs may speak to the server themselves. */
static const Row relay_row = {
  "relay", "Relay",
  "Says which host programs that speak PostgreSQL connect to without a password; each of their "
  "sessions is a call of this, and may do whatever the server lets its role do.",
  BFY_ACCESS_DANGER, NOTHING_SCHEMA
};

static const char *const capability_texts[] = {
  "{\"id\":\"query-database\",\"name\":\"Read the database\",\"access\":\"read\","
  "\"tools\":[\"query\",\"tables\",\"schema\"]}",
  "{\"id\":\"change-rows\",\"name\":\"Change rows of the database\",\"access\":\"write\","
  "\"tools\":[\"change\"]}",
  "{\"id\":\"change-database\",\"name\":\"Change the database itself\",\"access\":\"danger\","
  "\"tools\":[\"execute\",\"relay\"]}",
};

static BfyCapability *
read_capability (const char *text)
{
  BfyJsonSlice root;

  bfy_json_slice_root (text, strlen (text), &root);

  return bfy_capability_read (&root, NULL);
}

GPtrArray *
bfy_database_capabilities (void)
{
  static GPtrArray *capabilities = NULL;

  if (capabilities != NULL)
    return capabilities;
  capabilities = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_capability_free);
  for (guint i = 0; i < G_N_ELEMENTS (capability_texts); i++)
    g_ptr_array_add (capabilities, read_capability (capability_texts[i]));

  return capabilities;
}

static BfyTool *
make_tool (const Row *row)
{
  BfyTool *tool = bfy_tool_new (row->name, row->access);

  tool->title = g_strdup (row->title);
  tool->description = g_strdup (row->description);
  g_clear_pointer (&tool->schema, json_object_unref);
  tool->schema = bfy_json_parse_object (row->schema, strlen (row->schema), NULL);

  return tool;
}

GPtrArray *
bfy_database_list_tools (BfyAgent *agent, BfyBinding *binding, GError **error)
{
  g_autoptr (BfyDatabase) database = bfy_database_parse (binding->url, NULL);
  GPtrArray *tools = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_tool_free);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_ptr_array_add (tools, make_tool (&rows[i]));
  if (database != NULL && database->relays)
    g_ptr_array_add (tools, make_tool (&relay_row));

  return tools;
}

/* The least that a statement needs. */
static const char *
tool_of (const BfySqlStatement *statement)
{
  if (!statement->may_write)
    return "query";
  switch (statement->kind)
    {
    case BFY_SQL_SELECT:
    case BFY_SQL_INSERT:
    case BFY_SQL_UPDATE:
    case BFY_SQL_DELETE:
    case BFY_SQL_MERGE:
    case BFY_SQL_CALL:
      return "change";
    case BFY_SQL_EXPLAIN:
    case BFY_SQL_SHOW:
    case BFY_SQL_DDL:
    case BFY_SQL_COPY:
    case BFY_SQL_DO:
    case BFY_SQL_SESSION:
    case BFY_SQL_OTHER:
      break;
    }

  return "execute";
}

gboolean
bfy_database_check_tool (const char *tool, const BfySqlStatement *statement, GError **error)
{
  const char *needed = tool_of (statement);
  gboolean fits = g_str_equal (tool, needed) || g_str_equal (tool, "execute") ||
                  (g_str_equal (tool, "change") && g_str_equal (needed, "query"));

  if (fits)
    return TRUE;
  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
               "The tool “%s” does not take a statement of the kind “%s” that may write: “%s” does",
               tool, bfy_sql_kind_to_wire (statement->kind), needed);

  return FALSE;
}
