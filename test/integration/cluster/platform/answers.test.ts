import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { servicesAnswer } from '../../../../packages/test-cluster/src/platform/answers.ts';
import { GauntletError } from '../../../../src/core/errors.ts';
import { SPECIALISTS } from '../../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';

const open: Server[] = [];
const listen = async <S extends Server>(server: S): Promise<number> => {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
const alive = (): void => undefined;

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

describe('waiting for the services to answer', () => {
  const ready = () => createHttpServer((_, answer) => answer.end('ok'));
  const specialists = async () =>
    Object.fromEntries(
      await Promise.all(
        SPECIALISTS.map(
          async (one) =>
            [`specialist-${one}`, await listen(createHttp2Server() as unknown as Server)] as const,
        ),
      ),
    );

  it('dials again after a connection that was closed without an answer', async () => {
    let dialled = 0;
    const http = ready();
    const early = createTcpServer((socket) => {
      dialled += 1;
      if (dialled < 3) socket.destroy();
      else http.emit('connection', socket);
    });
    await servicesAnswer(
      { ...(await specialists()), gateway: await listen(early) },
      { timeoutMs: 5000, died: alive },
    );
    expect(dialled).toBe(3);
  });

  it('names a specialist whose port is open and silent only to be closed', async () => {
    const closing = await listen(createTcpServer((socket) => socket.destroy()));
    const ports = {
      ...(await specialists()),
      'specialist-behavior': closing,
      gateway: await listen(ready()),
    };
    const failure = await servicesAnswer(ports, { timeoutMs: 100, died: alive }).catch((error) => error);
    expect(failure).toBeInstanceOf(GauntletError);
    expect((failure as GauntletError).problems[0]).toMatchObject({
      subject: 'service specialist-behavior',
      expected: `an answer at 127.0.0.1:${closing} within 0.1 s`,
    });
  });

  it('gives up when the cluster has died', async () => {
    const closing = await listen(createTcpServer((socket) => socket.destroy()));
    const ports = { ...(await specialists()), gateway: closing };
    let asked = 0;
    const died = (): void => {
      asked += 1;
      if (asked > 10) throw new Error('etcd has ended');
    };
    await expect(servicesAnswer(ports, { timeoutMs: 60_000, died })).rejects.toThrow('etcd has ended');
  });
});
