#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# make-root.sh FOLDER: a minimal Debian of this machine's release in the new FOLDER, that boots, with a user
# alice (password alicepw), a keyring that PAM unlocks, an X server, and the libraries that bindify is linked
# with; no bindify. For login.py; two minutes, from the mirror that this machine's apt uses. Wants root.
#
# make-root.sh --stamp: a line that is another one when such a folder has to be made anew.
set -eu

# What a login takes, a keyring, a display, and what bindify needs.
packages='systemd systemd-sysv libpam-systemd dbus-user-session login passwd procps gnome-keyring libpam-gnome-keyring
  xvfb x11-utils libglib2.0-bin libadwaita-1-0 libsoup-3.0-0 libjson-glib-1.0-0 libsecret-1-0 libsqlite3-0 libssl3
  glib-networking adwaita-icon-theme fonts-dejavu-core librsvg2-common'

release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

if [ "${1:-}" = --stamp ]; then
  echo "$release $(cksum <"$0")"
  exit
fi
root=$1

# Lines RELEASE URI of this machine's sources for the release, its updates and its security.
sources() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
    grep -E "^$release(-updates|-security)? " | sort -u
}

# A command in the folder, with processes and mounts of its own.
in_root() {
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child --propagation private sh -c '
    set -e
    root=$1
    shift
    mount -t proc proc "$root/proc"
    mount -t devpts devpts "$root/dev/pts"
    exec chroot "$root" /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' sh "$root" "$@" </dev/null
}

mirror=$(sources | sed -n "s/^$release //p" | head -n 1)
[ -n "$mirror" ] || {
  echo "apt has no source for $release here" >&2
  exit 1
}
mkdir -p "$root"
# What it mounts goes with it, also when it is interrupted: nobody is to meet /proc who removes the folder.
unshare --mount --propagation private debootstrap --variant=minbase --include=ca-certificates "$release" "$root" "$mirror"

# The same way to the network as this machine.
sources | while read -r suite uri; do
  echo "deb $uri $suite main"
done >"$root/etc/apt/sources.list"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-)' >"$root/etc/apt/apt.conf.d/99as-here" || true
# Packages do not start anything meanwhile.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

in_root apt-get update -q
# The names are words.
# shellcheck disable=SC2086
in_root apt-get install -y -q --no-install-recommends $packages
in_root apt-get clean
in_root useradd -m -s /bin/bash alice
in_root sh -c 'echo alice:alicepw | chpasswd'
rm -rf "$root/usr/sbin/policy-rc.d" "$root/etc/apt/apt.conf.d/99as-here" "$root"/var/lib/apt/lists/*

# Debian has pam_gnome_keyring for changes of passwords only. Display managers bring these two lines along,
# login does not.
sed -i 's/^@include common-auth$/&\nauth optional pam_gnome_keyring.so/' "$root/etc/pam.d/login"
echo 'session optional pam_gnome_keyring.so auto_start' >>"$root/etc/pam.d/login"
# How long the user's systemd waits for another login after the last has ended: ten seconds by default.
mkdir -p "$root/etc/systemd/logind.conf.d"
printf '[Login]\nUserStopDelaySec=1\n' >"$root/etc/systemd/logind.conf.d/soon.conf"
