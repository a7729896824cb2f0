#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# systemd-credential.sh AGENT CLIENT_DIR SERVICE SERVICES_DIR: our own unit under a real `systemd --user` with
# LoadCredential=, as the manual page says: the vault opens with what systemd hands over, and not without.
set -eu

# shellcheck source=tests/story/systemd-user.sh
. "${0%/*}/systemd-user.sh"

story() {
  systemctl --user start bindify.service
  expect 0 "vault: absent" bindify status
  expect 0 "key file" bindify vault init
  expect 0 "Added key slot 2 (systemd credential)" bindify vault add-key --systemd-credential
  expect 0 "Removed key slot 1" bindify vault remove-key 1

  systemctl --user restart bindify.service
  expect 0 "sound" bindify vault check

  # Another machine, or somebody else's service: without the credential it stays shut.
  rm "$work/home/.config/systemd/user/bindify.service.d/credential.conf"
  systemctl --user daemon-reload
  systemctl --user restart bindify.service
  expect 4 "LoadCredential=" bindify vault check
  expect 0 "vault: locked" bindify status
  systemctl --user stop bindify.service
}

systemd_stage "$@"
systemd_world "$@"
printf 0123456789abcdef0123456789abcdef >"$work/home/secret"
chmod 400 "$work/home/secret"
printf '[Service]\nLoadCredential=bindify.vault-key:%s/home/secret\n' "$work" \
  >"$units/bindify.service.d/credential.conf"
systemd_run
