/** Messages to the service manager; every call is a no-op when not started by one. */
export interface ServiceNotifier {
  ready(): void;
  stopping(): void;
  status(text: string): void;
  /** Interval in which `alive` must be called, or undefined without a watchdog. */
  readonly watchdogMs: number | undefined;
  alive(): void;
}
