-- Jobs that have not ended and were begun before $1. Served by jobs_open_idx, but for paused ones.
select id, verb, state from kiroku.jobs where state in ('queued', 'running', 'paused') and created_at < $1::timestamptz order by created_at, id
