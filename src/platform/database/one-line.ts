/** A statement as a log line has it. */
export function oneLine(sql: string): string {
  return sql.replace(/\s+/g, ' ').trim();
}
