/**
 * Runs `gofmt` on all Go of the repository, `go vet` on our own packages, and the tests of the agent. Part of
 * `npm run check`. packages/k6 and packages/test-cluster/mkube are a few lines around k6 and Kubernetes: `go vet`
 * would spend minutes compiling them. Exit: 0 clean · 1 something to fix · 69 no Go.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VETTED = ['netagent', 'test-cluster/testpod'];
const TESTED = ['netagent'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (text) => process.stderr.write(`check-go: ${text}\n`);

/** Standard output of a required program. */
function run(file, args, cwd) {
  const done = spawnSync(file, args, { cwd, encoding: 'utf8' });
  if (done.error) {
    say(
      `${file} does not start (${done.error.message}). Install Go 1.24 or newer, which the test cluster and k6 need too.`,
    );
    process.exit(69);
  }
  return done;
}

const files = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.go'))
  .map((name) => join('packages', name));
const format = run('gofmt', ['-l', ...files], root);
if (format.stdout !== '' || format.status !== 0) {
  say(`not formatted: ${format.stdout.trim().replaceAll('\n', ', ')}${format.stderr}. Run gofmt -w on them.`);
  process.exitCode = 1;
}
for (const name of VETTED) {
  const vet = run('go', ['vet', './...'], join(root, 'packages', name));
  if (vet.status !== 0) {
    say(`go vet, packages/${name}:\n${vet.stderr.trim()}`);
    process.exitCode = 1;
  }
}
for (const name of TESTED) {
  const test = run('go', ['test', '-v', './...'], join(root, 'packages', name));
  if (test.status !== 0) {
    say(`go test, packages/${name}:\n${test.stdout.trim()}\n${test.stderr.trim()}`);
    process.exitCode = 1;
  }
  const skipped = test.stdout
    .split('\n')
    .flatMap((line, at, lines) => (/^--- SKIP/.test(line) ? [lines[at - 1]] : []));
  for (const reason of skipped) say(`go test, packages/${name}, skipped: ${reason?.trim()}`);
}
