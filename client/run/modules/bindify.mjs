// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Bindings for scripts, inside of `bindify run`.
//
//     import { bindings } from "/run/bindify/clients/bindify.mjs";
//
//     const issue = await bindings.github.issues.create({ owner: "me", repo: "it", title: "Broken" });
//     const user = await (await bindings.github.get("/user")).json();
//
// A name behind a binding is a method of it, called with an object of arguments. get, post, put,
// patch, delete, head and request with a path go to its REST interface and give back a Response.
// Whatever goes wrong is a BindifyError, which says what to type where something can be done about
// it. No secret is in this process: there is none in BINDIFY_KEY, which opens these bindings for this
// run only.

import http from "node:http";
import process from "node:process";

const VERSION = "2026-07-28";
const VERBS = ["get", "post", "put", "patch", "delete", "head", "options"];
let number = 0;

export class BindifyError extends Error {
  constructor(message, code, hint, data) {
    super(hint ? `${message} (try: ${hint})` : message);
    this.name = "BindifyError";
    Object.assign(this, { code, hint, data });
  }
}

// An answer of a REST interface; body is a Buffer.
export class Response {
  constructor(status, headers, body) {
    Object.assign(this, { status, headers, body });
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  text() {
    return this.body.toString("utf8");
  }

  json() {
    return JSON.parse(this.text());
  }
}

function door() {
  const { BINDIFY_URL: url, BINDIFY_KEY: key } = process.env;
  if (!url || !key) {
    throw new BindifyError("there are no bindings here", "no_bindings", "bindify run --binding NAME -- COMMAND");
  }
  return { url: new URL(url), key };
}

function send(method, path, body, headers) {
  const { url, key } = door();
  const options = { host: url.hostname, port: url.port, method, path };
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  options.headers = { ...length, ...headers, Authorization: `Bearer ${key}` };
  return new Promise((resolve, reject) => {
    const fail = (error) =>
      reject(new BindifyError(`bindify does not answer: ${error.message}`, "no_agent", "bindify status"));
    const request = http.request(options, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve(new Response(answer.statusCode, answer.headers, Buffer.concat(parts))));
      answer.on("error", fail);
    });
    request.on("error", fail);
    request.end(body);
  });
}

// The JSON-RPC messages of an answer, which may be a stream of events.
function messages(response) {
  if (!(response.headers["content-type"] ?? "").startsWith("text/event-stream")) {
    return [response.json()];
  }
  const events = response.text().replaceAll("\r\n", "\n").split("\n\n");
  const data = events.map((event) =>
    event
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).replace(/^ /, ""))
      .join("\n"),
  );
  return data.filter((text) => text !== "").map((text) => JSON.parse(text));
}

function failure(error, status) {
  const details = error.data !== null && typeof error.data === "object" ? error.data : {};
  const code = error.error ?? details.reason ?? error.code ?? status;
  return new BindifyError(error.message ?? "the request failed", code, error.hint ?? details.hint, error.data);
}

// An error that is bindify's own, and not the service's.
function check(response) {
  let said;
  try {
    said = response.json();
  } catch {
    return;
  }
  if (said?.jsonrpc !== undefined && typeof said.error === "object") {
    throw failure(said.error, response.status);
  }
  if (typeof said?.error === "string" && said.message !== undefined) {
    throw failure(said, response.status);
  }
}

function value(result) {
  const content = result.content ?? [];
  const texts = content.filter((part) => part.type === "text").map((part) => part.text);
  const said = result.structuredContent;
  if (result.isError) {
    const message = texts.join("\n") || "the method failed";
    throw new BindifyError(message, said?.error ?? "tool_error", said?.hint, result);
  }
  if (said !== undefined) {
    return said;
  }
  if (texts.length !== 1 || content.length !== 1) {
    return content;
  }
  try {
    return JSON.parse(texts[0]);
  } catch {
    return texts[0];
  }
}

class Binding {
  #known;

  constructor(name) {
    this.name = name;
  }

