// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Tests loopback.cjs and gate.cjs: the story tests believe what these two say. Needs node, no package.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bindify-preloads-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true }));
const log = path.join(folder, 'gate.log');
const SECRET = 'top+s3cret/value=';

// Answers with what it saw, so that a credential behind the gate would show.
const ECHO = `
  const server = require('http').createServer((request, response) => {
    response.end(JSON.stringify([request.url, request.rawHeaders, request.headers, process.env]));
  });`;

function start(listen, env) {
  const script = path.join(folder, 'server.cjs');
  fs.writeFileSync(script, `${ECHO}\n${listen}\nconsole.error(JSON.stringify(server.address()));`);
  const preloads = ['loopback.cjs', 'gate.cjs'].flatMap((name) => ['--require', path.join(here, name)]);
  const child = spawn(process.execPath, ['--no-deprecation', ...preloads, script], {
    env: { ...process.env, GATE_LOG: log, LOOPBACK_READY_FD: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return Promise.all([child, firstLine(child.stdout), firstLine(child.stderr)]);
}

function firstLine(stream) {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n'))
        resolve(text.split('\n')[0]);
    });
    stream.on('end', () => resolve(text));
  });
}

function get(port, target, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', path: target, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    request.on('error', reject);
    request.end();
  });
}

async function withServer(listen, env, use) {
  const [child, ready, address] = await start(listen, env);
  try {
    const port = Number(/^READY port=([0-9]+)$/.exec(ready)?.[1]);
    assert.ok(port > 0, `no READY line but ${ready || address}`);
    await use(port, JSON.parse(address));
  } finally {
    child.kill();
    await new Promise((resolve) => child.on('exit', resolve));
  }
}

const b64 = Buffer.from(`me:${SECRET}`).toString('base64');
const query = encodeURIComponent(SECRET);
const bearer = `Bearer ${SECRET}`;
const rows = [
  // name, environment, [target, headers, status] …
  ['bearer', {}, ['/', {}, 401], ['/', { authorization: bearer }, 200], ['/', { authorization: `${bearer}x` }, 401],
    ['/', { authorization: SECRET }, 401], ['/', { authorization: [bearer, bearer] }, 401],
    ['/', { 'x-api-key': bearer }, 401]],
  ['other header', { GATE_NAME: 'X-API-Key' }, ['/', { 'x-api-key': SECRET }, 200], ['/', { authorization: bearer }, 401]],
  ['prefix', { GATE_NAME: 'X-Auth', GATE_PREFIX: 'token ' }, ['/', { 'x-auth': `token ${SECRET}` }, 200],
    ['/', { 'x-auth': SECRET }, 401]],
  ['basic', { GATE_MODE: 'basic', GATE_SECRET: `me:${SECRET}` }, ['/', { authorization: `Basic ${b64}` }, 200],
    ['/', { authorization: 'Basic eDp5' }, 401], ['/', {}, 401]],
  ['query', { GATE_MODE: 'query', GATE_NAME: 'key' }, [`/x?a=1&key=${query}`, {}, 200], ['/x?a=1', {}, 401],
    [`/x?key=${query}&key=${query}`, {}, 401], ['/x', { authorization: bearer }, 401]],
  ['open', { GATE_MODE: 'open' }, ['/', {}, 200]],
];

for (const [name, env, ...requests] of rows) {
  fs.rmSync(log, { force: true });
  await withServer('server.listen(0);', { GATE_SECRET: SECRET, ...env }, async (port, address) => {
    assert.equal(address.address, '127.0.0.1', name);
    for (const [target, headers, status] of requests) {
      const answer = await get(port, target, headers);
      assert.equal(answer.status, status, `${name}: ${target} ${JSON.stringify(headers)}`);
      assert.equal('www-authenticate' in answer.headers, status === 401, name);
      for (const secret of [SECRET, query, b64])
        assert.ok(!answer.body.includes(secret), `${name}: the server saw the credential`);
    }
    const text = fs.readFileSync(log, 'utf8');
    const lines = text.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.map((line) => line.credential), requests.map(([, , status]) => status === 200), name);
    for (const secret of [SECRET, query, b64])
      assert.ok(!text.includes(secret), `${name}: the log holds the credential`);
    assert.deepEqual(lines[0].names.filter((header) => header === 'host'), ['host']);
  });
}

// A rotated credential counts from the next request on.
const file = path.join(folder, 'secret');
fs.writeFileSync(file, 'one\n');
await withServer("server.listen('0');", { GATE_SECRET_FILE: file }, async (port) => {
  assert.equal((await get(port, '/', { authorization: 'Bearer one' })).status, 200);
  fs.writeFileSync(file, 'two\n');
  assert.equal((await get(port, '/', { authorization: 'Bearer one' })).status, 401);
  assert.equal((await get(port, '/', { authorization: 'Bearer two' })).status, 200);
});

// Every way of asking for all addresses ends on loopback; a chosen host is left alone.
const open = { GATE_MODE: 'open' };
for (const listen of ['server.listen();', 'server.listen(0, () => {});', "server.listen(0, '0.0.0.0');",
  "server.listen(0, '::', 5, () => {});", 'server.listen({ port: 0 });', "server.listen({ port: '0', host: '' }, () => {});"])
  await withServer(listen, open, (port, address) => {
    assert.equal(address.address, '127.0.0.1', listen);
    assert.equal(address.port, port, listen);
  });
{
  const [child, ready, address] = await start(
    "server.listen(0, '127.0.0.2', () => { console.error(JSON.stringify(server.address())); server.close(); }); return;", open);
  assert.equal(ready, '', 'a server with a host of its own is not announced');
  assert.equal(JSON.parse(address).address, '127.0.0.2');
  child.kill();
}
// A port in use is an error event, not an exception and not another port.
await withServer('server.listen(0);', open, async (port) => {
  const [child, ready, message] = await start(
    `server.on('error', (error) => { console.error(error.code); process.exit(3); }); server.listen(${port}); return;`, open);
  assert.equal(ready, '');
  assert.equal(message, 'EADDRINUSE');
  child.kill();
});

console.log('ok');
