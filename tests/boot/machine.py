# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""A machine that boots: the folder that make-root.sh has made, with something installed on top, in a container of
systemd-nspawn. Nothing is written into the folder. Wants root.

    with Machine(root, installed) as machine:
        machine.root("systemctl", "is-system-running")
        session = machine.login("alice", "alicepw")
        session.run("id -un")
        session.logout()
"""

import contextlib
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 60
POLL_S = 0.05
RTMIN = 34
HALT = RTMIN + 3  # systemd's signal for it
# A container ends when all that was in it has been waited for, also what somebody left behind.
REAPER = '"$@" & wait $!'


def wait_for(condition, what, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(what() if callable(what) else what)
        time.sleep(POLL_S)


def alone():
    """Goes on in a process that takes all mounts and children with it, however it ends."""
    if os.environ.get("BINDIFY_ALONE") != "1":
        os.execvpe("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                               "--propagation", "private", "sh", "-c", REAPER, "sh", sys.executable, *sys.argv],
                   {**os.environ, "BINDIFY_ALONE": "1"})


def why_not():
    """None, or why no machine can be booted here."""
    if os.geteuid() != 0:
        return "this needs root"
    for program, package in (("systemd-nspawn", "systemd-container"), ("nsenter", "util-linux")):
        if shutil.which(program) is None:
            return f"{package} is not installed"
    tried = subprocess.run(["unshare", "--mount", "--pid", "--ipc", "--uts", "--net", "--fork", "true"], check=False,
                           stderr=subprocess.DEVNULL)
    return None if tried.returncode == 0 else "no namespaces of our own can be had"


class Session:
    """Somebody at a terminal of the machine, who has typed a password."""

    def __init__(self, machine, user, password):
        self.machine, self.heard, self.n_asked = machine, "", 0
        # A terminal of the machine's own; ours has no name there.
        self.process = machine.begin("script", "-qec", f"login {user}", "/dev/null")
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.expect("Password: ")
        self.type(password)

    def get_in(self):
        self.expect(r"\$ ")
        # The echo of what is typed is in nobody's way then.
        self.run("stty -echo; PS1= PS2=; unset HISTFILE")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.leave()

    def leave(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def expect(self, pattern):
        """What came before it."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = re.search(pattern, self.heard)
            if found:
                before, self.heard = self.heard[:found.start()], self.heard[found.end():]
                return before
            if not self.selector.select(max(0, deadline - time.monotonic())):
                raise TimeoutError(f"No “{pattern}” in the terminal, but: {self.heard!r}")
            chunk = os.read(self.process.stdout.fileno(), 65536)
            if not chunk:
                raise EOFError(f"The terminal has closed, after: {self.heard!r}")
            self.heard += chunk.decode(errors="replace").replace("\r", "")

    def run(self, command):
        """Its output; it has to go well."""
        self.n_asked += 1
        self.type(f"{{ {command}\n}} 2>&1; echo \"=\"END{self.n_asked}=\"$?\"=")
        said = self.expect(rf"=END{self.n_asked}=")
        status = self.expect("=\n")
        if status != "0":
            raise RuntimeError(f"{command}: status {status}: {said}")
        return said.strip()

    def logout(self):
        self.type("exit")
        try:
            self.process.wait(PATIENCE_S)
        finally:
            self.leave()


class Machine:
    """@root: the folder; @installed: a folder with what lies over it."""

    def __init__(self, root, installed):
        self.layers = installed + ":" + root
        self.folder = tempfile.mkdtemp(prefix="bindify-boot-")
        self.merged = os.path.join(self.folder, "merged")
        self.log = os.path.join(self.folder, "console")
        self.nspawn = self.pid = None
        self.children = []

    def __enter__(self):
        try:
            self.boot()
        except BaseException:
            print(self.said())
            self.end()
            raise
        return self

    def __exit__(self, kind, *unused):
        if kind is not None:
            print(self.said())
        self.end()

    def boot(self):
        # In memory: what is below us may be layers already, and they cannot be the upper ones again.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.folder], check=True)
        changes, work = (os.path.join(self.folder, name) for name in ("changes", "work"))
        for name in (self.merged, changes, work):
            os.mkdir(name)
            os.chmod(name, 0o755)
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                        f"lowerdir={self.layers},upperdir={changes},workdir={work}", self.merged], check=True)
        with open(self.log, "ab") as log:
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "--directory", self.merged, "--boot", "--register=no", "--keep-unit",
                 "--private-network", "--console=pipe", "--link-journal=no", "--machine=bindify-boot"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self.find_init, "Nothing starts in the container")
        wait_for(lambda: self.asks("systemctl", "is-active", "multi-user.target"), "The machine does not boot")

    def find_init(self):
        """Its pid 1 is nspawn's child called systemd."""
        if self.nspawn.poll() is not None:
            raise RuntimeError(f"systemd-nspawn ended with {self.nspawn.returncode}")
        path = f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children"
        with open(path, encoding="ascii") as file:
            for pid in file.read().split():
                with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                    if comm.read().strip() == "systemd":
                        self.pid = int(pid)
                        return True
        return False

    def enter(self, *words):
        return ["nsenter", "--target", str(self.pid), "--all", "/usr/bin/env", "-i", "HOME=/root", "TERM=dumb",
                "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *words]

    def begin(self, *words):
        child = subprocess.Popen(self.enter(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT)
        self.children.append(child)
        return child

    def root(self, *words):
        """Output of a command of its root, which has to go well."""
        done = subprocess.run(self.enter(*words), check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: status {done.returncode}: {done.stdout}")
        return done.stdout.strip()

    def asks(self, *words):
        """Whether a command of its root goes well."""
        return subprocess.run(self.enter(*words), check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=PATIENCE_S).returncode == 0

    def login(self, user, password):
        session = Session(self, user, password)
        session.get_in()
        return session

    def on_its_network(self, *words, **options):
        """A program of this machine of ours that listens on the loopback of that one."""
        child = subprocess.Popen(["nsenter", "--target", str(self.pid), "--net", *words], **options)
        self.children.append(child)
        return child

    def said(self):
        """What is to be read when something went wrong."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            found = file.read()
        if self.pid is not None and self.nspawn.poll() is None:
            with contextlib.suppress(RuntimeError, subprocess.SubprocessError):
                found += self.root("journalctl", "--boot", "--no-pager", "--lines=80")
        return found

    def halt(self):
        """The exit status of the container."""
        os.kill(self.pid, HALT)
        return self.nspawn.wait(PATIENCE_S)

    def end(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        if self.nspawn is not None and self.nspawn.poll() is None:
            if self.pid is not None:
                os.kill(self.pid, signal.SIGKILL)
            self.nspawn.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.nspawn.wait(PATIENCE_S)
            self.nspawn.kill()
            self.nspawn.wait()
        for folder in (self.merged, self.folder):
            subprocess.run(["umount", "--quiet", folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
