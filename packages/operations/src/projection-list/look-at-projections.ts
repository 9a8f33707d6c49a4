import { isKirokuError } from '@kiroku/core';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { openProjectionFigures } from '../config/open-projection-stores.ts';
import { listProjections, type ProjectionStatus } from './list-projections.ts';

/** `listProjections` of an installation; `undefined` if its databases cannot be read, which is theirs to tell. */
export async function lookAtProjections(installation: Installation): Promise<readonly ProjectionStatus[] | undefined> {
  try {
    const databases = await connectionUrls(installation, 'service');
    const { application } = installation.config;
    await using figures = openProjectionFigures(databases, { application, applicationName: 'kiroku-status' });
    return await listProjections(figures);
  } catch (error) {
    if (isKirokuError(error)) return undefined;
    throw error;
  }
}
