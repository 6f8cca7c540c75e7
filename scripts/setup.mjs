/**
 * Prepares a clone: packages, compiled code, external programs. Runs before `npm start` and `npm test`; the
 * second time it only checks. It is plain Node without imports of packages, because it must work in a fresh
 * clone. Exit: 0 ready · 64 bad usage · 69 a required part is missing (from `gauntlet doctor`) · 130
 * interrupted · otherwise the exit code of the failed command.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...names) => join(root, ...names);
const LOCK = at('.setup.lock');
const PACKAGES_STAMP = at('node_modules', '.gauntlet-setup');
const BUILD_STAMP = at('dist', '.gauntlet-build');
const MAIN = at('dist', 'src', 'cli', 'main.js');
/** npm ci and tsc take well below this; the wait for an owner that is not visible from here must end. */
const UNSEEN_MS = 15 * 60_000;

const say = (text) => process.stderr.write(`setup: ${text}\n`);
const read = (path) => {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

class Stop extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}

let child;
let interrupted = false;
for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => {
    interrupted = true;
    process.exitCode = exitCode;
    // In a terminal the child gets the signal too; from a script (kill PID) only this process does.
    if (child) child.kill(signal);
    else {
      releaseLock();
      process.exit(exitCode);
    }
  });
}

/** Runs a program in the clone and resolves with its exit code; a child that a signal ended counts as 130. */
function run(file, args, capture = false) {
  return new Promise((resolve, reject) => {
    let output = '';
    child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
    });
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => reject(new Stop(69, `${file} does not start: ${error.message}`)));
    child.on('close', (code, signal) => {
      child = undefined;
      if (interrupted) reject(new Stop(process.exitCode ?? 130, 'interrupted'));
      else resolve({ code: signal === null ? (code ?? 1) : 130, output });
    });
  });
}

