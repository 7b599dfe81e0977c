import { tableText, type Table } from './table';

/** The tables of a run, in the order in which they began. */
export class Report {
  private readonly tables = new Map<string, Table>();

  /** Rows under a title that is there already are put to its table. */
  add(table: Table): void {
    const before = this.tables.get(table.title);
    this.tables.set(table.title, before === undefined ? table : { ...before, rows: [...before.rows, ...table.rows] });
  }

  text(): string {
    return [...this.tables.values()].map((table) => `\n${tableText(table)}\n`).join('');
  }

  json(): string {
    return JSON.stringify({ made: new Date().toISOString(), tables: [...this.tables.values()] }, undefined, 2);
  }
}
