/**
 * Imports the module of a URL. In a file of its own because the bundle of the command line is a script that V8 keeps
 * compiled, which cannot import by itself: scripts/build.mjs puts a function of its loader in this place.
 */
export function importUrl(url: string): Promise<unknown> {
  return import(url);
}
