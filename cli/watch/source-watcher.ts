import { realpathSync, statSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

/** A file as something was told of it: its text, or that it is not there. */
export interface Observation {
  readonly path: string;
  /** Whether one would be told something else now. */
  isStale(): boolean;
}

/** So long nothing must happen before files are looked at, in milliseconds: who writes one may not be done with it. */
const quiet = 50;
/** But where something happens all the time, files are looked at after this. */
const patience = 500;
/** Where the system does not tell of changes, files are looked at this often. */
const pollPause = 1000;

/** A folder that we hear of. */
interface WatchedFolder {
  readonly watcher: FSWatcher;
  /** Which folder had the path when we began. */
  readonly identity: string;
}

/**
 * Waits for changes of files, by what the system tells of their folders. A folder, since editors put a new file in the
 * place of the old, which who watches the old one never hears of, and since a file that is missing has nothing else to
 * be watched. What is heard only says when to look: whether something changed is asked of the files themselves, so that
 * it does not matter that systems report too much, name no file, or tell of one change three times.
 */
export class SourceWatcher {
  private readonly folders = new Map<string, WatchedFolder>();
  /** Whether a folder that matters cannot be watched: no permission, too many watches, a file system that tells nothing. */
  private isDeaf = false;
  private hasHeard = false;
  private heardAt = -Infinity;
  private wake: () => void = () => undefined;
  private readonly listen: typeof watch;

  /** `listen` tells of what happens in a folder, and throws where it cannot. */
  constructor(listen: typeof watch = watch) {
    this.listen = listen;
  }

  /**
   * The paths of those that are no longer as they were observed; waits until there are some. What changed before the
   * call is found too, so that nothing is lost while one computes.
   */
  async changed(observations: readonly Observation[]): Promise<readonly string[]> {
    for (;;) {
      this.hasHeard = false;
      this.watchFolders(foldersOf(observations));
      const isDue = observations.some((observation) => observation.isStale());
      if (!isDue) await this.somethingHeard(this.isDeaf ? pollPause : undefined);
      await this.quietAgain();
      const stale = observations.filter((observation) => observation.isStale());
      if (stale.length > 0) return stale.map(({ path }) => path);
    }
  }

  close(): void {
    this.watchFolders(new Set());
  }

  /** Watches these folders and no others. One that was removed and made anew is another folder. */
  private watchFolders(wanted: ReadonlySet<string>): void {
    for (const [path, { watcher, identity }] of this.folders) {
      if (wanted.has(path) && identityOf(path) === identity) continue;
      watcher.close();
      this.folders.delete(path);
    }
    this.isDeaf = false;
    for (const path of wanted) if (!this.folders.has(path)) this.watchFolder(path);
  }

  private watchFolder(path: string): void {
    const identity = identityOf(path);
    if (identity === undefined) return this.listenLater();
    try {
      const watcher = this.listen(path, (_event, name) => {
        // Linux tells so of the end of the folder itself, and nothing after it, even if one of its name is made again.
        if (name === basename(path)) this.forget(path, watcher);
        this.heard();
      });
      watcher.on('error', () => {
        this.forget(path, watcher);
        this.heard();
      });
      this.folders.set(path, { watcher, identity });
    } catch {
      this.listenLater();
    }
  }

  private listenLater(): void {
    this.isDeaf = true;
  }

  private forget(path: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.folders.get(path)?.watcher === watcher) this.folders.delete(path);
  }

  private heard(): void {
    this.hasHeard = true;
    this.heardAt = performance.now();
    this.wake();
  }

  /** Waits for the next word, or `limit` milliseconds; not at all where something was heard since the last look. */
  private somethingHeard(limit: number | undefined): Promise<void> {
    if (this.hasHeard) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = limit === undefined ? undefined : setTimeout(() => this.wake(), limit);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = () => undefined;
        resolve();
      };
    });
  }

  private async quietAgain(): Promise<void> {
    const end = performance.now() + patience;
    let now: number;
    do {
      await new Promise((resolve) => setTimeout(resolve, quiet));
      now = performance.now();
    } while (now - this.heardAt < quiet && now < end);
  }
}

/** Where something has to happen for one of the files to change. */
function foldersOf(observations: readonly Observation[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const { path } of observations) {
    folders.add(nearestFolder(path));
    // The file may be a link to another folder, where it is written.
    folders.add(nearestFolder(realPath(path)));
  }
  return folders;
}

/** The folder of a path, or the nearest around it that is there. */
function nearestFolder(path: string): string {
  const folder = dirname(path);
  return folder === path || identityOf(folder) !== undefined ? folder : nearestFolder(folder);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What tells a folder from another of its name; undefined where there is none. */
function identityOf(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isDirectory() === true ? `${stats.dev}:${stats.ino}` : undefined;
  } catch {
    return undefined;
  }
}
