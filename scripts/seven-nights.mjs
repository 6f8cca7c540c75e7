/**
 * `node scripts/seven-nights.mjs [FOLDER]`: seven real nights in a row on a sandbox of its own, as a cron job
 * would make them, about four minutes: two good ones, one with a specialist that is 300 ms slower, one killed
 * in the middle, the one after it, one with a Redis that does not come back, and a good one. Prints what each
 * night says with its exit code, and leaves history, runs and page in FOLDER (default: a new temporary one).
 * Needs `npm run build`. Exit: 0 each night ended as it must · 1 one did not · 69 the sandbox did not start.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { placesFrom } from '../dist/src/system/places.js';
import { programPath } from '../dist/src/system/project.js';
import { openPlatform } from '../dist/src/targets/open-platform.js';
import { findSandbox } from '../dist/src/targets/sandbox/sandbox.js';

const FOLDER =
  process.argv[2] === undefined ? mkdtempSync(join(tmpdir(), 'seven-nights-')) : resolve(process.argv[2]);
mkdirSync(FOLDER, { recursive: true });
const at = (...path) => join(FOLDER, ...path);
const STATE = { GAUNTLET_STATE_DIR: at('state') };
const say = (text) => process.stdout.write(`${text}\n`);

/** Limits so wide that a machine twice as slow meets them; only what is planted breaks them. */
const CAMPAIGN = `name: seven-nights
target: sandbox
load:
  - { scenario: gateway-intentions, rate: 10/s, timeout: 2s }
  - { scenario: specialists, rate: 25/s, timeout: 2s }
warmup: 3s
baseline: 6s
faults:
  - throttle-redis: { bandwidth: 256kbit, latency: 20ms, for: 2s }
recovery: { hold: 2s, timeout: 15s }
objectives:
  - specialist.business p50 < 250ms in baseline
  - gateway.intentions recovered < 15s after throttle-redis
`;

let running;

/** @param onText is called with each piece of its progress, until it returns true. */
async function gauntlet(args, onText = () => true) {
  const child = spawn(process.execPath, [programPath('src/cli/main'), ...args], {
    env: { ...process.env, ...STATE, CI: 'true', NO_COLOR: '1' },
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  let [stdout, stderr, isDone] = ['', '', false];
  const look = () => {
    if (!isDone) isDone = onText(`${stdout}${stderr}`, child) === true;
  };
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    look();
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    look();
  });
  const code = await new Promise((done) => child.on('close', (number, signal) => done(number ?? signal)));
  return { code, stdout, stderr };
}

/** The sandbox as a person with a shell on it would act: nothing that Gauntlet does by itself. */
async function sandbox() {
  const { stateFile, topology } = findSandbox('default', placesFrom({ ...process.env, ...STATE }));
  return await openPlatform({ platform: 'sandbox', identity: topology.identity, stateFile });
}

const failures = [];

async function night(number, { what, expected, args = [], onText }) {
  const name = `night-${number}`;
  const given = ['--history', 'history', '--page', 'page', '--out', `runs/${name}`, '--seed', `${number}`];
  const { code, stdout, stderr } = await gauntlet(['nightly', 'campaign.yaml', ...given, ...args], onText);
  const isRight = expected.includes(code);
  if (!isRight) failures.push(`${name}: exit ${code}, expected ${expected.join(' or ')}`);
  say(`\n${name} (${what}): exit ${code}${isRight ? '' : `, expected ${expected.join(' or ')}`}`);
  const added = stderr.split('\n').filter((line) => line.includes('which an earlier nightly left behind'));
  const lines = stdout.trimEnd().split('\n');
  // Of a killed one the last thing that it did.
  const from = lines.findIndex((line) => line.startsWith('Trend: '));
  const answer = lines.slice(from);
  for (const line of [...added, ...answer]) if (line !== '') say(`  ${line}`);
  if (!isRight) say(stderr.split('\n').slice(-15).join('\n'));
}

async function withSlowSpecialist(work) {
  const { links, http } = await sandbox();
  const names = (await links.list())
    .map((one) => one.name)
    .filter((one) => one.endsWith('->specialist-business'));
  const delay = { id: 'planted', links: names, protocol: 'grpc', share: 1, seed: 1, delayMs: 300 };
  await http.put({ ...delay, ttlMs: 300_000 });
  try {
    await work();
  } finally {
    await http.end('planted');
  }
}

/** Redis stops when the fault on it is over, and nobody mends it until the morning. */
async function withRedisThatStays(work) {
  const { instances } = await sandbox();
  const [redis] = await instances.list('redis');
  let stopped;
  try {
    await work((text) => {
      if (!text.includes('throttle-redis: removed')) return false;
      stopped = instances.pausing.stop(redis);
      return true;
    });
  } finally {
    await stopped;
    await instances.pausing.resume(redis);
  }
}

async function sevenNights() {
  await night(1, { what: 'the first', expected: [0], args: ['--bootstrap'] });
  await night(2, { what: 'nothing new', expected: [0] });
  await withSlowSpecialist(() => night(3, { what: 'a specialist 300 ms slower', expected: [1] }));
  await night(4, {
    what: 'killed in the middle',
    expected: ['SIGKILL'],
    onText: (text, child) => text.includes('throttle-redis: injected') && child.kill('SIGKILL'),
  });
  await night(5, { what: 'after the killed one', expected: [0] });
  await withRedisThatStays((onText) => night(6, { what: 'Redis does not come back', expected: [1], onText }));
  await night(7, { what: 'Redis is mended', expected: [0] });
  const list = await gauntlet(['history', 'list', 'history']);
  const verify = await gauntlet(['history', 'verify', 'history']);
  say(`\n${list.stdout}${verify.stdout}`);
  const nights = list.stdout.split('\n').filter((line) => /^\d{4}-/.test(line));
  if (nights.length !== 7) failures.push(`${nights.length} nights in the history, expected 7`);
  if (verify.code !== 0) failures.push(`history verify: exit ${verify.code}`);
}

async function main() {
  writeFileSync(at('campaign.yaml'), CAMPAIGN);
  const up = await gauntlet(['sandbox', 'up']);
  if (up.code !== 0) {
    say(up.stderr);
    return 69;
  }
  try {
    await sevenNights();
  } finally {
    await gauntlet(['sandbox', 'down']);
  }
  say(`The page: ${at('page', 'index.html')}`);
  for (const one of failures) say(`FAILED: ${one}`);
  return failures.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    running?.kill(signal);
    if (running?.exitCode === null) await new Promise((done) => running.once('close', done));
    await gauntlet(['sandbox', 'down']);
    process.exit(130);
  });
process.exitCode = await main();
