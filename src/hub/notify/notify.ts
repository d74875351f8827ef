import { AppError } from "../../core/errors.ts";
import type {
  ChannelBody,
  ChannelTest,
  ChannelView,
  NotificationSettings,
} from "../../protocol/fleet/channels.ts";

export class ChannelNotFoundError extends AppError {
  static readonly code = "CHANNEL_NOT_FOUND";
  constructor(message = "There is no such channel", options?: ErrorOptions) {
    super("notFound", ChannelNotFoundError.code, message, options);
  }
}

/** Where messages of the fleet go. Secrets go in and never come out again. */
export interface Notify {
  readonly settings: NotificationSettings;
  /** Rejects with `ValidationError` (no such time zone) or `StorageError`. */
  changeSettings(settings: NotificationSettings): Promise<NotificationSettings>;
  /** By id. */
  channels(): readonly ChannelView[];
  /** Rejects with `ValidationError` or `StorageError`. At most 64 channels. */
  add(channel: ChannelBody): Promise<ChannelView>;
  /**
   * Secrets that are left out stay, unless the server is another one: then they have to be given again. Rejects with
   * `ChannelNotFoundError`, too.
   */
  replace(id: number, channel: ChannelBody): Promise<ChannelView>;
  remove(id: number): Promise<void>;
  /** Sends a message now, past the queue. Never rejects for what the server does; with `ChannelNotFoundError`. */
  test(id: number): Promise<ChannelTest>;
  /** The same for a channel that is not saved. */
  tryOut(channel: ChannelBody): Promise<ChannelTest>;
}
