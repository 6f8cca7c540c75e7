import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy } from '../../../packages/link-proxy/src/proxy.ts';
import { Rig, until } from './rig.ts';

describe('a link without impairments', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.close());

  it('carries every byte both ways, in order, and counts them', async () => {
    await rig.start({ link: [{ port: await rig.server({ echo: true }) }] });
    const client = await rig.dial('link');
    const sent = randomBytes(8_000_000);
    client.socket.write(sent);
    await until(() => client.received === sent.length);
    expect(client.bytes.equals(sent)).toBe(true);
    const flow = { bytes: sent.length, chunks: expect.any(Number), heldMs: 0, stuckBytes: 0 };
    expect(await rig.links()).toEqual([
      {
        name: 'link',
        from: 'client',
        to: 'server',
        connections: 1,
        bytes: 16_000_000,
        traffic: { toServer: flow, toClient: flow, waiting: 0, resets: 0, rejected: 0 },
        impairedBy: [],
      },
    ]);
  });

  it('keeps a half-closed connection half open', async () => {
    await rig.start({ link: [{ port: await rig.server() }] });
    const client = await rig.dial('link');
    client.socket.end('question');
    await until(() => rig.accepted[0]?.ended === true);
    const server = rig.accepted[0];
    server?.socket.end('late answer');
    await until(() => client.ended && client.closed);
    expect(client.bytes.toString()).toBe('late answer');
    expect([client.failure, server?.failure]).toEqual([undefined, undefined]);
    await until(() => server?.closed === true);
    expect((await rig.links())[0]?.connections).toBe(0);
  });

  it('hands a reset on to the other side, either way', async () => {
    await rig.start({ link: [{ port: await rig.server() }] });
    const one = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    one.socket.resetAndDestroy();
    await until(() => rig.accepted[0]?.closed === true);
    expect(rig.accepted[0]?.failure).toBe('ECONNRESET');
    const two = await rig.dial('link');
    await until(() => rig.accepted.length === 2);
    rig.accepted[1]?.socket.resetAndDestroy();
    await until(() => two.closed);
    expect(two.failure).toBe('ECONNRESET');
  });

  it('goes round the ready servers and leaves the others alone', async () => {
    const ports = [await rig.server(), await rig.server(), await rig.server()];
    await rig.start({ link: ports.map((port, index) => ({ port, ready: index !== 1 })) });
    for (let dialled = 1; dialled <= 4; dialled += 1) {
      await rig.dial('link');
      await until(() => rig.accepted.length === dialled);
    }
    const reached = rig.accepted.map((side) => ports.indexOf(side.socket.localPort ?? 0)).sort();
    expect(reached).toEqual([0, 0, 2, 2]);
  });

  it('resets a new connection when no server is ready, and leaves open ones alone', async () => {
    const port = await rig.server({ echo: true });
    await rig.start({ link: [{ port }] });
    const open = await rig.dial('link');
    await until(() => rig.accepted.length === 1);
    await rig.upstreams('link', [{ port, ready: false }]);
    const refused = await rig.dial('link');
    await until(() => refused.closed);
    expect(refused.failure).toBe('ECONNRESET');
    open.socket.write('still here');
    await until(() => open.received === 10);
    await rig.upstreams('link', [{ port, ready: true }]);
    await rig.dial('link');
    await until(() => rig.accepted.length === 2);
  });

  it('resets the client when the server refuses', async () => {
    await rig.start({ link: [{ port: 1 }] });
    const client = await rig.dial('link');
    await until(() => client.closed);
    expect(client.failure).toBe('ECONNRESET');
  });

  it('stops reading when the receiver does not take, instead of piling up', async () => {
    await rig.start({ link: [{ port: await rig.server({ paused: true }) }] });
    const client = await rig.dial('link');
    const total = 64 * 1024 * 1024;
    client.socket.write(Buffer.alloc(total));
    let stood = -1;
    // Stands still: two looks at the counter that see the same.
    for (let bytes = 0; bytes !== stood || bytes === 0; ) {
      stood = bytes;
      await new Promise((resolve) => setTimeout(resolve, 50));
      bytes = (await rig.links())[0]?.bytes ?? 0;
    }
    expect(stood).toBeLessThan(total / 2);
    rig.accepted[0]?.socket.resume();
    await until(() => rig.accepted[0]?.received === total);
  });

  it('says which call it does not know and which link there is not', async () => {
    await rig.start({ link: [{ port: await rig.server() }] });
    await expect(rig.impair('f1', ['lonk'], { kind: 'cut' })).rejects.toThrow(
      `${rig.control} PUT /impairments: expected an answer, got links[0]: expected one of link, got "lonk"..`,
    );
    expect((await rig.links())[0]?.impairedBy).toEqual([]);
    expect(await rig.heal('never-there')).toBe(false);
  });

  it('names every address that is taken and opens nothing then', async () => {
    const [first, second] = [await rig.server(), await rig.server()];
    const link = (name: string, port: number) => ({
      name,
      from: 'a',
      to: 'b',
      listen: { host: '127.0.0.1', port },
      upstreams: [],
    });
    const config = { controlSocket: rig.control, links: [link('one', first), link('two', second)] };
    await expect(startProxy(config)).rejects.toThrow(
      `link one: expected to listen on 127.0.0.1:${first}, got EADDRINUSE.\nlink two: expected to listen on 127.0.0.1:${second}, got EADDRINUSE.`,
    );
  });
});
