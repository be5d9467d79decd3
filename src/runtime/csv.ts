/**
 * The fields of one line of a CSV file (RFC 4180): separated by commas; a field in double quotes may hold commas, and a
 * quote written twice. Line breaks inside quotes are not read: no data set here has them.
 */
export function csvFields(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (character === '"' && quoted && line[i + 1] === '"') {
      field += '"';
      i++;
    } else if (character === '"') {
      quoted = !quoted;
    } else if (character === ',' && !quoted) {
      fields.push(field);
      field = '';
    } else {
      field += character;
    }
  }
  return [...fields, field];
}

/**
 * A line of a CSV file (RFC 4180), without its end: numbers with all their digits, nothing for what is undefined, and in
 * quotes what would be read as something else.
 */
export function csvLine(fields: readonly (string | number | undefined)[]): string {
  const quoted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
  return fields.map((field) => quoted(String(field ?? ''))).join(',');
}

/** A text's lines with LF, CRLF or CR ends, without a byte-order mark. */
export function textLines(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
}
