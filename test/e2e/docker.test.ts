/** Platform `docker`: a Compose project on a real engine. Skipped with the reason where there is none. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MIB } from '../../src/core/acts/memory-acts.ts';
import { cpuGroupOf, limitOf } from '../../src/system/cpu-cgroup.ts';
import { memoryGroupOf, processesIn, whyNoGroupIn } from '../../src/system/memory-cgroup.ts';
import { isAlive, processStat } from '../../src/system/proc.ts';
import { inspect } from '../../src/targets/docker/containers.ts';
import { agentsOn } from '../../src/targets/docker/links/net-agents.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { lacksEngine, TestEngine } from './support-docker/engine.ts';
import { freePorts } from './support-services/free-port.ts';

const noMemory = whyNoGroupIn(memoryGroupOf(process.pid));
const reason = noMemory === null ? '' : ` (left out here: ${noMemory})`;
const bench = new Bench();
const file = join(bench.folder, 'shop.yaml');

describe.skipIf(lacksEngine !== null)(lacksEngine ?? 'a target of containers', () => {
  let docker: TestEngine;
  let web = '';
  let busy = '';
  let hungry = '';

  beforeAll(async () => {
    docker = new TestEngine();
    const [port = 0] = await freePorts(1);
    await docker.start();
    await docker.makeImage();
    await docker.makeAgentImage();
    await docker.network('shop', '10.213.77.0/28');
    web = await docker.run('web', port);
    await docker.run('billing', 0, { policy: 'no' });
    await docker.run('cache', 0, { labels: {} });
    const store =
      "require('net').createServer((s)=>s.on('data',(d)=>s.write(d)).on('error',()=>{})).listen(7000)";
    await docker.run('store', 0, { network: 'shop', program: store });
    const front =
      "setInterval(()=>{const s=require('net').connect(7000,'shop-store-1',()=>s.end('x'));s.on('error',()=>{})},50)";
    await docker.run('front', 0, { network: 'shop', program: front });
    // 20 ms of work, whatever time that takes, and 40 ms of rest.
    const worker =
      'setInterval(()=>{const s=process.cpuUsage();let u;do u=process.cpuUsage(s);while(u.user+u.system<20000)},40)';
    // So little that it reaches its limit on a busy machine too.
    busy = await docker.run('busy', 0, { network: 'shop', program: worker, cpus: 0.1 });
    // Two processes, of which only the first can be the victim.
    const pair =
      "require('child_process').spawn('/usr/bin/node',['-e','setInterval(()=>{},1000)']);setInterval(()=>{},1000)";
    hungry = await docker.run('hungry', 0, { program: pair, memoryMiB: 512 });
    writeFileSync(
      join(bench.folder, 'system.yaml'),
      `schema: gauntlet.system/1
name: shop
summary: a shop
services:
  web: { http: { port: 8080, ask: { ready: { get: /, good: 200 } } }, replicas: { min: 0, max: 1 } }
  billing: { tcp: 7000 }
  busy: { tcp: 7003 }
  cache: { tcp: 7001 }
  front: { tcp: 7002 }
  hungry: { tcp: 7004 }
  store: { tcp: 7000 }
links: ["front -> store"]
`,
    );
    writeFileSync(
      file,
      `schema: gauntlet.target/1
name: shop
system: ./system.yaml
platform: docker
docker: { host: "unix://${docker.socket}", project: shop }
services: { web: { address: "http://127.0.0.1:${port}" } }
policy: { optIn: true }
`,
    );
  }, 90_000);

  afterAll(async () => {
    await docker.stop();
    expect(await bench.quiet(5000)).toEqual([]);
  }, 60_000);

  const inject = (...words: string[]) => bench.start(['inject', ...words, '--target', file, '--yes']);
  const state = async () => await inspect(docker.engine, web);

  it('says which faults work there', async () => {
    const { stdout } = await bench.run('doctor', '--quiet', '--target', file);
    expect(stdout).toMatch(/kill-pod +works +would take shop-web-1 \(container [0-9a-f]{8}\)/);
    expect(stdout).toMatch(/pause-pod +works/);
    expect(stdout).toMatch(/restart-storm +works/);
    expect(stdout).toMatch(/cpu-stress +works/);
    expect(stdout).toMatch(noMemory === null ? /memory-stress +works/ : /memory-stress +no/);
    expect(stdout).toMatch(/cut-link +works +would take front->store/);
    expect(stdout).toMatch(/slow-link +works .*bandwidth/);
    expect(stdout).toMatch(/scale +works +would take Compose service web of web \(1 to 0\)/);
  });

  it('ends the main process as a crash does, and reports how the policy brings it back', async () => {
    const before = await state();
    const { code, stdout, stderr } = await inject('kill-pod', 'service=web').finished;
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    expect(stdout).toContain('Replaced by its restart policy unless-stopped.');
    expect(stdout).toMatch(/process gone to successor started/);
    expect(await state()).toMatchObject({ isRunning: true, restarts: (before?.restarts ?? 0) + 1 });
  });

  it.skipIf(noMemory !== null)(
    `uses up the memory of a container until the kernel kills it, and its policy brings it back${reason}`,
    async () => {
      const groupOf = async () => memoryGroupOf((await inspect(docker.engine, hungry))?.pid ?? 0) ?? '';
      const group = await groupOf();
      await expect.poll(() => processesIn(group), { timeout: 15_000 }).toHaveLength(2);
      const both = processesIn(group).flatMap((pid) => processStat(pid) ?? []);
      const { code, stdout, stderr } = await inject('memory-stress', 'service=hungry', 'size=96MiB').finished;
      expect(code, `${stdout}\n${stderr}`).toBe(0);
      expect(stdout).toContain('the kernel killed the victim for lack of memory (oom_kill 1)');
      expect(stdout).toContain('Replaced by its restart policy unless-stopped.');
      expect(stdout).toContain('exit code 137 and not OOMKilled');
      const after = await inspect(docker.engine, hungry);
      expect(after).toMatchObject({ isRunning: true, restarts: 1 });
      // With the main process the whole container ended; the new run has its own limit, and nothing of ours.
      expect(both.filter(({ pid, startTicks }) => isAlive(pid, startTicks))).toEqual([]);
      expect(await groupOf()).toBe(group);
      expect(readFileSync(join(group, 'memory.limit_in_bytes'), 'utf8').trim()).toBe(String(512 * MIB));
      expect(readdirSync(group).filter((name) => name.startsWith('gauntlet'))).toEqual([]);
    },
  );

  it('lets a paused container go on when the harness is killed', async () => {
    const harness = inject('pause-pod', 'service=web', '--for', '60s');
    await harness.said('injected, proven');
    expect((await state())?.isPaused).toBe(true);
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await expect.poll(async () => (await state())?.isPaused, { timeout: 15_000 }).toBe(false);
    expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
  });

  it('stops the containers of a service for a while, and starts them when the harness is killed', async () => {
    const harness = inject('scale', 'service=web', 'to=0', 'accept-outage=true', '--for', '60s');
    await harness.said('injected, proven');
    expect((await state())?.isRunning).toBe(false);
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await expect.poll(async () => (await state())?.isRunning, { timeout: 25_000 }).toBe(true);
    expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
  });

  it('lowers the CPU limit of a container that works, and gives it back when the harness is killed', async () => {
    const group = cpuGroupOf((await inspect(docker.engine, busy))?.pid ?? 0, busy);
    if (group === undefined) throw new Error('no control group');
    const before = limitOf(group);
    expect(before).toEqual({ quotaUs: 10_000, periodUs: 100_000 });
    const harness = inject('cpu-stress', 'service=busy', 'workers=8', '--for', '60s');
    await harness.said('injected, proven');
    expect(limitOf(group)).toEqual({ quotaUs: 1000, periodUs: 90_000 });
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await expect.poll(() => limitOf(group), { timeout: 15_000 }).toEqual(before);
    expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
  });

  it('cuts a link in the network of the container that dials, and leaves nothing when the harness is killed', async () => {
    const harness = inject('cut-link', 'from=front', 'to=store', '--for', '60s');
    await harness.said('injected, proven');
    expect(await agentsOn(docker.engine)).toHaveLength(1);
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    const left = async () => (await agentsOn(docker.engine)).length;
    await expect.poll(left, { timeout: 25_000 }).toBe(0);
    expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
    const { stdout } = await bench.run('recover');
    expect(stdout).toContain('Nothing to undo.');
  });

  it('cuts a container off from everything, in its own network, and proves that too', async () => {
    const { code, stdout, stderr } = await inject('cut-link', 'from=store', 'to=everything', '--for', '1s')
      .finished;
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    expect(stdout).toContain('All their traffic is meant');
    expect(await agentsOn(docker.engine)).toEqual([]);
  });

  it('refuses what nobody starts again, and whose owner has not agreed, with the way out', async () => {
    const lost = await inject('kill-pod', 'service=billing').finished;
    expect(lost.code).toBe(77);
    expect(lost.stderr).toContain('it has no restart policy: no owner replaces it');
    expect(lost.stderr).toContain('restart: unless-stopped');
    const strange = await inject('pause-pod', 'service=cache', '--for', '5s').finished;
    expect(strange.code).toBe(77);
    expect(strange.stderr).toContain('expected label gauntlet.opt-in=true on the container, got none');
  });
});
