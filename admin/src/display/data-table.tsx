/** A table that stays readable at 360 px, where each row becomes a block of labelled lines. */
import { Fragment, type ReactElement, type ReactNode } from "react";

/** One column. */
export interface Column<Row> {
  readonly label: string;
  readonly render: (row: Row) => ReactNode;
}

interface Props<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** What stands below a row in its whole width; null where nothing does. */
  readonly detail?: (row: Row) => ReactNode;
}

export function DataTable<Row>({ caption, columns, rows, rowKey, detail }: Props<Row>): ReactElement {
  return (
    // Roles are repeated because some browsers drop a table's semantics once it is laid out as blocks.
    <table className="data-table" role="table">
      <caption className="sr-only">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.label} role="columnheader" scope="col">
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => {
          const more = detail?.(row) ?? null;
          return (
            <Fragment key={rowKey(row)}>
              <tr role="row">
                {columns.map((column) => (
                  <td key={column.label} role="cell" data-label={column.label}>
                    <div>{column.render(row)}</div>
                  </td>
                ))}
              </tr>
              {more === null ? null : (
                <tr role="row" className="row-detail">
                  <td role="cell" colSpan={columns.length}>
                    {more}
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
