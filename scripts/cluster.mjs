/**
 * `npm run cluster -- up|down|status [--kind api|controllers|kwok|node] [--services] [--fixture FILE]
 * [--name NAME]`: starts, stops or shows a Kubernetes cluster for tests; with --services (kind node) the
 * sandbox's services run in it as pods, with --fixture (kind kwok) it begins with the objects of a file. All code is in packages/test-cluster/src. Exit: 0 done · 64 bad usage · 69 it cannot be built or
 * started here · 70 defect · 77 its processes are not visible from here.
 */
import { parseArgs } from 'node:util';
import { clusterDown, clusterStatus, clusterUp } from '../dist/packages/test-cluster/src/cluster.js';
import { CLUSTER_KINDS } from '../dist/packages/test-cluster/src/state/cluster-state.js';
import { placesFrom } from '../dist/src/system/places.js';

const EXIT = { usage: 64, unavailable: 69, defect: 70, refused: 77 };
const note = (text) => process.stderr.write(`cluster: ${text}\n`);
const context = { places: placesFrom(process.env), env: process.env, progress: note };

function usage(problem) {
  note(problem);
  note(
    `usage: npm run cluster -- up|down|status [--kind ${CLUSTER_KINDS.join('|')}] [--services] [--fixture FILE] [--name NAME]`,
  );
  return EXIT.usage;
}

function given() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        kind: { type: 'string', default: 'controllers' },
        name: { type: 'string', default: 'default' },
        services: { type: 'boolean', default: false },
        fixture: { type: 'string' },
      },
    });
    return { verb: positionals.join(' '), ...values };
  } catch (error) {
    return { wrong: error.message };
  }
}

async function main() {
  const { verb, kind, name, services, fixture, wrong } = given();
  if (wrong !== undefined) return usage(wrong);
  if (!CLUSTER_KINDS.includes(kind))
    return usage(`--kind: expected ${CLUSTER_KINDS.join(', ')}, got ${kind}`);
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
    return usage(`--name: expected lower-case letters, digits and dashes, got ${name}`);
  if (verb === 'up') {
    await clusterUp({ name, kind, services, ...(fixture && { fixture }) }, context);
    console.log(clusterStatus(name, context.places).join('\n'));
  } else if (verb === 'down') {
    console.log(
      `cluster ${name}: ${(await clusterDown(name, context)) ? 'stopped and removed' : 'was not running'}`,
    );
  } else if (verb === 'status') {
    console.log(clusterStatus(name, context.places).join('\n'));
  } else return usage(`expected up, down or status, got ${verb || 'nothing'}`);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    note(error.message);
    process.exitCode = EXIT[error.kind] ?? EXIT.defect;
  },
);
