import type { Command } from 'commander';
import { addJobControl } from './job-control.ts';
import { addJobList } from './job-list.ts';
import { addJobResume } from './job-resume.ts';
import { addJobShow } from './job-show.ts';

export function addJob(program: Command): void {
  const job = program.command('job');
  addJobList(job);
  addJobShow(job);
  addJobControl(job, 'pause', 'pause a job: it keeps its place, and whoever runs it stops within a second');
  addJobResume(job);
  addJobControl(job, 'cancel', 'cancel a job for good: whoever runs it stops within a second');
}
