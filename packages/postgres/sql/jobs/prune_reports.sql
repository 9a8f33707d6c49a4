-- Removes the reports of a job from $2 to before $3, which count no more. The lower bound keeps it away from rows that are dead but not yet vacuumed.
-- Served by job_reports_pkey.
delete from kiroku.job_reports where job = $1 and number >= $2 and number < $3
