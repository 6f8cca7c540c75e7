/**
 * `npm run bench -- peers [--seconds N] [--only NAME] [--rows FILE] [--picture FILE]`: compares the reports
 * of k6, hey, autocannon, vegeta, wrk2 and Gauntlet on a server with known latencies. They run one after
 * another, each against its own server process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf } from '../../src/core/errors.ts';
import { GAUNTLET } from './gauntlet.ts';
import { pictureOf, type Row, tableOf } from './picture.ts';
import { type Request, TOOLS, type Tool } from './tools.ts';
import { type ServerLog, truthOf } from './truth.ts';

/** Low enough for a busy machine: a late generator measures itself. */
const RATE = 100;
/** Four stalls. */
const SECONDS = 28;
const LONGEST_SECONDS = 60;

export async function benchPeers(args: readonly string[]): Promise<string> {
  const option = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const seconds = Math.min(LONGEST_SECONDS, Number(option('--seconds') ?? SECONDS));
  const only = option('--only');
  const tools = [GAUNTLET, ...TOOLS].filter((tool) => only === undefined || tool.name === only);
  const file = option('--rows');
  // Rows of an earlier call can be reused, because all tools together take long.
  const rows: Row[] = file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const missing: string[] = [];
  for (const tool of tools) {
    try {
      rows.push(await measured(tool, seconds));
      console.error(`${tool.name}, ${tool.settings}: measured`);
      if (file !== undefined) writeFileSync(file, JSON.stringify(rows, null, 1));
    } catch (error) {
      missing.push(`missing: ${tool.name}, ${tool.settings}: ${messageOf(error)}`);
    }
  }
  const picture = option('--picture');
  if (picture !== undefined) writeFileSync(picture, pictureOf(rows));
  return [tableOf(rows), ...missing].join('\n');
}

async function measured(tool: Tool, seconds: number): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-peers-'));
  const server = spawn(process.execPath, [join(import.meta.dirname, 'stall-server.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: server.stdout });
    const port = String((await once(lines, 'line'))[0]);
    const request: Request = { url: `http://127.0.0.1:${port}`, rate: RATE, seconds, folder };
    const said = await tool.measure(request);
    server.stdin.write('?\n');
    const log = JSON.parse(String((await once(lines, 'line'))[0])) as ServerLog;
    return { name: tool.name, settings: tool.settings, said, truth: truthOf(log, RATE, seconds) };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
