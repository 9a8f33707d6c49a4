/** Where a thread finds the application: functions cannot be handed to it. */
export interface ApplicationModule {
  /** URL of the module, e.g. of `import.meta.resolve('@my/application')`. */
  readonly module: string;
  /** Its export: the application, or a function that gives it. */
  readonly export: string;
  /** What that function is given. */
  readonly argument?: string;
}
