// The agent that one writes in an afternoon: readline, JSON.parse, the client's bulk helper. It keeps its position, and is at least once.
//   naive-agent.js raw|json FILE URL POSITION_FILE
import { Client } from '@elastic/elasticsearch';
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

const [mode, path, node, positionFile] = process.argv.slice(2);
const client = new Client({ node });
/** Offsets of the lines that were not acknowledged yet, in order. */
const pending = new Set();
let offset = existsSync(positionFile) ? Number(readFileSync(positionFile, 'utf8')) : 0;

setInterval(() => {
  const [first = offset] = pending;
  writeFileSync(positionFile, String(first));
}, 1_000);

async function* documents() {
  for (;;) {
    if (statSync(path).size > offset) {
      for await (const line of createInterface({
        input: createReadStream(path, { start: offset }),
        crlfDelay: Infinity,
      })) {
        const document =
          mode === 'json' ? mapped(JSON.parse(line)) : { '@timestamp': new Date().toISOString(), message: line };
        document.log = { ...document.log, file: { path }, offset };
        pending.add(offset);
        offset += Buffer.byteLength(line) + 1;
        yield document;
      }
    } else {
      await wait(200);
    }
  }
}

function mapped({ time, level, msg, ...rest }) {
  return { '@timestamp': time, message: msg, log: { level }, ...rest };
}

await client.helpers.bulk({
  datasource: documents(),
  flushInterval: 1_000,
  onDocument: () => ({ create: { _index: 'logs' } }),
  onSuccess: ({ document }) => pending.delete(document.log.offset),
});
