#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# preloads.sh: runs preloads.mjs with ./check's node or the one in PATH; 77 (skipped) without any.
set -eu

node=${BINDIFY_NODE:-node}
command -v "$node" >/dev/null || {
  echo "no node here (./check brings one)"
  exit 77
}
exec "$node" "$(dirname "$0")/preloads.mjs"
