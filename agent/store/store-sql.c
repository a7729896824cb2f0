/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Every statement that is run on the database. */

#include "agent/store/store-private.h"

#define BINDING_COLUMNS                                                                            \
  "id, name, type, service, url, injection_kind, injection_name, injection_prefix, auth_type, "    \
  "account, keyring, is_sealed, allow_local, state, request_bytes_max, response_bytes_max, "       \
  "connect_timeout_ms, response_timeout_ms, created_at_s, last_used_at_s, needs_login_at_s, "      \
  "paused_at_s, command, policy, expires_at_s, issued_at_s, refreshed_at_s, can_refresh, "         \
  "confirms, constraints, n_uses, ends_boot_id, ends_boot_ms, ends_wall_s, resumes_boot_id, "      \
  "resumes_boot_ms, resumes_wall_s, reveals, mac"
#define BINDING_PARAMETERS                                                                         \
  "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "           \
  "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

#define EVENT_COLUMNS                                                                              \
  "sequence, time_ms, type, category, binding, binding_id, client, client_id, method, tool, "      \
  "detail, outcome, status, bytes_up, bytes_down, duration_ms, host, path, peer"
#define LINK_COLUMNS "chain, previous, hash"
/* A binding's history stays with it when it is renamed, and with its name when it is removed. */
#define WANTED_EVENTS                                                                              \
  "WHERE (?1 IS NULL OR binding = ?1 OR chain = (SELECT id FROM binding WHERE name = ?1))"         \
  " AND (?2 IS NULL OR client = ?2 OR client_id = ?2) AND (?6 IS NULL OR outcome = ?6)"            \
  " AND (?7 IS NULL OR type GLOB ?7) AND time_ms >= ?3 AND sequence > ?4"                          \
  " AND (?8 = 0 OR sequence < ?8)"

#define USAGE_COLUMNS                                                                              \
  "binding_id, client_id, hour_s, n_calls, n_refused, n_failed, bytes_up, bytes_down, duration_ms"

#define GRANT_COLUMNS_OF                                                                           \
  "g.id, subject, client, client_id, binding_id, method, kind, g.name, access, capability, rule, " \
  "digest, is_denial, scope, boot_id, boot_ms, wall_s, g.created_at_s, g.last_used_at_s, g.n_uses"
#define GRANT_COLUMNS                                                                              \
  "id, subject, client, client_id, binding_id, method, kind, name, access, capability, rule, "     \
  "digest, is_denial, scope, boot_id, boot_ms, wall_s, created_at_s, last_used_at_s, n_uses"

