/**
 * Prepares dist for `npm pack` (prepack) and restores it for the clone (postpack). In between:
 * - the programs of the stand-ins are bundled with the packages that only they need, so that no user of
 *   Gauntlet installs those; dist/THIRD-PARTY-NOTICES.md names them;
 * - dist/scenarios-checked lists the scripts that tsc has accepted, so that a user of Gauntlet needs no tsc
 *   for them. Exit: 0 ready · 1 a script that tsc refuses, or a package without a licence · otherwise the
 *   exit code of the failed command.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...names) => join(root, ...names);
const PROGRAMS = [
  ...['gateway', 'hive', 'specialist'].map((name) => `neural-hive-mind/stand-ins/src/${name}/main.js`),
  'active-immune-core/stand-in.mjs',
].map((program) => at('dist/systems', program));
const LICENCE = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;

function run(file, args) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Dependencies of Gauntlet itself, so they are not bundled. */
function isInstalledAnyway(id) {
  const { dependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  return Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`));
}

/** Replaces each program by a bundle with its packages; returns the folders of these. */
async function bundlePrograms() {
  const { rolldown } = await import('rolldown');
  const packages = new Set();
  for (const input of PROGRAMS) {
    const bundle = await rolldown({
      input,
      platform: 'node',
      external: (id) => id.startsWith('node:') || isInstalledAnyway(id),
      logLevel: 'warn',
    });
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
    await bundle.close();
    const [chunk, ...more] = output;
    if (more.length > 0) throw new Error(`${input}: expected one file, got ${output.length}`);
    writeFileSync(input, chunk.code);
    for (const id of chunk.moduleIds) {
      const inside = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
      if (inside !== undefined) packages.add(inside);
    }
  }
  return [...packages].sort();
}

function noticesOf(folders) {
  const parts = folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const { name, version, license = manifest.licenses?.map((one) => one.type).join(' or ') } = manifest;
    const files = readdirSync(folder).filter((file) => LICENCE.test(file));
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    if (license === undefined && text === '') throw new Error(`${folder}: the package has no licence`);
    return `## ${name} ${version} (${license})\n\n${text === '' ? 'The package contains no licence file.' : text}\n`;
  });
  return `# Packages inside the programs of the stand-ins\n\n${parts.join('\n')}`;
}

async function pack() {
  run(process.execPath, [at('scripts/setup.mjs'), '--for', 'build']);
  run(at('node_modules/.bin/tsc'), ['--noEmit', '-p', 'scenarios']);
  // In every case the next build of the clone starts from scratch.
  rmSync(at('dist/.gauntlet-build'), { force: true });
  const { scriptsDigest } = await import('../dist/src/load/check-scenarios.js');
  writeFileSync(at('dist/scenarios-checked'), `${scriptsDigest(root)}\n`);
  const folders = await bundlePrograms();
  writeFileSync(at('dist/THIRD-PARTY-NOTICES.md'), noticesOf(folders));
  const names = folders.map((folder) => relative(at('node_modules'), folder));
  process.stderr.write(
    `pack: the stand-ins are bundled with ${names.length} packages: ${names.join(', ')}\n`,
  );
}

const [step] = process.argv.slice(2);
if (step === 'before') await pack();
else if (step === 'after') {
  if (existsSync(at('dist/scenarios-checked')))
    run(process.execPath, [at('scripts/setup.mjs'), '--for', 'build']);
} else {
  process.stderr.write(`pack: expected before or after, got ${step ?? 'nothing'}\n`);
  process.exitCode = 64;
}
