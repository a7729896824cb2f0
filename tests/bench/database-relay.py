#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""pgbench -S (one SELECT by its key at a time) to a PostgreSQL server with TLS: directly, and through the relay.

usage: database-relay.py TESTS AGENT SERVICES_DIR CLIENT_DIR [SECONDS [RUNS]]; with a server of its own, on this
machine. The two ways take turns, and the medians are printed: so whatever else the machine does falls on both."""

import os
import re
import statistics
import subprocess
import sys
import tempfile

CLIENTS = (1, 8)


def pgbench(server, environment, seconds, n_clients):
    command = [os.path.join(server.bin, "pgbench"), "-n", "-S", "-M", "prepared", "-T", str(seconds),
               "-c", str(n_clients), "-j", "1"]
    done = subprocess.run(command, env={"PATH": os.environ["PATH"], **environment}, text=True, capture_output=True,
                          check=True)
    return float(re.search(r"tps = ([0-9.]+) \(without", done.stdout).group(1))


def main():
    tests, program, services, clients = sys.argv[1:5]
    seconds, runs = (int(word) for word in (sys.argv[5:] + ["5", "5"][len(sys.argv[5:]):]))
    sys.path.insert(0, os.path.join(tests, "story"))
    from database import PASSWORD, Agent, Server, add

    server = Server()
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        agent = Agent(home, program, services)
        agent.start()
        direct = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "ann", "PGDATABASE": "postgres",
                  "PGPASSWORD": PASSWORD, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": server.cert}
        relayed = {"PGHOST": os.path.join(os.path.dirname(agent.socket), "pg", "shop")}
        try:
            added = add(agent, clients, server.url(), "shop", PASSWORD, "--relay")
            if added.returncode != 0:
                sys.exit(added.stderr)
            subprocess.run([os.path.join(server.bin, "pgbench"), "-i", "-q", "-s", "2"], check=True,
                           capture_output=True, env={"PATH": os.environ["PATH"], **direct})
            for n_clients in CLIENTS:
                rates = {"direct": [], "relayed": []}
                for _ in range(runs):
                    rates["direct"].append(pgbench(server, direct, seconds, n_clients))
                    rates["relayed"].append(pgbench(server, relayed, seconds, n_clients))
                one, other = (statistics.median(rates[way]) for way in ("direct", "relayed"))
                print(f"{n_clients} clients: {one:.0f} direct, {other:.0f} relayed per second, "
                      f"{100 * other / one:.0f} %")
        finally:
            agent.end()
            server.end()


if __name__ == "__main__":
    main()