static const char *const statements[BFY_N_SQL] = {
  [BFY_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [BFY_SQL_COMMIT] = "COMMIT",
  [BFY_SQL_ROLLBACK] = "ROLLBACK",

  [BFY_SQL_LOAD_BINDINGS] = "SELECT " BINDING_COLUMNS " FROM binding ORDER BY name",
  [BFY_SQL_ADD_BINDING] =
      "INSERT INTO binding (" BINDING_COLUMNS ") VALUES (" BINDING_PARAMETERS ")",
  [BFY_SQL_UPDATE_BINDING] =
      "UPDATE binding SET (" BINDING_COLUMNS ") = (" BINDING_PARAMETERS ") WHERE id = ?1",
  [BFY_SQL_REMOVE_BINDING] = "DELETE FROM binding WHERE id = ?",
  [BFY_SQL_TOUCH_BINDING] =
      "UPDATE binding SET last_used_at_s = max (last_used_at_s, ?2) WHERE id = ?1",
  [BFY_SQL_COUNT_USES] = "UPDATE binding SET n_uses = ?2 WHERE id = ?1",
  [BFY_SQL_FIND_BINDING] = "SELECT id FROM binding WHERE name = ?",

  [BFY_SQL_LOAD_CLIENTS] = "SELECT id, label, key_hash, is_limited, created_at_s, last_used_at_s, "
                           "decoy FROM client ORDER BY label, id",
  [BFY_SQL_LOAD_CLIENT_BINDINGS] =
      "SELECT name FROM client_binding JOIN binding ON binding.id = binding_id "
      "WHERE client_id = ? ORDER BY name",
  [BFY_SQL_ADD_CLIENT] =
      "INSERT INTO client (id, label, key_hash, is_limited, created_at_s, last_used_at_s) "
      "VALUES (?, ?, ?, ?, ?, ?)",
  [BFY_SQL_ADD_CLIENT_BINDING] =
      "INSERT OR IGNORE INTO client_binding (client_id, binding_id) VALUES (?, ?)",
  [BFY_SQL_REMOVE_CLIENT] = "DELETE FROM client WHERE id = ?",
  [BFY_SQL_TOUCH_CLIENT] =
      "UPDATE client SET last_used_at_s = max (last_used_at_s, ?2) WHERE id = ?1",
  [BFY_SQL_SET_DECOY] = "UPDATE client SET decoy = ?2 WHERE id = ?1",

  /* The binding may be gone since the event was queued. */
  [BFY_SQL_ADD_EVENT] =
      "INSERT INTO event (" EVENT_COLUMNS ", " LINK_COLUMNS ") "
      "VALUES (?, ?, ?, ?, ?, (SELECT id FROM binding WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
      "        ?, ?, ?, ?, ?, ?)",
  /* The newest of a chain that has to go, because ?2 newer ones are there or all up to it are older
   * than ?3; no row when none has to. Times may go back: what is behind a young one stays. */
  [BFY_SQL_FIND_OLD_EVENT] =
      "SELECT sequence, hash FROM event WHERE chain = ?1 AND sequence <= max ("
      " coalesce ((SELECT sequence FROM event WHERE chain = ?1"
      "            ORDER BY sequence DESC LIMIT 1 OFFSET ?2), 0),"
      " coalesce ((SELECT sequence - 1 FROM event WHERE chain = ?1 AND time_ms >= ?3"
      "            ORDER BY sequence LIMIT 1), 9223372036854775807)) "
      "ORDER BY sequence DESC LIMIT 1",
  /* The same for all that belongs to bindings that are gone, taken together. */
  [BFY_SQL_FIND_ORPHANED_EVENT] =
      "SELECT sequence FROM event WHERE chain <> '' AND chain NOT IN (SELECT id FROM binding) "
      "ORDER BY sequence DESC LIMIT 1 OFFSET ?",
  [BFY_SQL_FIND_ORPHANED_CHAINS] =
      "SELECT chain, max (sequence), hash FROM event WHERE sequence <= ? AND chain <> '' "
      "AND chain NOT IN (SELECT id FROM binding) GROUP BY chain",
  [BFY_SQL_REMOVE_EVENTS] = "DELETE FROM event WHERE chain = ? AND sequence <= ?",
  [BFY_SQL_LOAD_CHAIN] = "SELECT head_sequence, head_hash FROM event_chain WHERE chain = ?",
  [BFY_SQL_LIST_CHAINS] = "SELECT DISTINCT chain FROM event",
  [BFY_SQL_SET_CHAIN_HEAD] = "INSERT INTO event_chain VALUES (?1, 0, zeroblob (32), ?2, ?3) "
                             "ON CONFLICT (chain) DO UPDATE SET head_sequence = ?2, head_hash = ?3",
  [BFY_SQL_SET_CHAIN_ANCHOR] =
      "UPDATE event_chain SET anchor_sequence = ?2, anchor_hash = ?3 WHERE chain = ?1",
  [BFY_SQL_WALK_CHAINS] = "SELECT chain, anchor_sequence, anchor_hash, head_sequence, head_hash "
                          "FROM event_chain ORDER BY chain",
  [BFY_SQL_WALK_EVENTS] = "SELECT " EVENT_COLUMNS ", " LINK_COLUMNS " FROM event ORDER BY sequence",
  [BFY_SQL_QUERY_EVENTS] = "SELECT " EVENT_COLUMNS " FROM (SELECT * FROM event " WANTED_EVENTS
                           " ORDER BY sequence DESC LIMIT ?5) ORDER BY sequence",
  [BFY_SQL_NEXT_EVENTS] =
      "SELECT " EVENT_COLUMNS " FROM event " WANTED_EVENTS " ORDER BY sequence LIMIT ?5",
  [BFY_SQL_LAST_SEQUENCE] = "SELECT seq FROM sqlite_sequence WHERE name = 'event'",

  /* The binding may be gone since it was used. */
  [BFY_SQL_ADD_USAGE] =
      "INSERT INTO usage (" USAGE_COLUMNS ") "
      "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM binding WHERE id = "
      "?1) "
      "ON CONFLICT DO UPDATE SET n_calls = n_calls + excluded.n_calls,"
      "  n_refused = n_refused + excluded.n_refused, n_failed = n_failed + excluded.n_failed,"
      "  bytes_up = bytes_up + excluded.bytes_up, bytes_down = bytes_down + excluded.bytes_down,"
      "  duration_ms = duration_ms + excluded.duration_ms",
  [BFY_SQL_PRUNE_USAGE] = "DELETE FROM usage WHERE hour_s < ?",
  [BFY_SQL_QUERY_USAGE] = "SELECT " USAGE_COLUMNS " FROM (SELECT * FROM usage "
                          " WHERE (?1 IS NULL OR binding_id = ?1) AND hour_s >= ?2"
                          " ORDER BY hour_s DESC, binding_id DESC, client_id DESC LIMIT ?3)"
                          " ORDER BY hour_s, binding_id, client_id",

  [BFY_SQL_LOAD_GRANTS] =
      "SELECT " GRANT_COLUMNS_OF
      ", binding.name FROM grant_given AS g JOIN binding ON binding.id = binding_id "
      "ORDER BY g.created_at_s, g.rowid",
  [BFY_SQL_ADD_GRANT] = "INSERT INTO grant_given (" GRANT_COLUMNS ") "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  [BFY_SQL_REMOVE_GRANT] = "DELETE FROM grant_given WHERE id = ?",
  /* The grant may be gone since it was used. */
  [BFY_SQL_TOUCH_GRANT] =
      "UPDATE grant_given SET last_used_at_s = max (last_used_at_s, ?2), n_uses = max (n_uses, ?3) "
      "WHERE id = ?1",
  [BFY_SQL_GET_STATE] = "SELECT value FROM agent_state WHERE name = ?",
  [BFY_SQL_SET_STATE] = "INSERT INTO agent_state (name, value) VALUES (?1, ?2) "
                        "ON CONFLICT (name) DO UPDATE SET value = ?2",
  [BFY_SQL_REMOVE_STATE] = "DELETE FROM agent_state WHERE name = ?",
};

const char *
bfy_sql_text (BfySql sql)
{
  return statements[sql];
}
