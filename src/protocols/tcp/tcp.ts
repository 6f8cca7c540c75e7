/** TCP: a connection is the answer. */
import { addressOf } from '../../core/address.ts';
import type { ProtocolFile } from '../line/protocol.ts';
import { connectDialler } from '../line/socket-line.ts';

export const tcp: ProtocolFile = {
  name: 'tcp',
  defaultPort: null,
  forms: [],
  builtIn: ['contract'],
  isStore: true,
  say: () => ({ asks: 'a connection', expects: 'that it is accepted' }),
  dialler: ({ at }) => connectDialler(addressOf(at.address), at.access),
};
