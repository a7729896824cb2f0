# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by ./check and ./quickstart: which Debian packages bindify wants, and how to get them.
#
# shellcheck shell=sh

# Read by those who source this.
# shellcheck disable=SC2034
build_packages='build-essential meson ninja-build pkg-config libglib2.0-dev libsoup-3.0-dev
  libjson-glib-dev libnghttp2-dev libsecret-1-dev libpq-dev libssl-dev libsqlite3-dev glib-networking
  ca-certificates gettext'

# What is not installed of the names given.
missing() {
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      printf '%s ' "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "This needs root, and there is no sudo. Please run as root: $*" >&2
    return 1
  fi
}

# apt_install LOG PACKAGE…
apt_install() {
  log=$1
  shift
  as_root true || return 1
  {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q -q </dev/null &&
      as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q -q --no-install-recommends "$@" </dev/null
  } >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    return 1
  }
}

# install_packages LOG PACKAGE…: says what is missing, then installs that.
install_packages() {
  log=$1
  shift
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: going on as if there were the like of" "$@"
    return 0
  fi
  wanted=$(missing "$@")
  if [ -z "$wanted" ]; then
    echo "All Debian packages are there."
    return 0
  fi
  echo "Installing from Debian: $wanted"
  # The names are words.
  # shellcheck disable=SC2086
  apt_install "$log" $wanted
}
