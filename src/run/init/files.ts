/** The files that `gauntlet init` writes, as texts: small, commented, and each with its schema in line 1. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { stringify } from 'yaml';
import { addressOf, isLoopback } from '../../core/address.ts';
import { projectRoot } from '../../system/project.ts';
import type { PathAnswer } from './answers.ts';
import { linkLines } from './link-lines.ts';
import type { Seen } from './look.ts';

export interface InitAnswers {
  readonly name: string;
  readonly services: readonly Seen[];
  readonly readies: readonly PathAnswer[];
  /** At least one where a service speaks HTTP. */
  readonly gets: readonly PathAnswer[];
  readonly links: readonly string[];
  readonly allowFaults: boolean;
}

export interface InitFile {
  /** Relative to the user's folder. */
  readonly path: string;
  readonly text: string;
}

/** @param root the user's folder. */
export function filesOf(answers: InitAnswers, root: string): readonly InitFile[] {
  const { name, gets } = answers;
  const loaded = [...new Set(gets.map((one) => one.service))];
  const files = [
    { path: join('systems', name, 'system.yaml'), text: systemText(answers) },
    { path: join('targets', `${name}.yaml`), text: targetText(answers) },
    ...(loaded.length === 0
      ? []
      : [
          { path: join('campaigns', `${name}-smoke.yaml`), text: campaignText(name, loaded) },
          ...loaded.map((one) => ({
            path: join('scenarios', name, `${one}.ts`),
            text: scenarioText(one, pathsOf(gets, one)),
          })),
          { path: join('scenarios', 'tsconfig.json'), text: tsconfigText() },
        ]),
  ];
  return files.map(({ path, text }) => ({ path, text: `${lineOne(path, root)}${text}` }));
}

const KINDS = { systems: 'system', targets: 'target', campaigns: 'campaign', scenarios: 'scenario' } as const;

/** Where editors find the schema: beside this package, by a relative path where it is installed there. */
function lineOne(path: string, root: string): string {
  if (path.endsWith('tsconfig.json')) return '';
  const [folder = ''] = path.split('/');
  const schema = join(projectRoot, 'schemas', `${KINDS[folder as keyof typeof KINDS]}.json`);
  const near = relative(dirname(join(root, path)), schema);
  const isLocal = !relative(root, projectRoot).startsWith('..');
  const shown = isLocal ? near : schema;
  return path.endsWith('.ts')
    ? `// Schema of its description: ${shown}\n`
    : `# yaml-language-server: $schema=${shown}\n`;
}

const pathsOf = (all: readonly PathAnswer[], service: string): readonly string[] =>
  all.filter((one) => one.service === service).map((one) => one.path);

/** A scalar as YAML writes it: quoted where it must be. */
const scalar = (text: string): string => stringify(text, { lineWidth: 0 }).trimEnd();
/** Inside `{ … }`, where commas and braces have a meaning. */
const inFlow = (text: string): string => (/^[\w/.-]+$/.test(text) ? text : JSON.stringify(text));

function systemText({ name, services, readies, gets, links }: InitAnswers): string {
  const lines = services.flatMap(({ name: service, protocol, addresses }) => {
    const { port } = addressOf(addresses[0] ?? '', protocol === 'redis' ? 6379 : 80);
    const [ready] = pathsOf(readies, service);
    const [get] = pathsOf(gets, service);
    if (ready === undefined && get === undefined) return [`  ${service}: { ${protocol}: ${port} }`];
    return [
      `  ${service}:`,
      `    ${protocol}:`,
      `      port: ${port}`,
      '      ask:',
      ...(ready === undefined
        ? []
        : [`        ready: { get: ${inFlow(ready)}, good: 2xx } # the probe, every 100 ms`]),
      ...(get === undefined
        ? []
        : [`        contract: { get: ${inFlow(get)}, good: 2xx } # asked once before load`]),
    ];
  });
  return [
    `# What ${name} consists of, who dials whom, and what a good answer is.`,
    'schema: gauntlet.system/1',
    `name: ${scalar(name)}`,
    `summary: ${scalar(services.map((one) => one.name).join(', '))}`,
    'services:',
    ...lines,
    ...(links.length === 0 ? [] : ['links:', ...links.map((one) => `  - ${scalar(one)}`)]),
    '',
  ].join('\n');
}

/** A name other than localhost is elsewhere, whatever it resolves to. */
export const isHere = (services: readonly Seen[]): boolean =>
  services.every((one) => one.addresses.every((at) => isLoopback(addressOf(at, 1).host)));

function targetText({ name, services, links, allowFaults }: InitAnswers): string {
  const address = ({ protocol, addresses: [one = '', ...more] }: Seen): string =>
    protocol === 'kafka' ? JSON.stringify([one, ...more]) : JSON.stringify(one);
  const local = isHere(services);
  return [
    `# One copy of ${name}: where its services are, and what is allowed there.`,
    'schema: gauntlet.target/1',
    `name: ${scalar(name)}`,
    `system: ${scalar(name)}`,
    'platform: none # addresses only; docs/without-kubernetes.md and docs/kubernetes.md have more',
    'services:',
    ...services.map((one) => `  ${one.name}: { address: ${address(one)} }`),
    ...(local ? linkLines(name, links, services) : []),
    local
      ? `policy: { optIn: ${allowFaults} } # whether faults are allowed`
      : `policy: { optIn: ${allowFaults}, load: { optIn: false, maxRate: 20/s } } # whether faults, and load, are allowed`,
    '',
  ].join('\n');
}

const campaignText = (name: string, loaded: readonly string[]): string =>
  [
    '# A first look: a little of what users do, and no fault.',
    `name: ${name}-smoke`,
    `target: ${scalar(name)}`,
    'load:',
    ...loaded.map((one) => `  - { scenario: ${one}, rate: 10/s } # scenarios/${name}/${one}.ts`),
    'warmup: 5s',
    'baseline: 40s',
    'objectives:',
    ...loaded.flatMap((one) => [
      `  - ${one}.browse  failed < 1%  in baseline`,
      `  - ${one}.browse  p95 < 500ms  in baseline`,
    ]),
    '',
  ].join('\n');

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const scenarioText = (
  service: string,
  paths: readonly string[],
): string => `// What a user of ${service} does: one GET of these paths an iteration, drawn by the seed of the run.
import http from 'k6/http';
import { address, defineScenario, iteration, measure, seeded, timeLimit, token } from '../gauntlet.ts';

export const options = defineScenario({
  summary: ${quoted(`GET ${paths.join(', ')} of ${service}`)},
  flows: { ${quoted(`${service}.browse`)}: { service: ${quoted(service)} } },
  timeLimit: '5s', // no request takes longer: rate × this is the number of VUs
});

const PATHS = [${paths.map(quoted).join(', ')}];

export default iteration(() => {
  const url = \`\${address()}\${seeded().pick(PATHS)}\`;
  measure(() => http.get(url, { headers: token(), timeout: timeLimit() }));
});
`;

/** Of our own scenarios: editors and tsc then read yours alike. */
const tsconfigText = (): string => readFileSync(join(projectRoot, 'scenarios', 'tsconfig.json'), 'utf8');
