/** The examples below `--help` of each command: what to type, and its purpose. A test runs each of them. */

interface Example {
  readonly type: string;
  readonly does: string;
}

/** By the path of the command; empty = `gauntlet` itself. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  '': [
    { type: 'gauntlet doctor --fix', does: 'get what is missing' },
    { type: 'gauntlet run demo', does: 'the demo on the embedded sandbox' },
  ],
  init: [
    { type: 'gauntlet init', does: 'asks; then writes your files' },
    {
      type: 'gauntlet init --name shop --service web=127.0.0.1:8080 --get web=/items --yes',
      does: 'asks nothing',
    },
    { type: 'gauntlet init --library', does: 'refresh the library' },
  ],
  migrate: [{ type: 'gauntlet migrate targets/staging.yaml --dry-run', does: 'show what would change' }],
  run: [
    { type: 'gauntlet run campaigns/demo.yaml', does: 'the demo on the embedded sandbox' },
    { type: 'gauntlet run demo --dry-run', does: 'what it would do, touching nothing' },
    { type: 'gauntlet run demo --seed 7 --out reports/x', does: 'a repeatable run, in its own folder' },
  ],
  gate: [
    {
      type: 'gauntlet gate pre-release --baseline blue --candidate green --budget 15m',
      does: 'two targets, side by side',
    },
    {
      type: 'gauntlet gate pre-release --baseline sandbox-baseline --candidate sandbox-candidate --plan',
      does: 'order, levels and length',
    },
    {
      type: 'gauntlet gate pre-release --candidate staging --baseline-history runs/main',
      does: 'only one version can be up',
    },
    {
      type: 'gauntlet gate pre-release --aa --target sandbox',
      does: 'the noise of a place',
    },
  ],
  report: [
    { type: 'gauntlet report reports/x', does: 'judge a run again and rewrite its reports' },
    { type: 'gauntlet report reports/x --format junit', does: 'print one report to stdout' },
    { type: 'gauntlet report reports/x --compare reports/y', does: 'two runs side by side, no verdict' },
  ],
  nightly: [
    {
      type: 'gauntlet nightly nightly --history history --bootstrap',
      does: 'the first night, on the sandbox',
    },
    {
      type: 'gauntlet nightly nightly --target staging --history git:nights --yes',
      does: 'every later one, from CI',
    },
  ],
  history: [{ type: 'gauntlet history list history', does: 'one line a night' }],
  'history list': [
    { type: 'gauntlet history list history', does: 'the last 30 nights of each campaign' },
    { type: 'gauntlet history list history --campaign nightly --last 365', does: 'a year of one' },
  ],
  'history add': [{ type: 'gauntlet history add history reports/x', does: 'a run that was made by hand' }],
  'history verify': [
    { type: 'gauntlet history verify history', does: 'exit 1 when a record was altered or cut off' },
  ],
  'history export': [
    { type: 'gauntlet history export history --out series.csv', does: 'a row for each series and night' },
    { type: 'gauntlet history export git:nights --of nights --format ndjson', does: 'whole records' },
  ],
  'history page': [
    {
      type: 'gauntlet history page history --out site',
      does: 'site/index.html: all nights of all campaigns',
    },
    {
      type: 'gauntlet history page history --out site --runs reports',
      does: 'with the reports of the runs in reports/',
    },
  ],
  'history pin': [
    {
      type: 'gauntlet history pin history 837c1ba78172 --reason "release 4"',
      does: 'later nights are compared with it',
    },
  ],
  'history quarantine': [
    { type: 'gauntlet history quarantine history --list', does: 'owners, ends, and what may leave' },
    {
      type: 'gauntlet history quarantine history --fault kill-pod --sli held --lift',
      does: 'it decides again',
    },
  ],
  push: [
    {
      type: 'gauntlet push reports/x --to pushgateway --url http://127.0.0.1:9091',
      does: 'its metrics',
    },
    {
      type: 'gauntlet push reports/x --to grafana --url env:GRAFANA_URL --token env:GRAFANA_TOKEN',
      does: 'its faults',
    },
    {
      type: 'gauntlet push reports/x --to webhook --url env:SLACK_WEBHOOK --format slack',
      does: 'a message',
    },
    { type: 'gauntlet push git:nights --campaign nightly', does: 'to all that it names' },
  ],
  runbook: [
    { type: 'gauntlet runbook demo --out runbook.md', does: 'before: the plan, and what it needs, checked' },
    { type: 'gauntlet runbook reports/x', does: 'after: observed against expected, receipts' },
    { type: 'gauntlet runbook reports/x --format nhm', does: 'after: the game-day report as JSON' },
  ],
  faults: [
    { type: 'gauntlet faults', does: 'all of them, one a line' },
    { type: 'gauntlet faults partition-kafka', does: 'parameters, permissions, proof and undo of one' },
    { type: 'gauntlet faults cut-link --target staging', does: 'its example with names of a target' },
  ],
  inject: [
    {
      type: 'gauntlet inject throttle-redis latency=40ms --for 10s --target sandbox',
      does: 'hold a fault, then undo it',
    },
    {
      type: 'gauntlet inject kill-broker broker=2 --target sandbox --dry-run',
      does: 'the victim it would choose now',
    },
  ],
  recover: [
    { type: 'gauntlet recover', does: 'undo what dead runs of this machine left' },
    { type: 'gauntlet recover --target staging', does: 'only on this target, from every machine' },
  ],
  doctor: [
    { type: 'gauntlet doctor --fix', does: 'get what is missing' },
    {
      type: 'gauntlet doctor --target sandbox',
      does: 'which faults work on a target, and why others do not',
    },
  ],
  audit: [{ type: 'gauntlet audit staging', does: 'crash loops, orphans and so on, by owner; only lists' }],
  rbac: [{ type: 'gauntlet rbac staging --also signal,links', does: 'pipe it into: kubectl apply -f -' }],
  sandbox: [{ type: 'gauntlet sandbox up --name second', does: 'a second sandbox next to the default one' }],
  'sandbox up': [{ type: 'gauntlet sandbox up --json', does: 'start it and print its state' }],
  'sandbox down': [{ type: 'gauntlet sandbox down --name second', does: 'stop one of several' }],
  'sandbox status': [{ type: 'gauntlet sandbox status', does: 'addresses, instances and impaired links' }],
  proxy: [{ type: 'gauntlet proxy up staging.yaml', does: 'carry the links in its links block' }],
  'proxy up': [{ type: 'gauntlet proxy up staging.yaml', does: 'start it; it stays until it is stopped' }],
  'proxy down': [{ type: 'gauntlet proxy down staging.yaml', does: 'stop it' }],
  'proxy status': [{ type: 'gauntlet proxy status staging.yaml', does: 'traffic, and what impairs a link' }],
  schema: [
    {
      type: 'gauntlet schema campaign > campaign.schema.json',
      does: 'for an editor, or to check files in CI',
    },
  ],
  completion: [
    { type: 'source <(gauntlet completion bash)', does: 'in ~/.bashrc' },
    { type: 'gauntlet completion fish | source', does: 'in ~/.config/fish/config.fish' },
  ],
};

/** The text below the help of a command. */
export function examplesText(path: string): string {
  const examples = EXAMPLES[path] ?? [];
  const width = Math.max(0, ...examples.map((one) => one.type.length));
  const lines = examples.map(({ type, does }) => `  ${type.padEnd(width)}  ${does}`);
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`;
}
