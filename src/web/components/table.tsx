import type { ComponentChildren, JSX } from "preact";
import { commonText } from "../i18n/common-text.ts";
import { Icon } from "./icons.tsx";

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Figures stand at the end of their column. */
  readonly align?: "start" | "end";
  readonly sortable?: boolean;
  /** For a column of buttons: its title is only read out. */
  readonly hideTitle?: boolean;
}

export interface Sorting {
  readonly by: string;
  readonly isDescending: boolean;
}

export interface TableProps<Row> {
  /** Read out before the table. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  /** Shown instead of rows when there are none. */
  readonly empty?: ComponentChildren;
  readonly sorting?: Sorting | undefined;
  readonly onSort?: ((sorting: Sorting) => void) | undefined;
}

type HeaderProps<Row> = { readonly column: Column<Row> } & Pick<
  TableProps<Row>,
  "sorting" | "onSort"
>;

function SortButton<Row>({ column, sorting, onSort }: HeaderProps<Row>): JSX.Element {
  const { id, title } = column;
  const isSorted = sorting?.by === id;
  return (
    <button
      type="button"
      title={commonText.t("table.sortBy", { column: title })}
      onClick={() => onSort?.({ by: id, isDescending: isSorted && !sorting.isDescending })}
    >
      {title}
      {isSorted && <Icon name={sorting.isDescending ? "arrowDown" : "arrowUp"} />}
    </button>
  );
}

function HeaderCell<Row>({ column, sorting, onSort }: HeaderProps<Row>): JSX.Element {
  const { id, title, align, sortable = false, hideTitle = false } = column;
  const cell = align === "end" ? "end" : undefined;
  if (!sortable || onSort === undefined) {
    return (
      <th scope="col" class={cell}>
        {hideTitle ? <span class="unseen">{title}</span> : title}
      </th>
    );
  }
  const direction = sorting?.isDescending === true ? "descending" : "ascending";
  return (
    <th scope="col" class={cell} aria-sort={sorting?.by === id ? direction : undefined}>
      <SortButton column={column} sorting={sorting} onSort={onSort} />
    </th>
  );
}

/** On a phone rows stand below each other, and cells have their titles beside them. */
function Cell<Row>({
  column,
  row,
  isLead,
}: {
  readonly column: Column<Row>;
  readonly row: Row;
  readonly isLead: boolean;
}): JSX.Element {
  const { title, align, hideTitle = false } = column;
  const content = column.cell(row);
  return (
    <td class={align === "end" ? "end" : undefined} data-title={hideTitle ? undefined : title}>
      {isLead ? <div class="lead">{content}</div> : content}
    </td>
  );
}

export function Table<Row>(props: TableProps<Row>): JSX.Element {
  const { caption, columns, rows, keyOf, empty, sorting, onSort } = props;
  return (
    <div class="table-frame" role="region" aria-label={caption} tabIndex={0}>
      <table class="table">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) => (
                <Cell key={column.id} column={column} row={row} isLead={index === 0} />
              ))}
            </tr>
          ))}
          {rows.length === 0 && empty !== undefined && (
            <tr>
              <td colSpan={columns.length} class="empty">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
