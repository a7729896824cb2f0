#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# systemd-servers.sh AGENT CLIENT_DIR SERVICE SERVICES_DIR FIXTURES_DIR: local servers under our own unit and a
# real `systemd --user`. The unit allows the agent neither namespaces nor memory that is made executable;
# servers need both, so each is a unit of its own: with a sandbox, with a way to its secret that shows in no
# unit, and with an end that takes everything along.
set -eu

# shellcheck source=tests/story/systemd-user.sh
. "${0%/*}/systemd-user.sh"

secret=servers-secret-0123456789

servers() {
  systemctl --user list-units --no-legend --plain --all 'bindify-server-*' | sed 's| .*||'
}

has_servers() {
  [ "$(servers | wc -l)" -eq "$1" ]
}

tool() {
  bindify call "$@"
}

# What systemd, and anybody who may ask it, knows about a server.
check_unit() {
  unit=$(servers)
  systemctl --user show "$unit" >"$work/home/shown"
  systemctl --user cat "$unit" >>"$work/home/shown"
  systemctl --user show-environment >>"$work/home/shown"
  for word in "$secret" stdio-server.py; do
    ! grep -F "$word" "$work/home/shown" || fail "$word stands in the unit"
  done
  for line in NoNewPrivileges=yes LimitCORE=0 KillMode=control-group BindsTo=bindify.service; do
    grep -qx "$line" "$work/home/shown" || fail "the unit lacks $line"
  done
  group=/sys/fs/cgroup$(systemctl --user show --value -p ControlGroup "$unit")
  [ "$(wc -l <"$group/cgroup.procs")" -ge 2 ] || fail "nobody is in $group"
  while read -r pid; do
    ! grep -qF "$secret" "/proc/$pid/cmdline" || fail "the secret is in an argument list"
    [ "$(sed -n 's|^Seccomp:\t||p' "/proc/$pid/status")" = 0 ] || fail "the agent's rules bind a server"
  done <"$group/cgroup.procs"
  agent=$(systemctl --user show --value -p MainPID bindify.service)
  [ "$(sed -n 's|^Seccomp:\t||p' "/proc/$agent/status")" = 2 ] || fail "no rules bind the agent"
}

story() {
  systemctl --user set-environment MANAGERS_OWN=manager-variable
  systemctl --user start bindify.service
  expect 0 "" bindify vault init
  server="/usr/bin/python3 $work/fixtures/stdio-server.py"

  echo "$secret" | bindify add --name boxed --command "$server" --env TOKEN --share-dir "$work/fixtures" \
    --profile open --token-stdin --yes >"$work/home/added" 2>&1 || fail "it is not added: $(cat "$work/home/added")"
  expect 0 '"length": 25' tool boxed spell
  # bindify call has ended its session, and with it the server.
  await has_servers 0 || fail "servers are left after a call: $(servers)"
  expect 0 '"TOKEN"' tool boxed state
  expect 0 '"first": "read' tool boxed look '{"first":["read","/proc/1/environ"]}'
  for name in 1 self; do
    said=$(tool boxed show "{\"path\":\"/proc/$name/environ\"}")
    case $said in *manager-variable*) fail "the environment of systemd is seen in the sandbox" ;; esac
  done
  expect 0 '"session": "FileNotFoundError"' tool boxed look "{\"session\":[\"connect\",\"$work/run/bus\"]}"

  # One that stays: a session with a client.
  mkfifo "$work/home/lines"
  bindify mcp boxed <"$work/home/lines" >"$work/home/answers" 2>&1 &
  bridge=$!
  exec 9>"$work/home/lines"
  echo '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}' >&9
  await grep -q '"id": *1' "$work/home/answers" || fail "the bridge does not answer"
  echo '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"spawn","arguments":{}}}' >&9
  await grep -q '"id": *2' "$work/home/answers" || fail "nothing was spawned"
  has_servers 1 || fail "not one server: $(servers)"
  check_unit

  # Node makes memory executable that it has written, which the agent may not.
  if [ -x "$work/bin/node" ]; then
    expect 0 "It works: hello 1, 0 tools." bindify add --name node --share-dir "$work/bin" --share-dir "$work/fixtures" \
      --command "$work/bin/node $work/fixtures/hello.mjs" --yes
    expect 0 "" bindify remove node
  fi

  # An agent that is killed takes it along.
  kill -KILL "$agent"
  await has_servers 0 || fail "servers outlive the agent: $(servers)"
  exec 9>&-
  wait "$bridge" || true

  # Without a sandbox: the launcher alone stands between them.
  systemctl --user start bindify.service
  echo "$secret" | bindify add --name plain --command "$server" --secret-fd TOKEN_FD --no-sandbox \
    --profile open --token-stdin --yes >"$work/home/added" 2>&1 || fail "it is not added: $(cat "$work/home/added")"
  expect 0 '"length": 25' tool plain spell
  said=$(tool plain descriptors)
  case $said in *socket:*) fail "a server has the launcher's socket: $said" ;; esac
  expect 0 '"own"' tool plain spawn
  await has_servers 0 || fail "a grandchild is left: $(servers)"
  expect 1 "exit status 7" tool plain die

  # Another agent has been installed meanwhile, or none.
  mv "$work/bin/bindify-agent" "$work/bin/kept"
  expect 1 "was not started" tool plain pid
  mv "$work/bin/kept" "$work/bin/bindify-agent"
  expect 125 "restart it" python3 -c 'import os, sys; os.execv(sys.argv[1], ["bindify-launch", "unit", "0"])' \
    "$work/bin/bindify-agent"
  expect 0 '"pid"' tool plain pid

  systemctl --user stop bindify.service
  has_servers 0 || fail "servers outlive the agent's stop: $(servers)"
}

BUS=yes
systemd_stage "$@"
command -v bwrap >/dev/null || skip "no bubblewrap here"
command -v dbus-daemon >/dev/null || skip "no dbus-daemon here"
systemd_world "$@"
mkdir -m 755 "$work/fixtures"
cp "$5/stdio-server.py" "$work/fixtures/"
if [ -x "${BINDIFY_NODE:-}" ]; then
  cp -L "$BINDIFY_NODE" "$work/bin/node"
  cat >"$work/fixtures/hello.mjs" <<'END'
import { createInterface } from 'node:readline';
const results = {
  'initialize': { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'hello', version: '1' } },
  'tools/list': { tools: [] },
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  if (results[method]) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }));
}
END
fi
chown "$uid" "$work/bin" "$work/bin/bindify-agent"
ln -s bindify "$work/bin/bindify-mcp"
systemd_run
