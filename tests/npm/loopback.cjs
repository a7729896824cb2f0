// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// node --require loopback.cjs PROGRAM: whatever PROGRAM would offer to the whole network, it offers
// to this machine only. A server that names a TCP port but no host, or all hosts, gets a handle that
// is bound to 127.0.0.1 here and now: adding '127.0.0.1' as an argument instead would make Node
// resolve it later, and programs ask for address() at once.
//
// With LOOPBACK_READY_FD=N, the first such port is announced there as "READY port=PORT", which makes
// port 0 usable with programs that do not tell which port they got.

'use strict';

const fs = require('node:fs');
const net = require('node:net');
const util = require('node:util');
const { TCP, constants } = process.binding('tcp_wrap');

const listen = net.Server.prototype.listen;
const WILDCARDS = [undefined, null, '', '0.0.0.0', '::', '[::]'];
let readyFd = Number(process.env.LOOPBACK_READY_FD || -1);
delete process.env.LOOPBACK_READY_FD;

function isPort(value) {
  return typeof value === 'number' || (typeof value === 'string' && /^[0-9]+$/.test(value));
}

// The port that a call of listen() wants on every address, or -1 if it wants something else.
function wildcardPort(args) {
  const first = args[0];
  if (first === undefined || first === null || typeof first === 'function')
    return 0;
  if (isPort(first))
    return typeof args[1] !== 'string' || WILDCARDS.includes(args[1]) ? Number(first) : -1;
  if (typeof first !== 'object' || 'path' in first || 'fd' in first || !isPort(first.port))
    return -1;
  return WILDCARDS.includes(first.host) ? Number(first.port) : -1;
}

function announce(handle) {
  if (readyFd < 0)
    return;
  const name = {};
  handle.getsockname(name);
  fs.writeSync(readyFd, `READY port=${name.port}\n`);
  readyFd = -1;
}

net.Server.prototype.listen = function (...args) {
  const port = wildcardPort(args);
  if (port < 0)
    return listen.apply(this, args);

  const handle = new TCP(constants.SERVER);
  const status = handle.bind('127.0.0.1', port);
  if (status !== 0) {
    handle.close();
    const code = util.getSystemErrorName(status);
    const error = Object.assign(new Error(`listen ${code}: 127.0.0.1:${port}`), { code, port, syscall: 'listen' });
    process.nextTick(() => this.emit('error', error));
    return this;
  }
  const callback = args.find((argument) => typeof argument === 'function');
  this.once('listening', () => announce(handle));
  return callback ? listen.call(this, handle, callback) : listen.call(this, handle);
};
