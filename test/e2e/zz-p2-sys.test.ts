import { readFileSync } from 'node:fs';
import { it } from 'vitest';
import { startKafka } from './support-services/kafka.ts';
import { startRedis } from './support-services/redis.ts';
import { freePorts } from './support-services/free-port.ts';
import { run, until } from './support-services/spawned.ts';
import { programPath } from '../../src/system/project.ts';
import { processStat } from '../../src/system/proc.ts';
import { TOPICS } from '../../src/sandbox/services/topics.ts';
import { SPECIALISTS } from '../../src/core/topology.ts';
const tools = JSON.parse(readFileSync('/tmp/tools/tools.json', 'utf8'));
it('sys', async () => {
  const k = await startKafka(tools, { nodes: 3, topics: TOPICS });
  const r = await startRedis(tools);
  const procs: any[] = [];
  const up = async (name: string, cfg: any) => {
    const t = performance.now();
    const p = run(process.execPath, [programPath(`sandbox/services/${name}/main`), JSON.stringify(cfg)]);
    procs.push(p);
    await until(() => p.output().includes('listening') || p.child.exitCode !== null, { timeoutMs: 60000, explain: p.output });
    console.log(name, cfg.instance, 'up', (performance.now() - t).toFixed(0), p.output().trim().slice(0, 300), 'cpu', processStat(p.child.pid!)?.cpuMs, 'rss', (processStat(p.child.pid!)?.rssBytes ?? 0) / 1e6 | 0);
    return p;
  };
  try {
    const ports = await freePorts(13);
    const redis = { host: r.host, port: r.port };
    const s0 = await up('specialist', { specialist: 'business', instance: 'business-1', host: '127.0.0.1', grpcPort: ports[0], httpPort: ports[5] });
    await Promise.all(SPECIALISTS.slice(1).map((s, i) => up('specialist', { specialist: s, instance: s + '-1', host: '127.0.0.1', grpcPort: ports[i + 1], httpPort: ports[6 + i] })));
    const g = await up('gateway', { instance: 'gateway-1', host: '127.0.0.1', httpPort: ports[10], kafkaBrokers: k.brokers, redis });
    const g2 = await up('gateway', { instance: 'gateway-2', host: '127.0.0.1', httpPort: ports[11], kafkaBrokers: k.brokers, redis });
    const h = await up('hive', { instance: 'hive-1', host: '127.0.0.1', httpPort: ports[12], kafkaBrokers: k.brokers, redis, specialists: Object.fromEntries(SPECIALISTS.map((s, i) => [s, `127.0.0.1:${ports[i]}`])) });
    const post = async (port: number, text: string) => {
      const s = performance.now();
      const res = await fetch(`http://127.0.0.1:${port}/intentions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text, correlation_id: crypto.randomUUID() }) });
      const body: any = await res.json();
      return { ms: performance.now() - s, status: res.status, word: body.status ?? body.detail };
    };
    console.log(await (await fetch(`http://127.0.0.1:${ports[12]}/ready`)).text());
    console.log(await post(ports[10]!, 'gerar relatório de vendas'));
    const load = async (rate: number, sec: number, mark?: (i: number) => void) => {
      const c0 = [g, g2, h].map(p => processStat(p.child.pid!)!.cpuMs); const jobs: Promise<any>[] = []; const t0 = performance.now();
      for (let i = 0; i < rate * sec; i++) { const due = t0 + i * 1000 / rate; const w = due - performance.now(); if (w > 0) await new Promise(r => setTimeout(r, w)); mark?.(i); jobs.push(post(ports[10 + (i % 2)]!, 'gerar relatório de vendas do cliente ' + i).then(x => ({ ...x, at: i / rate, ms: performance.now() - due }), e => ({ ms: 0, status: 'ERR', word: String(e.cause ?? e), at: i / rate }))); }
      const all = await Promise.all(jobs); const el = performance.now() - t0;
      const c = [g, g2, h].map((p, i) => processStat(p.child.pid!)!.cpuMs - c0[i]!);
      const ms = all.map(x => x.ms).sort((a, b) => a - b); const words: any = {}; all.forEach(x => { const w = x.status + ' ' + x.word; words[w] = (words[w] ?? 0) + 1; });
      console.log('rate', rate, 'p50', ms[ms.length >> 1]!.toFixed(1), 'p95', ms[Math.floor(ms.length * .95)]!.toFixed(1), 'p99', ms[Math.floor(ms.length * .99)]!.toFixed(1), 'max', ms.at(-1)!.toFixed(0), 'cpu/req', (c[0]! / (rate * sec / 2)).toFixed(2), (c[1]! / (rate * sec / 2)).toFixed(2), 'hive cpu %', (c[2]! / el * 100).toFixed(1), JSON.stringify(words));
      return all;
    };
    const admin = k.kafka.admin(); await admin.connect();
    const { execSync } = await import('node:child_process');
    const diag = async (w: string) => { console.log(w, execSync("ps -eo pid,pcpu,time,rss,args | grep 'gauntlet-services-kafka' | grep -v grep | awk '{print $1,$2,$3,$4}'").toString().replaceAll('\n', ' | '), execSync('uptime').toString().trim().slice(-40)); try { const m = await admin.fetchTopicMetadata(); console.log(m.topics.map(t => t.name + ' ' + t.partitions.map(p => p.leader + ':' + p.isr.join('')).join(' ')).join('; ')); } catch (e) { console.log('meta', String(e)); } };
    await diag('start');
    const { spawn } = await import('node:child_process'); const hogs = Array.from({ length: 6 }, () => spawn('timeout', ['25', 'sh', '-c', 'while :; do :; done']));
    await load(40, 5); await diag('a'); await load(100, 8); await diag('b'); await load(100, 8); await diag('c'); console.log('HIVE', h.output().slice(0, 6000)); 
    const grpc = await import('@grpc/grpc-js'); const { loadSync } = await import('@grpc/proto-loader');
    const def: any = grpc.loadPackageDefinition(loadSync('/work/main/proto/specialist.proto', { keepCase: true }));
    const c = new def.neural_hive.specialist.SpecialistService('127.0.0.1:' + ports[0], grpc.credentials.createInsecure());
    const plan = Buffer.from(JSON.stringify({ version: '1.0.0', plan_id: 'p', intent_id: 'i', original_domain: 'BUSINESS', original_priority: 'normal', tasks: [1, 2, 3].map(i => ({ task_id: 't' + i, task_type: 'x', description: 'd', dependencies: [], estimated_duration_ms: 5 })) }));
    for (let round = 0; round < 2; round++) { const c0 = processStat(s0.child.pid!)!.cpuMs; const jobs: Promise<number>[] = []; const t0 = performance.now(); for (let i = 0; i < 300; i++) { const due = t0 + i * 20; const w = due - performance.now(); if (w > 0) await new Promise(r => setTimeout(r, w)); jobs.push(new Promise(r => c.EvaluatePlan({ plan_id: 'p', cognitive_plan: plan }, () => r(performance.now() - due)))); } const ms = (await Promise.all(jobs)).sort((a, b) => a - b); console.log('specialist 50/s p50', ms[150]!.toFixed(1), 'p99', ms[297]!.toFixed(1), 'cpu ms/req', ((processStat(s0.child.pid!)!.cpuMs - c0) / 300).toFixed(2)); }
    c.close();
    await new Promise(r => setTimeout(r, 30000));
    const idle = [g, h, s0].map(p => processStat(p.child.pid!)!.cpuMs); await new Promise(r => setTimeout(r, 10000)); console.log('idle cpu % gateway hive specialist', [g, h, s0].map((p, i) => ((processStat(p.child.pid!)!.cpuMs - idle[i]!) / 100).toFixed(2)).join(' ')); await diag('end');
    for (const p of [g, g2, h, s0]) console.log(p.output().slice(-1500));
    const { BrokerConnection } = await import('../../src/sandbox/services/kafka/broker-connection.ts'); const { metadataRequest } = await import('../../src/sandbox/services/kafka/requests.ts');
    for (const b of k.brokers) { const [host, port] = b.split(':'); const c = new BrokerConnection({ nodeId: 0, host: host!, port: Number(port) }, { clientId: 'x', timeoutMs: 3000 }); const t = performance.now(); await c.call(metadataRequest([])).then(() => console.log(b, 'answers', performance.now() - t), e => console.log(b, e.message)); c.close(); }
    console.log('BROKERS', k.output().slice(-6000));
    const t = performance.now(); await Promise.all([g, h, s0].map(p => p.stop('SIGTERM'))); console.log('SIGTERM stop', performance.now() - t, g.child.exitCode, h.child.exitCode, s0.child.exitCode);
    const t2 = performance.now(); g2.child.stdin!.end(); await until(() => g2.child.exitCode !== null, { timeoutMs: 5000 }); console.log('eof', performance.now() - t2, g2.child.exitCode);
    await admin.disconnect();
  } finally { await Promise.all(procs.map(p => p.stop())); await r.stop(); await k.stop(); }
}, 200000);
