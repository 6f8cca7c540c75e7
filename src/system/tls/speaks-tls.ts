/** Whether a server speaks TLS, whatever its certificate is: a greeting that changes nothing there. */
import { connect } from 'node:tls';

/** False also when nothing listens. */
export function speaksTls(host: string, port: number, deadlineMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    // No question follows, and nothing is believed.
    const socket = connect({ host, port, servername: '', rejectUnauthorized: false });
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), deadlineMs);
    socket.once('secureConnect', () => end(true));
    // An alert is a word of TLS: of a server that wants another name, or a certificate of ours.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(/_ALERT_|UNRECOGNIZED_NAME/.test(error.code ?? '')),
    );
    socket.once('close', () => end(false));
  });
}
