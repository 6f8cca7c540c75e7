import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisLine } from '../../../../src/protocols/redis/line.ts';
import { RedisReplyError, RespReader, type RespValue } from '../../../../src/protocols/redis/resp-reader.ts';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

/** A server that is written by the test; `serve` gets every chunk. */
async function server(serve: (chunk: string, socket: Socket) => void, greet?: (socket: Socket) => void) {
  const listener = createServer((socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => serve(chunk.toString(), socket));
    greet?.(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  closers.push(() => listener.close());
  const address = listener.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const line = await RedisLine.open({ host: '127.0.0.1', port }, 1000);
  closers.push(() => line.close());
  return line;
}

const encode = (value: RespValue): string => {
  if (value === null) return '$-1\r\n';
  if (typeof value === 'number') return `:${value}\r\n`;
  if (typeof value === 'string') return `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
  return `*${value.length}\r\n${value.map(encode).join('')}`;
};

describe('a reply', () => {
  it('is read as it was written, and only when it is whole', () => {
    const { value } = fc.letrec<{ value: RespValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 2 },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.integer(), (reply, next) => {
        const bytes = Buffer.from(encode(reply));
        const reader = new RespReader();
        for (const byte of bytes.subarray(0, -1)) expect(reader.push(Buffer.from([byte]))).toEqual([]);
        expect(reader.push(Buffer.concat([bytes.subarray(-1), Buffer.from(`:${next}\r\n`)]))).toEqual([
          reply,
          next,
        ]);
        expect(reader.kept).toBe(0);
      }),
    );
  });
});

describe('a line to Redis', () => {
  it('sends a command with the length of each part in bytes', async () => {
    const asked: string[] = [];
    const line = await server((chunk, socket) => {
      asked.push(chunk);
      socket.write('+OK\r\n');
    });
    expect(await line.call(['SET', 'ação', ''], 1000)).toBe('OK');
    expect(asked).toEqual(['*3\r\n$3\r\nSET\r\n$6\r\nação\r\n$0\r\n\r\n']);
  });

  it('gives each call its own answer, also after one that came too late', async () => {
    const sockets: Socket[] = [];
    const line = await server((_chunk, socket) => sockets.push(socket));
    const first = line.call(['A'], 20);
    await expect(first).rejects.toThrow('no answer in 20 ms');
    const second = line.call(['B'], 1000);
    while (sockets.length < 2) await new Promise((resolve) => setImmediate(resolve));
    sockets[0]?.write('+late\r\n+own\r\n');
    expect(await second).toBe('own');
  });

  it('rejects with the error of the server, and stays usable', async () => {
    const words = ['-ERR unknown command\r\n', '+PONG\r\n'];
    const line = await server((_chunk, socket) => socket.write(words.shift() ?? ''));
    await expect(line.call(['X'], 1000)).rejects.toEqual(new RedisReplyError('ERR unknown command'));
    expect([await line.call(['PING'], 1000), line.closed]).toEqual(['PONG', false]);
  });

  it('is lost with the reason of a server that turns it away unasked', async () => {
    const line = await server(
      () => undefined,
      (socket) => socket.end('-ERR max number of clients reached\r\n'),
    );
    while (!line.closed) await new Promise((resolve) => setImmediate(resolve));
    await expect(line.call(['PING'], 1000)).rejects.toThrow('ERR max number of clients reached');
  });

  it('rejects what is under way when the connection is closed', async () => {
    const line = await server((_chunk, socket) => socket.destroy());
    await expect(line.call(['PING'], 1000)).rejects.toThrow('connection closed');
    expect(line.closed).toBe(true);
  });
});
