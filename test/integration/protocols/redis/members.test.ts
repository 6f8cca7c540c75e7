/** Lists of nodes and Sentinels that are wrong, or do not agree, at servers that say what a test wants. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { formatAddress } from '../../../../src/core/address.ts';
import { sayMembers } from '../../../../src/protocols/redis/members.ts';
import { SentinelLines } from '../../../../src/protocols/redis/sentinel-view.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
  for (const one of sockets.splice(0)) one.destroy();
  for (const one of servers.splice(0)) one.close();
});

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const list = (...items: readonly string[]): string => `*${items.length}\r\n${items.join('')}`;

/** Says this to every command; null: nothing at all. */
async function saying(answer: string | null): Promise<string> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => (answer === null ? undefined : socket.write(answer)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  return `127.0.0.1:${port}`;
}

const id = (digit: string): string => digit.repeat(40);
const WAIT_MS = 10_000;

describe('nodes of a Cluster', () => {
  it('that do not belong together are named, with what to do', async () => {
    const nodes = (own: string, ...others: readonly string[]): string =>
      bulk(
        [own, ...others]
          .map(
            (one, index) =>
              `${id(one)} 10.0.0.${index}:7000@17000 ${index === 0 ? 'myself,' : ''}master - 0 0 1 connected\n`,
          )
          .join(''),
      );
    const [member, alone, other] = [
      await saying(nodes('a', 'b', 'c')),
      await saying(nodes('d')),
      await saying(nodes('e', 'f')),
    ];
    const said = (...seeds: readonly string[]) => sayMembers({ kind: 'cluster', seeds }, undefined, WAIT_MS);
    await expect(said(member, alone)).rejects.toMatchObject({
      got: `${alone} is a node that knows no other, and no node of the Cluster of ${member}`,
      next: `Remove ${alone} from cluster, or join it: CLUSTER MEET.`,
    });
    await expect(said(other, member)).rejects.toMatchObject({
      got: `${other} is a node of another one, of 2 nodes, and no node of the Cluster of ${member}`,
    });
  });
});

describe('Sentinels', () => {
  const naming = (port: number): Promise<string> => saying(list(bulk('10.0.0.1'), bulk(String(port))));
  const master = async (...sentinels: readonly string[]): Promise<string> => {
    const lines = new SentinelLines({ kind: 'sentinels', sentinels, master: 'shop' }, WAIT_MS);
    closers.push(() => lines.close());
    return formatAddress(await lines.master());
  };

  it('name the master by most of them: one that was cut off or hangs changes nothing', async () => {
    const [old, now, also, silent] = [await naming(1), await naming(2), await naming(2), await saying(null)];
    expect(await master(old, now, also)).toBe('10.0.0.1:2');
    expect(await master(silent, now, also)).toBe('10.0.0.1:2');
  });

  it('that are left have to agree', async () => {
    const [old, now] = [await naming(1), await naming(2)];
    const gone = '127.0.0.1:1';
    expect(await master(gone, gone, now)).toBe('10.0.0.1:2');
    await expect(master(gone, old, now)).rejects.toMatchObject({
      message: 'the Sentinels do not agree on a master',
      got: 'the Sentinels name several masters: 10.0.0.1:1, 10.0.0.1:2',
    });
    await expect(master(gone, gone)).rejects.toThrow('ECONNREFUSED');
  });

  it('that do not know the name say so', async () => {
    const unknown = await saying('*-1\r\n');
    await expect(master(unknown)).rejects.toMatchObject({ message: 'the Sentinels know no master shop' });
  });
});
