/** Names and texts written into SQL so that nothing in them is read as SQL. */

export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A scan of Parquet files, e.g. for FROM. */
export function parquetScan(files: readonly string[], filename = false): string {
  return `read_parquet([${files.map(sqlText).join(', ')}]${filename ? ', filename = true' : ''})`
}
