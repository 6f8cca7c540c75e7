/** Why a requested container does not run yet, with the kubelet's reason. */

/** The part of `v1.ContainerStateWaiting` that is read. */
export interface WaitingJson {
  readonly reason?: string;
  readonly message?: string;
}

export interface Waiting {
  /** `ImagePullBackOff: ...`. */
  readonly why: string;
  /**
   * The kubelet cannot pull the image or cannot create the container: it repeats this, and never gives up.
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

/** Without a reason the kubelet has not processed it yet. */
export const waitingOf = ({ reason = 'not started', message = '' }: WaitingJson = {}): Waiting => ({
  why: message === '' ? reason : `${reason}: ${message}`,
  isHopeless: HOPELESS.has(reason),
});
