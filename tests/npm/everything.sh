#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# everything.sh streamableHttp|sse|stdio: the reference MCP server (server-everything) as an upstream for
# the story tests. The HTTP forms listen on a free port of 127.0.0.1 (or PORT), stand behind gate.cjs,
# which takes its settings from GATE_… (GATE_SECRET is needed, or GATE_MODE=open), and say
# "READY port=N" on standard output; the server's own chatter goes to standard error. The process is the
# server itself: end it by its pid.
#
#   BINDIFY_NPM   the folder in which ./check installed package.json; without it: exit 77, which is a skip
#   BINDIFY_NODE  the node program, by default the one in PATH
set -eu

here=$(cd "$(dirname "$0")" && pwd)
transport=${1:-streamableHttp}
server=${BINDIFY_NPM:-}/node_modules/@modelcontextprotocol/server-everything/dist/index.js
node=${BINDIFY_NODE:-node}

if [ ! -f "$server" ] || ! command -v "$node" >/dev/null; then
  echo "server-everything is not installed (./check does that; BINDIFY_NPM names the place)" >&2
  exit 77
fi
if [ "$transport" = stdio ]; then
  exec "$node" "$server" stdio
fi
exec 3>&1 >&2
export LOOPBACK_READY_FD=3 PORT="${PORT:-0}"
exec "$node" --no-deprecation --require "$here/loopback.cjs" --require "$here/gate.cjs" "$server" "$transport"
