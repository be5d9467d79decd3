import description from '../package.json' with { type: 'json' };

/** The version of netc, as in package.json; the bundle carries it. */
export const version: string = description.version;
