/**
 * Target files from before system files: each still says the same, whatever the system file says meanwhile. The
 * answers were written by the version before it. What a plan takes from a target is all here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { targetOf } from '../../../packages/test-cluster/src/platform/target.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { targetFrom } from '../../fakes/topology.ts';

const ports = Object.fromEntries(
  [
    'gateway',
    'redis',
    ...['business', 'technical', 'behavior', 'evolution', 'architecture'].map((one) => `specialist-${one}`),
    ...[1, 2, 3].flatMap((id) => [`kafka-${id}`, `kafka-${id}-controller`]),
  ].map((name, index) => [name, 20_000 + index]),
);

const FOLDER = 'test/unit/config/older';
const written = readdirSync(join(projectRoot, FOLDER)).map(
  (name) => [join(FOLDER, name), readFileSync(join(projectRoot, FOLDER, name), 'utf8')] as const,
);

const all = [
  ...written,
  ['of the test cluster', JSON.stringify(targetOf({ cluster: 'c', kubeconfig: '/k', ports }))],
] as const;

/** Without what the system adds: its own description, and which links it declares. */
function said(file: string, text: string): object {
  const { system: _, kubernetes, ...rest } = targetFrom(file, text);
  const { links: __, ...pods } = { links: undefined, ...kubernetes };
  const plain = { ...rest, file: undefined, ...(kubernetes && { kubernetes: pods }) };
  return JSON.parse(JSON.stringify(plain)) as object;
}

it('older target files say what they said', async () => {
  const answers = Object.fromEntries(all.map(([name, text]) => [name, said(join(projectRoot, name), text)]));
  const text = JSON.stringify(answers, null, 2).replaceAll(projectRoot, '');
  await expect(`${text}\n`).toMatchFileSnapshot('golden/older-targets.txt');
});
