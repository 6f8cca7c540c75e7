/**
 * `npm run mutate [-- <part of a file name> ...]`: changes one comparison or boundary of the judge at a time,
 * takes one step of the healing of faults out at a time, and runs the unit tests that must notice. Lists what
 * survived, and ends with 1 when there is anything: a judge whose limit can be moved unseen is not tested.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createVitest } from 'vitest/node';
import { EQUIVALENTS } from './equivalents.mjs';
import { healingMutants } from './healing.mjs';
import { mutantsOf } from './mutants.mjs';

const root = resolve(import.meta.dirname, '../..');
/** Each subject with the tests that must kill its mutants. */
const SUBJECTS = {
  'src/measure/judge.ts': ['measure-judge/judge.test.ts'],
  'src/measure/judge-generator.ts': ['measure-judge/judge-generator.test.ts'],
  'src/measure/judge-capacity.ts': ['measure-judge/judge-capacity.test.ts'],
  'src/measure/repeats.ts': ['measure-judge/repeats.test.ts'],
  'src/measure/judge-objective.ts': [
    'measure-judge/judge-objective.test.ts',
    'measure-judge/judge-after-fault.test.ts',
    'measure-judge/judge-capacity-objective.test.ts',
    'measure-judge/sliding.test.ts',
  ],
  'src/measure/phase-windows.ts': ['measure-judge/sliding.test.ts'],
  'src/measure/finding.ts': ['measure-judge/judge-objective.test.ts', 'measure-judge/sliding.test.ts'],
  'src/measure/judge-recovery.ts': ['measure-judge/judge-objective.test.ts'],
  'src/measure/abort.ts': ['measure-judge/abort.test.ts'],
  'src/measure/statistics.ts': ['measure-judge/statistics.test.ts'],
  'src/core/verdict.ts': ['core/verdict.test.ts'],
};
/**
 * What the tests of its own file let live, all of these are asked about: a subject's tests are in more files
 * than the first one.
 */
const ROOM = ['measure-judge/', 'run/verdict/'];
/**
 * Steps of all loops of one file: no subject comes near, and an endless loop cannot be interrupted from
 * outside.
 */
const MOST_STEPS = 2_000_000;
const GUARD = `let steps_ = 0;
function guard_() { steps_ += 1; if (steps_ > ${MOST_STEPS}) throw new Error('endless'); return true; }`;

/** The mutant that the next import of its file gets; undefined: the sources as they are. */
let current;
const plugin = {
  name: 'mutant',
  enforce: 'pre',
  load(id) {
    if (current === undefined || id.split('?')[0] !== join(root, current.file)) return null;
    const guarded = current.mutated
      .replaceAll('while (', 'while (guard_() && ')
      .replace(/(for \(let [^;]+; )([^;]+)(; )/g, '$1guard_() && ($2)$3');
    return `${GUARD}\n${guarded}`;
  },
};

const vitest = await createVitest(
  'test',
  {
    ...{ root, config: false, watch: false, reporters: [{}], bail: 1, testTimeout: 20_000 },
    ...{ include: ['test/unit/**/*.test.ts'], pool: 'threads', maxWorkers: 1, fileParallelism: false },
  },
  { plugins: [plugin] },
);
const everything = await vitest.globTestSpecifications();

async function passes(tests) {
  const chosen = everything.filter(({ moduleId }) =>
    tests.some((one) => moduleId.includes(`test/unit/${one}`)),
  );
  for (const { vite } of vitest.projects) {
    for (const environment of Object.values(vite.environments)) environment.moduleGraph.invalidateAll();
  }
  vitest.state.filesMap.clear();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(chosen);
  return unhandledErrors.length === 0 && testModules.length > 0 && testModules.every((one) => one.ok());
}

const isEquivalent = (mutant) =>
  EQUIVALENTS.some(
    (one) => one.file === mutant.file && one.line === mutant.lineText && one.change === mutant.change,
  );

const isHealing = ({ file }) => !(file in SUBJECTS);

const wanted = process.argv.slice(2);
const isWanted = (file) => wanted.length === 0 || wanted.some((part) => file.includes(part));
const read = (file) => readFileSync(join(root, file), 'utf8');
const mutants = [
  ...Object.entries(SUBJECTS)
    .filter(([file]) => isWanted(file))
    .flatMap(([file, tests]) => mutantsOf(file, read(file)).map((mutant) => ({ ...mutant, tests }))),
  ...healingMutants(read).filter(({ file }) => isWanted(file)),
];
if (!(await passes([...new Set(mutants.flatMap(({ tests }) => tests))]))) {
  console.error('The tests fail without any mutant: no result is possible.');
  await vitest.close();
  process.exit(2);
}
let [survived, excused] = [0, 0];
for (const [index, mutant] of mutants.entries()) {
  if (isEquivalent(mutant)) {
    excused += 1;
    continue;
  }
  current = mutant;
  if ((await passes(mutant.tests)) && (isHealing(mutant) || (await passes(ROOM)))) {
    survived += 1;
    console.log(`${mutant.file}:${mutant.line}:${mutant.column}  ${mutant.change}\n    ${mutant.lineText}`);
  }
  if ((index + 1) % 25 === 0) console.error(`${index + 1} of ${mutants.length}`);
}
await vitest.close();
console.log(`${mutants.length} mutants, ${survived} survived, ${excused} change nothing (equivalents.mjs)`);
process.exit(survived === 0 && mutants.length > 0 ? 0 : 1);
