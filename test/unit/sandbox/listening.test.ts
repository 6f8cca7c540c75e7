import { describe, expect, it } from 'vitest';
import { isWildcard, readListening } from '../../../packages/sandbox/src/supervisor/listening.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (local: string, state: string, inode: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0\n`;

describe('the listening sockets of the kernel', () => {
  it('are its rows in state LISTEN, with addresses in the order of people', () => {
    const table = HEAD + row('1500110A:1F90', '0A', 11) + row('0100007F:A1B2', '01', 12);
    expect(readListening(table)).toEqual([{ socket: { host: '10.17.0.21', port: 8080 }, inode: '11' }]);
  });

  it('are on all addresses with 0.0.0.0 and with ::', () => {
    const four = readListening(HEAD + row('00000000:1F90', '0A', 1));
    const six = readListening(HEAD + row('00000000000000000000000000000000:1F90', '0A', 2));
    const mapped = readListening(HEAD + row('0000000000000000FFFF00000100007F:1F90', '0A', 3));
    expect([...four, ...six, ...mapped].map(({ socket }) => socket.host)).toEqual([
      '0.0.0.0',
      '::',
      '127.0.0.1',
    ]);
    expect([...four, ...six, ...mapped].map(({ socket }) => isWildcard(socket))).toEqual([true, true, false]);
  });
});
