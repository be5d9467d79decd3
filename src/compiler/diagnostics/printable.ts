/** Control characters, and those that turn the direction of the text around them or break a line. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * The text with every character made visible that could move the cursor, colour the terminal or hide what stands
 * there: sources come from strangers. C0 controls become their pictures, others U+FFFD; one character stays one.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}
