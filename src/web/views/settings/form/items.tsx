import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../../../components/button.tsx";
import { Icon } from "../../../components/icons.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";

export interface ItemsProps<T> {
  /** What the list is called, for a screen reader. */
  readonly label: string;
  readonly items: readonly T[];
  /** Empty for items that need no title. */
  readonly titleOf: (item: T, index: number) => string;
  /** Of the button; otherwise it says that something is added, and to what. */
  readonly addTitle?: string;
  /** A new item. */
  readonly blank: () => T;
  /** More ways to add something, beside the button. */
  readonly moreAdds?: ComponentChildren;
  /** Items show only their titles until they are opened; new ones are open. */
  readonly folded?: boolean;
  readonly disabled?: boolean;
  /** Whether something is wrong in an item, which may be folded. */
  readonly isWrong?: (index: number) => boolean;
  readonly children: (item: T, change: (item: T) => void, index: number) => ComponentChildren;
  readonly onChange: (items: readonly T[]) => void;
}

const ACTS = ["up", "down", "remove"] as const;
type Act = (typeof ACTS)[number];

/** What gets the focus after a change: a button of an item, its first field, or, without an item, the button that adds. */
interface Aim {
  readonly name: number | undefined;
  readonly at: Act | "field";
}

/** Names for items that have none, so that each stays itself when it changes its place. */
class ItemNames {
  names: readonly number[] = [];
  /** Those that were added here. */
  readonly added = new Set<number>();
  aim: Aim | undefined;
  #last = 0;

  /** One for each item, also of a list that was changed elsewhere. */
  for(count: number): readonly number[] {
    while (this.names.length < count) this.names = [...this.names, this.next()];
    if (this.names.length > count) this.names = this.names.slice(0, count);
    return this.names;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const copy = [...list];
  copy.splice(to, 0, ...copy.splice(from, 1));
  return copy;
}

function focusOn(frame: HTMLElement, { name, at }: Aim): void {
  const item = frame.querySelector(`:scope > ol > [data-item="${name ?? ""}"]`);
  if (item === null) {
    frame.querySelector<HTMLElement>(":scope > .adds button")?.focus();
    return;
  }
  if (at === "field") {
    const field = ".item-body :is(input, select, textarea, button)";
    item.querySelector<HTMLElement>(field)?.focus();
    return;
  }
  const buttons = [...item.querySelectorAll<HTMLButtonElement>(":scope > .item-bar button")];
  const wanted = buttons[ACTS.indexOf(at)];
  // At the end of the list there is no further.
  const free = wanted?.disabled === false ? wanted : buttons.find(({ disabled }) => !disabled);
  free?.focus();
}

interface Changes<T> {
  readonly names: ItemNames;
  readonly add: () => void;
  readonly act: (index: number, act: Act) => void;
  readonly change: (index: number, item: T) => void;
}

function changesOf<T>({ items, blank, onChange }: ItemsProps<T>, names: ItemNames): Changes<T> {
  const move = (index: number, to: number): void => {
    names.names = moved(names.names, index, to);
    onChange(moved(items, index, to));
  };
  const remove = (index: number): void => {
    names.names = names.names.filter((_name, at) => at !== index);
    names.aim = { name: names.names[index] ?? names.names.at(-1), at: "remove" };
    onChange(items.filter((_item, at) => at !== index));
  };
  return {
    names,
    add() {
      const name = names.next();
      names.names = [...names.names, name];
      names.added.add(name);
      names.aim = { name, at: "field" };
      onChange([...items, blank()]);
    },
    act(index, act) {
      names.aim = { name: names.names[index], at: act };
      if (act === "remove") remove(index);
      else move(index, act === "up" ? index - 1 : index + 1);
    },
    change: (index, item) => onChange(items.with(index, item)),
  };
}

function ItemBar({
  title,
  isFirst,
  isLast,
  onAct,
}: {
  readonly title: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onAct: (act: Act) => void;
}): JSX.Element {
  const { t } = settingsText;
  return (
    <span class="item-bar">
      <Button
        kind="ghost"
        icon="arrowUp"
        label={t("form.up", { item: title })}
        disabled={isFirst}
        onClick={() => onAct("up")}
      />
      <Button
        kind="ghost"
        icon="arrowDown"
        label={t("form.down", { item: title })}
        disabled={isLast}
        onClick={() => onAct("down")}
      />
      <Button
        kind="ghost"
        icon="trash"
        label={t("form.remove", { item: title })}
        onClick={() => onAct("remove")}
      />
    </span>
  );
}

function ItemFrame({
  title,
  isFolded,
  isOpen,
  isWrong,
  children,
}: {
  readonly title: string;
  readonly isFolded: boolean;
  readonly isOpen: boolean;
  readonly isWrong: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  if (!isFolded) return <div class="item-body">{children}</div>;
  return (
    <details open={isOpen}>
      <summary>
        {title}
        {isWrong && (
          <span class="problem" title={settingsText.t("form.wrong")}>
            <Icon name="alert" />
            <span class="unseen">{settingsText.t("form.wrong")}</span>
          </span>
        )}
      </summary>
      <div class="item-body stack">{children}</div>
    </details>
  );
}

/** A list whose items are added, changed, removed and moved, with a mouse or with the keyboard alone. */
export function Items<T>(props: ItemsProps<T>): JSX.Element {
  const { label, items, titleOf, addTitle, moreAdds, folded = false, disabled = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const names = useRef(new ItemNames()).current;
  const changes = changesOf(props, names);
  const known = names.for(items.length);
  useLayoutEffect(() => {
    if (names.aim !== undefined && frame.current !== null) focusOn(frame.current, names.aim);
    names.aim = undefined;
  });
  return (
    <div ref={frame} class="items">
      <ol aria-label={label}>
        {items.map((item, index) => {
          const name = known[index] ?? index;
          const title = titleOf(item, index);
          return (
            <li key={name} data-item={name} class={folded ? "item folded" : "item"}>
              <ItemFrame
                title={title}
                isFolded={folded}
                isOpen={names.added.has(name)}
                isWrong={props.isWrong?.(index) === true}
              >
                {props.children(item, (next) => changes.change(index, next), index)}
              </ItemFrame>
              {!disabled && (
                <ItemBar
                  title={title === "" ? String(index + 1) : title}
                  isFirst={index === 0}
                  isLast={index === items.length - 1}
                  onAct={(act) => changes.act(index, act)}
                />
              )}
            </li>
          );
        })}
      </ol>
      {!disabled && (
        <div class="row wrap adds">
          <Button icon="plus" onClick={changes.add}>
            {addTitle ?? settingsText.t("form.add")}
            {addTitle === undefined && <span class="unseen">: {label}</span>}
          </Button>
          {moreAdds}
        </div>
      )}
    </div>
  );
}
