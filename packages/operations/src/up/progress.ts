/** What `up` tells while it works. `text` is one line for people. */
export type UpProgress =
  /** The next thing has begun. */
  | { readonly kind: 'step'; readonly text: string }
  /** Something people should know. */
  | { readonly kind: 'notice'; readonly text: string }
  /** A line of a service's log. */
  | { readonly kind: 'log'; readonly service: string; readonly text: string };
export type OnProgress = (progress: UpProgress) => void;
