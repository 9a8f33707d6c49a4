interface Lock {
  readonly packages: {
    readonly [path: string]: {
      readonly name?: string;
      readonly version?: string;
      readonly integrity?: string;
      readonly optional?: boolean;
    };
  };
}

export function isInstalled(lock: Lock, installed: Lock): boolean;
