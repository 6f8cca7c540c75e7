/** The harness dies at drawn instants while it breaks containers of a real engine, and nothing of its fault is left. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCKER_BOUND_MS, tortureDocker } from '../torture/docker.ts';
import { summary } from '../torture/torture.ts';
import { lacksEngine, TestEngine } from './support-docker/engine.ts';

/** Rounds begin for so long; GAUNTLET_TORTURE_ROUNDS asks for more of them, and GAUNTLET_TORTURE_SEED for the same ones. */
const MOST_MS = 30_000;
const { GAUNTLET_TORTURE_ROUNDS: asked, GAUNTLET_TORTURE_SEED: again } = process.env;

describe.skipIf(lacksEngine !== null)(lacksEngine ?? 'containers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-docker-torture-'));
  const target = join(folder, 'shop.yaml');
  const containers: string[] = [];
  let docker: TestEngine;

  beforeAll(async () => {
    docker = new TestEngine();
    await docker.start();
    await docker.makeImage();
    await docker.makeAgentImage();
    await docker.network('shop', '10.213.78.0/28');
    // The main process of a container ignores signals that it does not handle, as `store` does.
    const idle = "process.on('SIGTERM',()=>process.exit(0));setInterval(()=>{},1000)";
    const work =
      'setInterval(()=>{const s=process.cpuUsage();let u;do u=process.cpuUsage(s);while(u.user+u.system<20000)},40)';
    const store =
      "require('net').createServer((s)=>s.on('data',(d)=>s.write(d)).on('error',()=>{})).listen(7000)";
    const front =
      "setInterval(()=>{const s=require('net').connect(7000,'shop-store-1',()=>s.end('x'));s.on('error',()=>{})},50)";
    const programs = { web: idle, orders: idle, billing: idle, busy: work, store, front };
    for (const [service, program] of Object.entries(programs))
      containers.push(await docker.run(service, 0, { network: 'shop', program }));
    const services = Object.keys(programs).map(
      (name, index) => `  ${name}: { tcp: ${7000 + index}, replicas: { min: 0, max: 1 } }`,
    );
    writeFileSync(
      join(folder, 'system.yaml'),
      `schema: gauntlet.system/1\nname: shop\nsummary: a shop\nservices:\n${services.join('\n')}\nlinks: ["front -> store"]\n`,
    );
    const engine = `docker: { host: "unix://${docker.socket}", project: shop }`;
    writeFileSync(
      target,
      `schema: gauntlet.target/1\nname: shop\nsystem: ./system.yaml\nplatform: docker\n${engine}\nservices: {}\npolicy: { optIn: true }\n`,
    );
  }, 90_000);

  afterAll(async () => {
    await docker.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it(
    'are as before, whenever the harness is killed',
    async () => {
      const lines: string[] = [];
      const seed = again === undefined ? Date.now() % 1_000_000 : Number(again);
      const rounds = await tortureDocker({
        ...{ seed, engine: docker.engine, target, containers },
        places: { cache: join(folder, 'cache'), state: join(folder, 'state') },
        indices: Array.from({ length: Number(asked ?? 9) }, (_, index) => index),
        killed: ['web', 'orders', 'billing'],
        busy: 'busy',
        link: { from: 'front', to: 'store' },
        print: (line) => {
          lines.push(line);
          if (asked !== undefined) console.log(line);
        },
        mostMs: asked === undefined ? MOST_MS : Number.POSITIVE_INFINITY,
      });
      const said = [...lines, summary(seed, rounds, DOCKER_BOUND_MS)].join('\n');
      if (asked !== undefined) console.log(said.split('\n').at(-1));
      expect(
        rounds.flatMap((one) => one.left),
        said,
      ).toEqual([]);
      expect(rounds.length, said).toBeGreaterThan(0);
    },
    asked === undefined ? 180_000 : 3_600_000,
  );
});
