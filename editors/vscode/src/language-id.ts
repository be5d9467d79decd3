/** What editors and the protocol call the language; see docs/editors.md for why it is not `net`. */
export const languageId = 'netc';
