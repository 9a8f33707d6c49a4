import type { StoredFigures } from '@kiroku/core';
import type { Metrics } from './metrics.ts';

/** Tells how safe what is stored is: backups, drills, archives, and who follows another history of the log. One service of an application tells it. */
export function tellOfSafety(metrics: Metrics, { safety }: Pick<StoredFigures, 'safety'>): void {
  metrics.figures({
    gauges: ['backupAge', 'backupWentWell', 'backupMissing', 'drillAge', 'drillWentWell', 'drillRto', 'drillRpo'],
    read: async () => ({ ages: await safety.ages(), loggingFor: await safety.loggingForSeconds() }),
    tell: ({ ages, loggingFor }, set) => {
      const [backup, drill] = [ages.find(({ kind }) => kind === 'backup'), ages.find(({ kind }) => kind === 'drill')];
      set('backupMissing', typeof backup?.goodSeconds === 'number' ? 0 : loggingFor);
      if (backup !== undefined) set('backupWentWell', Number(backup.lastWentWell));
      if (typeof backup?.goodSeconds === 'number') set('backupAge', backup.goodSeconds);
      if (typeof drill?.lastWentWell === 'boolean') set('drillWentWell', Number(drill.lastWentWell));
      if (typeof drill?.goodSeconds === 'number') set('drillAge', drill.goodSeconds);
      if (typeof drill?.rtoSeconds === 'number') set('drillRto', drill.rtoSeconds);
      if (typeof drill?.rpoSeconds === 'number') set('drillRpo', drill.rpoSeconds);
    },
  });
  metrics.figures({
    gauges: ['archiveLag', 'archiveFailing'],
    read: () => safety.archives(),
    tell: (archives, set) => {
      for (const { database, lagSeconds, failing } of archives) {
        set('archiveLag', lagSeconds, { database });
        set('archiveFailing', Number(failing), { database });
      }
    },
  });
  metrics.figures({
    gauges: ['otherHistory'],
    read: () => safety.otherHistories(),
    tell: ({ processManagers, consumers, readModels }, set) => {
      set('otherHistory', processManagers, { part: 'process managers' });
      set('otherHistory', consumers, { part: 'consumers' });
      set('otherHistory', readModels, { part: 'read models' });
    },
  });
}
