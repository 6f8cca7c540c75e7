/** Platform `processes`: services of a user as plain processes of this machine, without any cluster, and a real Kafka. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryGroupOf, oomScoreAdjOf } from '../../src/system/memory-cgroup.ts';
import { argumentsOf, findProcesses, parentOf } from '../../src/system/processes/process-finder.ts';
import { tasksetVersion } from '../../src/system/stress/cpu-affinity.ts';
import { lacksMemoryGroups, MemoryHome } from '../support/memory-home.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { freePorts } from './support-services/free-port.ts';
import { brokerProperties, makeBroker } from './support-services/kafka.ts';
import { until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const canShareCpu = availableParallelism() > 1 && (await tasksetVersion()) !== undefined;
const reason = lacksMemoryGroups === null ? '' : ` (left out here: ${lacksMemoryGroups})`;
const home = new MemoryHome();
const bench = new Bench();
const file = join(bench.folder, 'shop.yaml');
const program = join(bench.folder, 'web.mjs');
const log = join(bench.folder, 'starts');
let port = 0;
let supervisor: ChildProcess;

const found = (): readonly number[] => findProcesses({ command: `${program} web` }).map((one) => one.pid);

function writeTarget(restart: string, service = 'web'): void {
  writeFileSync(
    file,
    `schema: gauntlet.target/1
name: shop
system: ./system.yaml
platform: processes
services:
  web:
    address: "http://127.0.0.1:${port}"
    find: { processes: { command: ${JSON.stringify(`${program} ${service}`)} } }
${restart}
policy: { optIn: true }
`,
  );
}

beforeAll(async () => {
  [port = 0] = await freePorts(1);
  writeFileSync(log, '');
  writeFileSync(
    program,
    `import { createServer } from 'node:http';
import { appendFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(log)}, process.pid + '\\n');
createServer((_, answer) => answer.end('ok')).listen(${port}, '127.0.0.1');
setTimeout(() => process.exit(), 240_000);`,
  );
  // A supervisor as a user has one: it starts the program again, whoever ended it.
  writeFileSync(
    join(bench.folder, 'system.yaml'),
    'schema: gauntlet.system/1\nname: shop\nsummary: a shop\nservices:\n  web: { http: { port: 8080, ask: { ready: { get: /, good: 200 } } } }\n',
  );
  supervisor = spawn(
    '/bin/sh',
    ['-c', `${home.enter}while :; do ${process.execPath} ${program} web; sleep 0.2; done`],
    {
      stdio: 'ignore',
    },
  );
  await until(() => found().length === 1, { timeoutMs: 20_000, explain: () => 'the service did not start' });
  writeTarget('    restart: supervisor');
});

afterAll(async () => {
  supervisor.kill('SIGKILL');
  for (const pid of found()) signalProcess(pid, 'SIGKILL');
  expect(await bench.quiet(5000)).toEqual([]);
  await home.remove();
});

const inject = (...words: string[]) => bench.start(['inject', ...words, '--target', file, '--yes']);

describe('a target of processes', () => {
  it('says which faults work there', async () => {
    const { stdout } = await bench.run('doctor', '--quiet', '--target', file);
    expect(stdout).toMatch(/kill-pod +works +would take web-1 \(pid \d+\)/);
    expect(stdout).toMatch(/pause-pod +works/);
    expect(stdout).toMatch(/restart-storm +works/);
    expect(stdout).toMatch(canShareCpu ? /cpu-stress +works/ : /cpu-stress +no/);
    expect(stdout).toMatch(lacksMemoryGroups === null ? /memory-stress +works/ : /memory-stress +no/);
  });

  it('kills exactly that process, and reports how its successor comes back', async () => {
    const [victim] = found();
    const { code, stdout, stderr } = await inject('kill-pod', 'service=web', 'accept-outage=true').finished;
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    expect(`${stdout}${stderr}`).toContain(`web-1 (pid ${victim})`);
    expect(found()).toHaveLength(1);
    expect(found()).not.toContain(victim);
  });

  it.skipIf(lacksMemoryGroups !== null)(
    `uses up the memory of a process until the kernel kills it, and reports how it comes back${reason}`,
    async () => {
      const [victim] = found();
      const words = ['memory-stress', 'service=web', 'size=96MiB', 'accept-outage=true'];
      const { code, stdout, stderr } = await inject(...words).finished;
      expect(code, `${stdout}\n${stderr}`).toBe(0);
      expect(stdout).toContain('the kernel killed the victim for lack of memory (oom_kill 1)');
      expect(stdout).toContain('process gone to successor started');
      expect(found()).toHaveLength(1);
      expect(found()).not.toContain(victim);
      expect(home.left()).toEqual([]);
    },
  );

  it.skipIf(lacksMemoryGroups !== null)(
    `leaves no hog, no group and no score when harness and holder are killed${reason}`,
    async () => {
      const harness = inject('memory-stress', 'service=web', 'size=96MiB', 'accept-outage=true');
      await expect.poll(() => home.left(), { timeout: 20_000, interval: 1 }).toHaveLength(1);
      const { pid: killed = 0 } = harness.child;
      const holders = findProcesses({ command: 'stress-holder-main.js' });
      const own = holders.map((one) => one.pid).filter((pid) => parentOf(pid) === killed);
      expect(own).toHaveLength(1);
      for (const pid of [killed, ...own]) signalProcess(pid, 'SIGKILL');
      const state = (): readonly unknown[] => [
        ...found().map((pid) => [memoryGroupOf(pid), oomScoreAdjOf(pid)]),
        home.left(),
      ];
      await expect.poll(state, { timeout: 20_000 }).toEqual([[home.group, 0], []]);
      expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
      expect((await bench.run('recover')).stdout).toContain('Nothing to undo.');
      await until(() => found().length === 1, { timeoutMs: 20_000, explain: () => 'it did not come back' });
    },
  );

  it('lets a paused process go on when the harness is killed', async () => {
    const harness = inject('pause-pod', 'service=web', 'accept-outage=true', '--for', '60s');
    await harness.said('injected, proven');
    const [pid = 0] = found();
    const state = (): string =>
      /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
    expect(state()).toBe('T');
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await expect.poll(state, { timeout: 15_000 }).not.toBe('T');
    expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
  });

  it('refuses to kill what nothing starts again, with the way out', async () => {
    writeTarget('');
    const { code, stderr } = await inject('kill-pod', 'service=web', 'accept-outage=true').finished;
    expect(code).toBe(77);
    expect(stderr).toContain('nothing is known to start it again');
    expect(stderr).toContain('restart: supervisor');
  });

  it('runs the command that starts a service again, also when the harness dies with its victim', async () => {
    supervisor.kill('SIGKILL');
    const again = `${process.execPath} ${program} web`;
    writeTarget(`    restart: ${JSON.stringify(again)}`);
    const [victim = 0] = found();
    const harness = inject('kill-pod', 'service=web', 'accept-outage=true');
    await expect.poll(() => found().includes(victim), { timeout: 20_000, interval: 5 }).toBe(false);
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await expect.poll(found, { timeout: 15_000 }).toHaveLength(1);
    expect(found()).not.toContain(victim);
    await bench.run('recover');
  });
});

/** Their ids are not the order of their addresses: only Kafka says which is which. */
const IDS = [12, 10, 11] as const;

