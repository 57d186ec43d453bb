/**
 * What a call needs, loaded by the first call that needs it: a bundler makes files of their own of these modules, which an application does not
 * pay for before it uses them. A new feature becomes a part: its module is imported nowhere else, and its methods run through `run` of
 * loaded-timeseries.ts, which keeps calls in their order. What only some configurations need, such as a calendar, is loaded by `settingsOf` in the same
 * way.
 */
export interface Part<Module> {
  /** Undefined until it is loaded. */
  readonly loaded: Module | undefined
  /** Loads it; again after a failure. */
  load(): Promise<Module>
}

/** A part that `importModule` loads. */
export function part<Module>(importModule: () => Promise<Module>): Part<Module> {
  const part = {
    loaded: undefined as Module | undefined,
    async load() {
      part.loaded ??= await importModule()
      return part.loaded
    },
  }
  return part
}
