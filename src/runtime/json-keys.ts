/**
 * The first key that occurs twice in one object of a JSON text, at any depth. `JSON.parse` keeps the last of such keys
 * and says nothing. The text must be valid JSON.
 */
export function repeatedKey(json: string): string | undefined {
  const enclosing: Set<string>[] = [];
  let lastString = '""';
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case '{':
        enclosing.push(new Set());
        break;
      case '}':
        enclosing.pop();
        break;
      case '"': {
        const start = i;
        for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++;
        lastString = json.slice(start, i + 1);
        break;
      }
      case ':': {
        // Decoded, because "a" and "\u0061" are one key.
        const key = String(JSON.parse(lastString));
        const keys = enclosing.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
        break;
      }
      default:
    }
  }
  return undefined;
}
