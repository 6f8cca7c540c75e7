/** Connections that are held in pods without pods: open to whatever is asked for, until the test says otherwise. */
import type { HeldConnection, Holder } from '../../../../../src/kube/links/agent/holder.ts';
import type { NetPod } from '../../../../../src/kube/links/agent/net-pods.ts';

export class FakeHolder implements Holder {
  /** Which of the addresses answer a dial. */
  answers: (address: string) => boolean = () => true;
  /** What all that are held say from now on. */
  say: Partial<HeldConnection> = {};
  forget = (): void => this.#held.clear();
  readonly #held = new Map<string, HeldConnection[]>();

  async hold(pod: NetPod, _: string, addresses: readonly string[]): Promise<readonly HeldConnection[]> {
    const opened = addresses.map(
      (address): HeldConnection => ({
        address,
        state: this.answers(address) ? 'open' : 'failed',
        silentMs: 0,
        unanswered: 0,
        outcome: '',
      }),
    );
    this.#held.set(pod.uid, opened);
    return opened;
  }

  async held(pod: NetPod): Promise<readonly HeldConnection[]> {
    return (this.#held.get(pod.uid) ?? []).map((one) => ({ ...one, ...this.say }));
  }
}