describe('brokers of one Kafka', () => {
  const target = join(bench.folder, 'bus.yaml');
  const found = (): readonly number[] => findProcesses({ command: 'kafka.Kafka' }).map((one) => one.pid);
  const own = new Set<number>();

  beforeAll(async () => {
    const tools = await requireTestTools(['java', 'kafka']);
    const ports = await freePorts(IDS.length * 2);
    const at = (index: number): string => `127.0.0.1:${ports[index]}`;
    const voters = IDS.map((id, index) => `${id}@${at(index + IDS.length)}`).join(',');
    const before = new Set(found());
    let again = '';
    for (const [index, id] of IDS.entries()) {
      const [client, controller] = [at(index), at(index + IDS.length)];
      const properties = brokerProperties({ id, nodes: IDS.length, voters, client, controller });
      const command = makeBroker(tools, join(bench.folder, `b${id}`), properties);
      again = command.join(' ').replaceAll(`b${id}`, 'b{broker}');
      const [java = 'java', ...words] = command;
      spawn(java, words, { stdio: 'ignore', detached: true }).unref();
    }
    await until(() => found().length === before.size + IDS.length, { timeoutMs: 20_000 });
    for (const pid of found()) if (!before.has(pid)) own.add(pid);
    writeFileSync(
      join(bench.folder, 'bus-system.yaml'),
      'schema: gauntlet.system/1\nname: bus\nsummary: a bus\nservices:\n  kafka: { kafka: { port: 9092 } }\n',
    );
    const address = IDS.map((id, index) => ({
      ...{ id, address: at(index), controller: at(index + IDS.length) },
    }));
    writeFileSync(
      target,
      `schema: gauntlet.target/1
name: bus
system: ./bus-system.yaml
platform: processes
services:
  kafka: { address: ${JSON.stringify(address)}, restart: ${JSON.stringify(again)} }
policy: { optIn: true }
`,
    );
  }, 60_000);

  afterAll(() => {
    for (const pid of [...own, ...found()]) if (isOurs(pid)) signalProcess(pid, 'SIGKILL');
  });

  /** Other tests have brokers too. */
  const isOurs = (pid: number): boolean => argumentsOf(pid).some((word) => word.startsWith(bench.folder));

  it('are found by what each answers at its port, and the one that is meant is killed and started again', async () => {
    const harness = () =>
      bench.run('inject', 'kill-broker', 'broker=controller', '--target', target, '--yes');
    let { code, stdout, stderr } = await harness();
    // Brokers that have just started have no controller, and no quorum, yet.
    for (const until = Date.now() + 40_000; code !== 0 && Date.now() < until; )
      ({ code, stdout, stderr } = await harness());
    expect(code, stdout + stderr).toBe(0);
    const [, id, pid] =
      /^kill-broker on kafka-(\d+)-1 \(pid (\d+)\) \(active controller\): injected/m.exec(stdout) ?? [];
    expect(own.has(Number(pid)), stdout).toBe(true);
    const successor = findProcesses({
      command: `kafka.Kafka ${join(bench.folder, `b${id}`, 'server.properties')}`,
    });
    expect(successor.map((one) => one.pid)).toHaveLength(1);
    expect(successor[0]?.pid).not.toBe(Number(pid));
    expect(found()).not.toContain(Number(pid));
  }, 90_000);
});
