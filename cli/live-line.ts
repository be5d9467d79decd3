import type { Terminal } from './terminal.ts';

/** At most this often a terminal is written to, and a pipe, in milliseconds. */
const terminalPause = 100;
const pipePause = 10_000;

/**
 * Says how far long work is: on a terminal in one line that changes, in a pipe in a plain line now and then. The rate is
 * that of the last stretch, so that it follows what is going on.
 */
export class LiveLine {
  readonly #terminal: Terminal;
  #shownAt = -Infinity;
  #what = '';
  #start = { at: 0, done: 0 };

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** `done` of `total` units, for instance images, are done; `note` stands in front of rate and time left. */
  update(what: string, done: number, total: number, unit: string, note = ''): void {
    const now = performance.now();
    if (what !== this.#what || done < this.#start.done) {
      this.#what = what;
      this.#start = { at: now, done };
      // A pipe hears of work that takes long, not of all work.
      this.#shownAt = this.#terminal.status === undefined ? now : -Infinity;
    }
    const pause = this.#terminal.status === undefined ? pipePause : terminalPause;
    if (now - this.#shownAt < pause) return;
    this.#shownAt = now;
    const seconds = (now - this.#start.at) / 1000;
    const rate = (done - this.#start.done) / seconds;
    const speed =
      rate > 0 && seconds > 0.5
        ? `  ${rate.toPrecision(3)} ${unit}/s  ${duration((total - done) / rate)} left`
        : '';
    const text = `${what}  ${done}/${total}${note === '' ? '' : `  ${note}`}${speed}`;
    if (this.#terminal.status === undefined) this.#terminal.err(text);
    else this.#terminal.status(text);
  }

  /** Takes the line off a terminal, before something else is printed. */
  clear(): void {
    this.#what = '';
    this.#terminal.status?.('');
  }
}

/** `47 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