async function step(text, work) {
  const started = performance.now();
  const result = await work();
  say(`${text} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return result;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Stop(
    69,
    `node: expected 20.19 or newer, got ${process.versions.node}. Install it from nodejs.org.`,
  );
}

function purpose() {
  const [flag, value, ...rest] = process.argv.slice(2);
  if (flag === '--for' && ['build', 'start', 'test'].includes(value) && rest.length === 0) return value;
  throw new Stop(
    64,
    `arguments: expected --for build, --for start or --for test, got ${process.argv.slice(2).join(' ') || 'nothing'}.`,
  );
}

const link = (path) => {
  try {
    return fs.readlinkSync(path);
  } catch {
    return '';
  }
};

/** Field 22 of /proc/PID/stat: with the pid, the name of one process of one boot and pid namespace. */
function startTicks(pid) {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/**
 * The place in which a pid is valid: boot, pid namespace, time namespace (src/system/holder.ts, which cannot
 * be imported yet).
 */
function place() {
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return [boot, link('/proc/self/ns/pid'), link('/proc/self/ns/time')].join(' ');
}

/** `alive`, `dead`, or `unseen`: of another container, machine or boot, or not written by us. */
function fateOf({ pid, ticks, at: where }) {
  const here = place();
  if (where !== here || /^ | {2}/.test(here) || !(pid > 0)) return 'unseen';
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return 'dead';
  }
  // With the /proc of another namespace, or one that hides the processes of other users, the answer is
  // unknown.
  const now = link('/proc/self') === String(process.pid) ? startTicks(pid) : undefined;
  return now === undefined ? 'unseen' : now === ticks ? 'alive' : 'dead';
}

function ownerIn(text) {
  try {
    const owner = JSON.parse(text);
    return typeof owner === 'object' && owner !== null ? owner : {};
  } catch {
    return {};
  }
}

const me = {
  pid: process.pid,
  ticks: startTicks('self'),
  at: place(),
  host: hostname(),
  nonce: randomUUID(),
};

/**
 * A file that appears complete or not at all. The lock of a dead owner is taken over; that of an owner that
 * is not visible from here never is.
 */
async function takeLock() {
  const mine = `${LOCK}.${me.nonce}`;
  fs.writeFileSync(mine, JSON.stringify({ ...me, since: new Date().toISOString() }));
  try {
    for (let reported, from = performance.now(); ; ) {
      try {
        fs.linkSync(mine, LOCK);
        return;
      } catch (error) {
        if (error.code !== 'EEXIST') throw new Stop(69, `${LOCK}: cannot be created: ${error.message}.`);
      }
      const text = readLock();
      if (text === undefined) continue;
      const owner = ownerIn(text);
      const fate = fateOf(owner);
      if (fate === 'dead') {
        removeDead(text, mine);
        await sleep(20);
        continue;
      }
      const words = `pid ${owner.pid ?? '?'} on host ${owner.host ?? '?'}, since ${owner.since ?? 'some time'}`;
      const free = `its process is not visible from here (${owner.at ?? 'an earlier version'}); if it has ended for good: rm -r ${LOCK}`;
      if (text !== reported)
        say(`waiting for another setup (${words}) in this folder${fate === 'unseen' ? `: ${free}` : ''}`);
      reported = text;
      if (fate === 'unseen' && performance.now() - from > UNSEEN_MS)
        throw new Stop(
          69,
          `${LOCK}: expected to be released within ${UNSEEN_MS / 60_000} min, got ${words}: ${free}.`,
        );
      await sleep(200);
    }
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/** Undefined: the lock is free. An earlier version made a folder instead of a file. */
function readLock() {
  try {
    return fs.readFileSync(LOCK, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    return '';
  }
}

/**
 * Only the process with the heir file of exactly this owner may remove its lock: another process may have the
 * lock by now.
 */
function removeDead(text, mine) {
  const heir = `${LOCK}.heir-${sha256(text).slice(0, 16)}`;
  try {
    fs.linkSync(mine, heir);
  } catch {
    // Another process removes it; the heir file of a dead process is removed first.
    if (fateOf(ownerIn(read(heir))) === 'dead') fs.rmSync(heir, { force: true });
    return;
  }
  try {
    if (readLock() === text) fs.rmSync(LOCK, { force: true });
  } finally {
    fs.rmSync(heir, { force: true });
  }
}

function releaseLock() {
  if (ownerIn(readLock()).nonce === me.nonce) fs.rmSync(LOCK, { force: true });
}

/** True when node_modules matches the lock file, according to npm's own record of the installed packages. */
function installedAsLocked() {
  const [wanted, have] = [read(at('package-lock.json')), read(at('node_modules', '.package-lock.json'))];
  if (wanted === undefined || have === undefined) return false;
  const there = JSON.parse(have).packages;
  return Object.entries(JSON.parse(wanted).packages).every(
    ([path, one]) => path === '' || one.optional || one.peer || there[path]?.integrity === one.integrity,
  );
}

async function installPackages() {
  const lock = read(at('package-lock.json'));
  if (lock === undefined)
    throw new Stop(69, 'package-lock.json: expected in the clone, got nothing. Clone again.');
  const hash = sha256(lock);
  if (read(PACKAGES_STAMP) === hash) return;
  if (!installedAsLocked()) {
    say('installing packages (npm ci)');
    await step('packages installed', async () => {
      // tsc is a dev dependency, so that NODE_ENV=production must not leave it out.
      const { code } = await run('npm', ['ci', '--no-audit', '--no-fund', '--include=dev']);
      if (code !== 0) throw new Stop(code, 'npm ci failed, see above.');
    });
  }
  fs.writeFileSync(PACKAGES_STAMP, hash);
}

/** One hash of the contents of all inputs of the build. */
function sourcesHash() {
  const hash = createHash('sha256');
  const add = (path) =>
    hash
      .update(`${path}\0`)
      .update(fs.readFileSync(at(path)))
      .update('\0');
  for (const path of ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json']) add(path);
  for (const folder of ['src', 'packages', 'systems', 'bench', 'test/torture', 'test/programs']) {
    if (!fs.existsSync(at(folder))) continue;
    const names = fs.readdirSync(at(folder), { recursive: true }).filter((name) => /\.(ts|mjs)$/.test(name));
    for (const name of names.sort()) add(join(folder, name));
  }
  return hash.digest('hex');
}

async function build() {
  const hash = sourcesHash();
  if (read(BUILD_STAMP) === hash && fs.existsSync(MAIN)) return;
  const draft = at('.dist-draft');
  fs.rmSync(draft, { recursive: true, force: true });
  try {
    await step('compiled to dist/', async () => {
      const args = ['-p', 'tsconfig.build.json', '--outDir', draft];
      const { code, output } = await run(at('node_modules', '.bin', 'tsc'), args, true);
      if (code !== 0) throw new Stop(70, `tsc failed:\n${output}`);
      fs.writeFileSync(join(draft, '.gauntlet-build'), hash);
      swapIn(draft, at('dist'));
    });
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

/** Two renames: a reader finds either the old code or the new code. */
function swapIn(draft, place) {
  const old = at('.dist-old');
  fs.rmSync(old, { recursive: true, force: true });
  if (fs.existsSync(place)) fs.renameSync(place, old);
  fs.renameSync(draft, place);
  fs.rmSync(old, { recursive: true, force: true });
}

async function findParts() {
  return step('external programs checked', async () => {
    const { code } = await run(process.execPath, [MAIN, 'doctor', '--fix', '--quiet']);
    return code;
  });
}

async function main() {
  const started = performance.now();
  checkNode();
  const goal = purpose();
  await takeLock();
  try {
    await installPackages();
    await build();
  } finally {
    releaseLock();
  }
  if (goal === 'build') return;
  // Outside the lock: the toolchain has its own locks, one per part.
  const code = await findParts();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(
    code === 0
      ? `ready to ${goal} (${seconds} s in all)`
      : `not ready to ${goal}: a part is missing, see above`,
  );
  process.exitCode = code;
}

main().catch((error) => {
  say(error.message);
  process.exitCode = error instanceof Stop ? error.exitCode : 70;
  if (!(error instanceof Stop)) say(error.stack);
});
