// Sends the events of made-up users through a real Node client library, with nothing set but host and key.
//
//   node send_node.mjs --lib segment|rudder --host URL --key KEY [--users 400] [--prefix run-1] [--gzip]
//
// Loads the library from the node_modules of --modules (run.py sees to it). Prints one JSON line.

import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    lib: { type: "string" },
    host: { type: "string" },
    key: { type: "string" },
    users: { type: "string", default: "400" },
    prefix: { type: "string", default: "node" },
    modules: { type: "string" },
    gzip: { type: "boolean", default: false },
  },
});
const load = createRequire(path.join(path.resolve(options.modules), "package.json"));
const errors = [];

const DEADLINE_MS = 240_000;

const { send, close } = { segment, rudder }[options.lib]();
let meant = 0;
for (const [call, message] of calls(options.prefix, Number(options.users))) {
  send(call, message);
  meant += 1;
}
await close();
console.log(JSON.stringify({ lib: options.lib, meant, users: Number(options.users), errors }));
process.exit(0);

function segment() {
  const { Analytics } = load("@segment/analytics-node");
  const client = new Analytics({ writeKey: options.key, host: options.host });
  client.on("error", (error) => errors.push(String(error.reason ?? error.code)));
  return {
    send: (call, message) => client[call](message),
    close: () => client.closeAndFlush({ timeout: DEADLINE_MS }),
  };
}

function rudder() {
  const Analytics = load("@rudderstack/rudder-sdk-node");
  const settings = { dataPlaneUrl: options.host, gzip: options.gzip, logLevel: "none" };
  const client = new (Analytics.default ?? Analytics)(options.key, settings);
  let settled = 0;
  const onSettled = (error) => {
    settled += 1;
    if (error) errors.push(String(error));
  };
  return {
    send: (call, message) => client[call](message, onSettled),
    close: () => drain(client, () => settled === meant),
  };
}

// flush() sends one batch and says nothing of those under way, so it is asked until each message has an answer.
async function drain(client, isDone) {
  const deadline = Date.now() + DEADLINE_MS;
  while (!isDone() && Date.now() < deadline) {
    await client.flush().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function* calls(prefix, users) {
  for (let number = 0; number < users; number += 1) {
    const userId = `${prefix}-${number}`;
    const groupId = `${prefix}-ws-${Math.floor(number / 8)}`;
    yield ["identify", { userId, traits: { email: `${userId}@${groupId}.example`, role: "member" } }];
    yield ["group", { userId, groupId, traits: { name: groupId, plan: "team" } }];
    for (const event of ["Signed Up", "Item Created", "Board Created"]) {
      const properties = { number, note: "zwölf ☕ \u2028", big: 2 ** 53, nothing: null };
      yield ["track", { userId, event, properties, context: { groupId } }];
    }
  }
}
