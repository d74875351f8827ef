import { createStore, isEqual } from "./store.ts";
import type { Store, Unsubscribe } from "./store.ts";

/** An object that stands for another one, which its owner may exchange while everybody keeps what they were given. */
export interface StandIn<T extends object> {
  /**
   * Methods go to the present object. Stores in it stay the same for their subscribers, who are told when the next
   * object's value differs. A method that returns a function has subscribed: after an exchange the subscription is made
   * again, with the same arguments, at the next object. Parts with methods of their own are stood in for in the same
   * way; plain values are those of the present object. Work under way stays with the object on which it began.
   */
  readonly part: T;
  /** Completes also when somebody who is told of it throws; the first failure is thrown afterwards, as by a store. */
  readonly exchange: (next: T) => void;
}

/** What is behind one name of the object. */
interface Facet {
  readonly value: unknown;
  exchange(next: unknown): void;
}

interface Subscription {
  readonly args: readonly unknown[];
  /** What the method returned. */
  stop: unknown;
}

function end(subscription: Subscription): void {
  const { stop } = subscription;
  subscription.stop = undefined;
  if (typeof stop === "function") Reflect.apply(stop, undefined, []);
}

/** As they are at the beginning, each of them also when one throws. Throws the first failure afterwards. */
function actOnAll<T>(items: Iterable<T>, act: (item: T) => void): void {
  const failures: unknown[] = [];
  for (const item of Array.from(items)) {
    try {
      act(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isStore(value: object): value is Store<unknown> {
  return "value" in value && "subscribe" in value;
}

/** Something that acts, as opposed to data. */
function isActing(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return false;
  if (prototype !== null && prototype !== Object.prototype) return true;
  return Object.values(value).some((member) => typeof member === "function");
}

function storeFacet(first: Store<unknown>): Facet {
  // What differs was decided by the store that is followed.
  const relay = createStore(first.value, Object.is);
  const follow = (store: Store<unknown>): Unsubscribe =>
    store.subscribe((value) => {
      relay.set(value);
    });
  let stop = follow(first);
  return {
    value: relay,
    exchange(next) {
      if (!isObject(next) || !isStore(next)) return;
      stop();
      stop = follow(next);
      if (!isEqual(relay.value, next.value)) relay.set(next.value);
    },
  };
}

function methodFacet(present: () => object, key: PropertyKey): Facet {
  const subscriptions = new Set<Subscription>();
  const call = (args: readonly unknown[]): unknown => {
    const method: unknown = Reflect.get(present(), key);
    if (typeof method !== "function") throw new TypeError(`${String(key)} is not a method`);
    return Reflect.apply(method, present(), args);
  };
  const hold = (args: readonly unknown[], stop: unknown): Unsubscribe => {
    const subscription = { args, stop };
    subscriptions.add(subscription);
    return () => {
      if (subscriptions.delete(subscription)) end(subscription);
    };
  };
  return {
    value: (...args: unknown[]): unknown => {
      const result = call(args);
      return typeof result === "function" ? hold(args, result) : result;
    },
    exchange() {
      actOnAll(subscriptions, (subscription) => {
        if (!subscriptions.has(subscription)) return;
        end(subscription);
        subscription.stop = call(subscription.args);
        // Whoever is told something at once may have heard enough.
        if (!subscriptions.has(subscription)) end(subscription);
      });
    },
  };
}

function partFacet(first: object): Facet {
  const { part, exchange } = createStandIn(first);
  return {
    value: part,
    exchange(next) {
      if (isObject(next)) exchange(next);
    },
  };
}

/** Of the same type, with nothing in it: the first object must not live as long as what stands for it. */
function shellOf<T extends object>(first: T): T {
  const shell = { ...first };
  for (const key of Reflect.ownKeys(shell)) Reflect.deleteProperty(shell, key);
  return shell;
}

/** Stands for `first` to begin with. */
export function createStandIn<T extends object>(first: T): StandIn<T> {
  let present = first;
  const facets = new Map<PropertyKey, Facet>();
  const facetOf = (key: PropertyKey, value: unknown): Facet | undefined => {
    if (typeof value === "function") return methodFacet(() => present, key);
    if (!isObject(value)) return undefined;
    if (isStore(value)) return storeFacet(value);
    return isActing(value) ? partFacet(value) : undefined;
  };
  const part = new Proxy(shellOf(first), {
    get(_shell, key) {
      const known = facets.get(key);
      if (known !== undefined) return known.value;
      const value: unknown = Reflect.get(present, key);
      const facet = facetOf(key, value);
      if (facet === undefined) return value;
      facets.set(key, facet);
      return facet.value;
    },
    has: (_shell, key) => key in present,
    set: () => false,
  });
  return {
    part,
    exchange(next) {
      present = next;
      actOnAll(facets, ([key, facet]) => {
        facet.exchange(Reflect.get(next, key));
      });
    },
  };
}
