/** Why a container that was asked for does not run yet, in the kubelet's words. */

/** The part of `v1.ContainerStateWaiting` that is read. */
export interface WaitingJson {
  readonly reason?: string;
  readonly message?: string;
}

export interface Waiting {
  /** `ImagePullBackOff: ...`. */
  readonly why: string;
  /**
   * The kubelet cannot have the image or cannot make the container: it says so again and again, and never
   * gives up.
   */
  readonly isHopeless: boolean;
}

const HOPELESS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerError',
  'CreateContainerConfigError',
]);

/** Without a reason it was not looked at yet. */
export const waitingOf = ({ reason = 'not started', message = '' }: WaitingJson = {}): Waiting => ({
  why: message === '' ? reason : `${reason}: ${message}`,
  isHopeless: HOPELESS.has(reason),
});