  // A body that is no text or Buffer goes as JSON.
  async request(verb, path, { body, headers = {}, params } = {}) {
    const given = { ...headers };
    let sent = body;
    if (sent !== undefined && typeof sent !== "string" && !Buffer.isBuffer(sent)) {
      sent = JSON.stringify(sent);
      given["Content-Type"] ??= "application/json";
    }
    const query = params ? (path.includes("?") ? "&" : "?") + new URLSearchParams(params) : "";
    const response = await send(verb.toUpperCase(), `/http/${this.name}${path}${query}`, sent, given);
    if (response.status >= 400) {
      check(response);
    }
    return response;
  }

  // What can be called: name, description, inputSchema.
  async methods() {
    if (this.#known === undefined) {
      const found = [];
      let cursor;
      do {
        const page = await this.call("tools/list", cursor ? { cursor } : {});
        found.push(...(page.tools ?? []));
        cursor = page.nextCursor;
      } while (cursor);
      this.#known = found;
    }
    return this.#known;
  }

  // Services write issues.create as one word in their own ways.
  async find(parts) {
    const names = (await this.methods()).map((tool) => tool.name);
    const name = [".", "_", "-", "/"].map((mark) => parts.join(mark)).find((text) => names.includes(text));
    if (name === undefined) {
      const message = `${this.name} has no method “${parts.join(".")}”`;
      throw new BindifyError(message, "not_found", `bindify tools ${this.name}`);
    }
    return name;
  }

  async invoke(name, args) {
    return value(await this.call("tools/call", { name, arguments: args }, name));
  }

  async call(method, params, name) {
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": VERSION,
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const message = { jsonrpc: "2.0", id: ++number, method, params: { ...params, _meta } };
    const headers = {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": VERSION,
      "Mcp-Method": method,
      ...(name === undefined ? {} : { "Mcp-Name": name }),
    };
    const response = await send("POST", `/mcp/${this.name}`, JSON.stringify(message), headers);
    let answer;
    try {
      answer = messages(response).findLast((one) => one.result || one.error);
    } catch {
      answer = undefined;
    }
    if (answer === undefined) {
      throw new BindifyError(`${this.name} has not answered (HTTP ${response.status})`, response.status);
    }
    if (answer.error) {
      throw failure(answer.error, response.status);
    }
    return answer.result;
  }
}

// A function whose members are the methods behind it.
function method(binding, parts) {
  const run = async (first, options) => {
    if (typeof first === "string" && parts.length === 1 && VERBS.includes(parts[0])) {
      return binding.request(parts[0], first, options);
    }
    return binding.invoke(await binding.find(parts), first ?? {});
  };
  return new Proxy(run, {
    get: (target, name) =>
      typeof name === "symbol" || name === "then" ? undefined : method(binding, [...parts, name]),
  });
}

function wrap(binding) {
  const own = {
    request: binding.request.bind(binding),
    methods: binding.methods.bind(binding),
    // A method by its name as it stands.
    call: binding.invoke.bind(binding),
  };
  return new Proxy(own, {
    get: (target, name) => {
      if (typeof name === "symbol" || name === "then") {
        return undefined;
      }
      return Object.hasOwn(target, name) ? target[name] : method(binding, [name]);
    },
  });
}

const made = new Map();

function names() {
  return (process.env.BINDIFY_BINDINGS ?? "").split(" ").filter((name) => name !== "");
}

// bindings.NAME, or bindings["my-name"].
export const bindings = new Proxy(
  {},
  {
    has: (target, name) => names().includes(name),
    ownKeys: () => names(),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (target, name) => {
      if (typeof name === "symbol" || name === "then") {
        return undefined;
      }
      if (!names().includes(name)) {
        const hint = `bindify run --binding ${name} -- COMMAND`;
        throw new BindifyError(`this run has no binding “${name}”`, "not_found", hint);
      }
      if (!made.has(name)) {
        made.set(name, wrap(new Binding(name)));
      }
      return made.get(name);
    },
  },
);
