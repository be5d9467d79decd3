/** Signals that ask for the end, as something that long work can look at. */
export interface StopSignals {
  readonly signal: AbortSignal;
  /** Listens no more, and dies of the signal that came, so that the shell learns of it: 130 or 143. */
  release(): void;
}

/** The first signal asks; a second one is not waited for. `onAsked` hears of the first. */
export function listenForStop(onAsked: () => void): StopSignals {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    received = signal;
    for (const each of signals) process.removeListener(each, stop);
    onAsked();
    controller.abort(new Error(`stopped by ${signal}`));
  };
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.removeListener(signal, stop);
      if (received !== undefined) process.kill(process.pid, received);
    },
  };
}

/** Whether an error is only the answer to the signal. What the command returns then is not seen: `release` ends it. */
export function wasStopped({ signal }: StopSignals, error: unknown): boolean {
  return signal.aborted && error === signal.reason;
}
